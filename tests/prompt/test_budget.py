"""The estimate of a text: high enough, additive, and closer with a ratio."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.prompt.budget import THIRTIETHS, estimate, weigh

RATIOS = st.floats(0.5, 2.0)


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("a" * 30, 11), ("a" * 300, 110), ("漢", 2), ("漢" * 100, 110)]
)
def test_a_third_of_a_token_or_a_whole_one_and_a_tenth_more(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


@given(st.text())
def test_without_a_ratio_the_weight_is_exact(text: str) -> None:
    others = sum(not char.isascii() for char in text)
    assert weigh(text) == 11 * (len(text) - others) + 33 * others


@given(st.lists(st.text(max_size=50), max_size=8), RATIOS)
def test_parts_never_come_to_less_than_the_whole(parts: list[str], ratio: float) -> None:
    assert estimate("".join(parts), ratio) <= sum(estimate(part, ratio) for part in parts)
    assert weigh("".join(parts), ratio) <= sum(weigh(part, ratio) for part in parts)


@given(st.text(min_size=1), RATIOS)
def test_a_ratio_scales_the_estimate(text: str, ratio: float) -> None:
    assert weigh(text, ratio) - 1 < weigh(text) * ratio + 1e-6
    assert estimate(text, ratio) * THIRTIETHS >= weigh(text) * ratio - 1e-6
