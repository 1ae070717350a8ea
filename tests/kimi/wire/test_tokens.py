"""Usage in all its places and spellings."""

import json
from typing import Any

import pytest

from kimi_lsp.kimi.wire.chat import ChatDecoder
from kimi_lsp.kimi.wire.tokens import Tokens


def after(*chunks: dict[str, Any]) -> Tokens | None:
    decoder = ChatDecoder()
    for chunk in chunks:
        decoder.feed(json.dumps(chunk))
    return decoder.tokens


USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


@pytest.mark.parametrize(
    "chunks",
    [
        [{"choices": [], "usage": USAGE}],
        [{"choices": [{"delta": {}, "finish_reason": "stop", "usage": USAGE}]}],
        [{"choices": [{"usage": USAGE}]}, {"choices": [], "usage": USAGE}],
        [{"choices": [{"usage": USAGE}], "usage": None}],
        [{"choices": [], "usage": USAGE}, {"choices": [], "usage": None}],
        [
            {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}},
            {"choices": [], "usage": USAGE},
        ],
        [
            {"choices": [], "usage": USAGE},
            {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}},
        ],
    ],
)
def test_the_last_figures_hold(chunks: list[dict[str, Any]]) -> None:
    assert after(*chunks) == Tokens(prompt=10, completion=5)


@pytest.mark.parametrize("usage", [{"cached_tokens": 7}, {"prompt_tokens_details": {"cached_tokens": 7}}])
def test_cached_tokens_in_both_places(usage: dict[str, Any]) -> None:
    assert after({"usage": {**USAGE, **usage}}) == Tokens(prompt=10, completion=5, cached=7)


def test_cached_tokens_of_the_finish_outlive_a_last_event_without_them() -> None:
    assert after(
        {"choices": [{"usage": {**USAGE, "cached_tokens": 7}}]}, {"choices": [], "usage": USAGE}
    ) == Tokens(prompt=10, completion=5, cached=7)


def test_reasoning_tokens() -> None:
    read = after({"usage": {**USAGE, "completion_tokens_details": {"reasoning_tokens": 4}}})
    assert read == Tokens(prompt=10, completion=5, reasoning=4)


@pytest.mark.parametrize(
    "chunks",
    [
        [{"usage": {**USAGE, "cost_usd": 0.5, "tool_usage": {"web_search": 1}}}],
        [{"usage": USAGE, "cost_usd": 0.5, "tool_usage": {"web_search": 1}}],
        [{"usage": USAGE}, {"cost_usd": 0.5, "tool_usage": {"web_search": 1}}],
        [{"usage": {**USAGE, "cost_usd": 0.5, "tool_usage": {"web_search": 1}}}, {"usage": USAGE}],
    ],
)
def test_the_cost_and_the_tools_in_both_places(chunks: list[dict[str, Any]]) -> None:
    assert after(*chunks) == Tokens(prompt=10, completion=5, tools={"web_search": 1}, cost_usd=0.5)


@pytest.mark.parametrize("bad", [None, "7", True, -1, [], {}, 1e300])
def test_figures_that_are_none_count_as_nothing(bad: object) -> None:
    usage = {
        "prompt_tokens": bad,
        "completion_tokens": 5,
        "cached_tokens": bad,
        "cost_usd": bad,
        "tool_usage": bad,
    }
    assert after({"usage": usage}) == Tokens(completion=5)


def test_without_usage_there_are_no_figures() -> None:
    assert after({"choices": []}, {"usage": None}, {"usage": 3}) is None
