"""The guess of a request's tokens, and the ratio that is learned from what was counted."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.conversation import Image, Message, Reasoning, Request, Schema, Text, Tool, ToolCall
from kimi_lsp.conversation.estimate import HIGHEST_RATIO, LOWEST_RATIO, learned, request_tokens


def test_everything_that_is_sent_is_counted() -> None:
    parameters = {"type": "object"}
    text = "a" * 30 + "漢字"
    request = Request(
        (
            Message("user", (Text(text), Image("image/png", b"x"))),
            Message(
                "assistant", (Text("b" * 30),), Reasoning("c" * 30), (ToolCall("1", "d" * 10, "e" * 20),)
            ),
        ),
        Schema("edits", parameters),
        tools=(Tool("f" * 10, "g" * 20, parameters),),
    )
    shape = len(json.dumps(parameters))
    assert request_tokens(request) == 2_000 + -(-(30 + 6 + 30 + 30 + 30 + 30 + 2 * shape) // 3)


def test_the_ratio_is_of_the_text_and_not_of_pictures() -> None:
    request = Request((Message("user", (Text("a" * 300), Image("image/png", b"x"))),))
    assert (request_tokens(request), request_tokens(request, 0.5)) == (2_100, 2_050)


def test_a_ratio_comes_closer_with_each_answer() -> None:
    ratio = 1.0
    for _ in range(30):
        ratio = learned(ratio, 1000, 700)
    assert ratio == pytest.approx(0.7, abs=0.01)
    assert learned(1.0, 1000, 700) == pytest.approx(0.94)


def test_what_says_nothing_teaches_nothing() -> None:
    assert learned(1.3, 199, 100) == 1.3
    assert learned(1.3, 1000, 0) == 1.3


@given(
    st.floats(LOWEST_RATIO, HIGHEST_RATIO), st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)))
)
def test_a_ratio_stays_within_its_bounds(ratio: float, answers: list[tuple[int, int]]) -> None:
    for guessed, counted in answers:
        ratio = learned(ratio, guessed, counted)
        assert LOWEST_RATIO <= ratio <= HIGHEST_RATIO
