"""Usage and money: the server's figures, the rates, and the estimate."""

import pytest

from kimi_lsp.conversation import Image, Message, Reasoning, Request, Text
from kimi_lsp.kimi.cost import CARD_RATES, NO_RATES, measure
from kimi_lsp.kimi.wire.tokens import Tokens

ASK = Request((Message.of("user", "x" * 4000),))


def test_the_worked_example_of_the_model_card() -> None:
    usage = measure(ASK, "", Tokens(prompt=10_000, completion=2_000), CARD_RATES)
    assert usage.cost_usd == pytest.approx(0.0175)
    assert not usage.estimated


def test_searches_are_added_unless_the_server_gave_the_cost() -> None:
    tools = {"web_search": 2, "other": 5}
    assert measure(
        ASK, "", Tokens(prompt=10_000, completion=2_000, tools=tools), CARD_RATES
    ).cost_usd == pytest.approx(0.0475)
    assert measure(ASK, "", Tokens(prompt=1, tools=tools, cost_usd=0.5), CARD_RATES).cost_usd == 0.5
    assert measure(ASK, "", Tokens(prompt=1, cost_usd=0.0), CARD_RATES).cost_usd == 0.0


def test_cached_tokens_have_no_discount_but_are_shown() -> None:
    usage = measure(ASK, "", Tokens(prompt=1_000_000, cached=900_000, reasoning=7), CARD_RATES)
    assert usage.cost_usd == pytest.approx(0.95)
    assert (usage.cached_tokens, usage.reasoning_tokens) == (900_000, 7)


@pytest.mark.parametrize("tokens", [None, Tokens()])
def test_without_figures_there_is_an_estimate(tokens: Tokens | None) -> None:
    usage = measure(ASK, "y" * 400 + "漢字", tokens, CARD_RATES)
    assert (usage.prompt_tokens, usage.completion_tokens, usage.estimated) == (1000, 102, True)
    assert usage.cost_usd == pytest.approx(1000 * 0.95e-6 + 102 * 4e-6)


def test_an_estimate_counts_reasoning_and_pictures() -> None:
    turn = Message("user", (Text("abcd"), Image("image/png", b"")), Reasoning("efgh"))
    assert measure(Request((turn,)), "", None, CARD_RATES).prompt_tokens == 2002


def test_a_model_without_known_prices_costs_nothing() -> None:
    assert measure(ASK, "", Tokens(prompt=10_000, completion=2_000), NO_RATES).cost_usd == 0.0
