"""A listing of a model in the spellings that are likely, and the model card where it says nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.kimi.catalog import CARD_MODEL, CatalogEntry, fallback, read_entry


def entry(**fields: Any) -> CatalogEntry:
    read = read_entry({"id": CARD_MODEL, **fields}, CARD_MODEL)
    assert read is not None
    return read


def test_the_model_card() -> None:
    card = fallback(CARD_MODEL)
    assert card == CatalogEntry()
    assert (card.input_usd, card.output_usd, card.search_usd) == (0.95, 4.0, 0.015)
    assert (card.context_tokens, card.max_output_tokens, card.default_max_tokens) == (
        262_144,
        131_072,
        16_384,
    )


def test_another_model_has_no_known_price() -> None:
    assert fallback("llama").input_usd == 0


@pytest.mark.parametrize(
    ("field", "value", "tokens"),
    [
        ("context_window", 1000, 1000),
        ("context_length", "256K", 262_144),
        ("max_model_len", "131,072", 131_072),
        ("context_window", "lots", 262_144),
        ("context_window", True, 262_144),
        ("context_window", -1, 262_144),
    ],
)
def test_the_context(field: str, value: object, tokens: int) -> None:
    assert entry(**{field: value}).context_tokens == tokens


def test_the_limits_of_an_answer() -> None:
    read = entry(
        supported_parameters=[{"name": "stop"}, {"name": "max_tokens", "default": 8000, "max": 64_000}]
    )
    assert (read.default_max_tokens, read.max_output_tokens) == (8000, 64_000)
    assert entry(max_output_tokens=5).max_output_tokens == 5


@pytest.mark.parametrize(
    "pricing",
    [
        {"input": 2, "output": 8.0, "web_search": 0.02, "cached_input": 0.1},
        {"prompt": "0.000002", "completion": "8e-6", "web_search": "0.02"},
        [
            {"name": "Cached input", "unit": "1M tokens", "rate": 0.1},
            {"name": "Input", "unit": "1M tokens", "rate": "$2.00"},
            {"name": "Output", "unit": "1M tokens", "rate": "$8.00 / 1M"},
            {"name": "Web search", "unit": "call", "rate": 0.02},
        ],
    ],
)
def test_prices_in_several_spellings(pricing: object) -> None:
    read = entry(pricing=pricing)
    assert (read.input_usd, read.output_usd, read.search_usd) == pytest.approx((2.0, 8.0, 0.02))


@pytest.mark.parametrize("pricing", [None, "cheap", [1], {"input": "free"}, {"input": -1}, {"input": True}])
def test_prices_that_are_none_leave_the_card(pricing: object) -> None:
    assert entry(pricing=pricing).input_usd == 0.95


@pytest.mark.parametrize(
    "listing",
    [
        {"data": {"id": CARD_MODEL, "context_window": 7}},
        {"data": [{"id": "other"}, {"id": CARD_MODEL, "context_window": 7}]},
        {"context_window": 7},
    ],
)
def test_the_envelopes_of_a_listing(listing: object) -> None:
    read = read_entry(listing, CARD_MODEL)
    assert read is not None
    assert (read.context_tokens, read.source) == (7, "service")


@pytest.mark.parametrize(
    "listing", [None, [], 3, {"id": "other"}, {"data": []}, {"error": {"message": "no"}}]
)
def test_what_is_no_listing_of_the_model(listing: object) -> None:
    assert read_entry(listing, CARD_MODEL) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "pricing", "data", "rate", "input", "max"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_listing_breaks_the_reader(listing: object) -> None:
    read = read_entry(listing, CARD_MODEL)
    assert read is None or read.source == "service"
