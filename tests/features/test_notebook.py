"""Which other cells of a notebook go along with one."""

import pytest

from kimi_lsp.features import Wish, with_cells
from kimi_lsp.prompt import Target
from kimi_lsp.text import Snapshot, Span


def cells(*texts: str) -> list[Snapshot]:
    return [Snapshot(f"cell:{number}", 1, "python", text) for number, text in enumerate(texts)]


def shown(texts: tuple[str, ...], own: int, budget: int = 64_000) -> list[tuple[str, str]]:
    every = cells(*texts)
    wish = with_cells(Wish(Target(every[own], Span(0, 0), "a.ipynb#cell", budget)), every)
    return [(dict(pairs)["place"], text) for name, pairs, text in wish.more if name == "cell"]


def test_all_of_them_in_their_order_but_empty_ones() -> None:
    texts = ("import os\r\n", "größe = 1", " \n", "mine", "print(größe)\n")
    assert shown(texts, 3) == [
        ("above", "import os\r\n"),
        ("above", "größe = 1"),
        ("below", "print(größe)\n"),
    ]


@pytest.mark.parametrize("own", [0, 1, 2])
def test_the_nearest_where_not_all_fit(own: int) -> None:
    large = "word " * 4_000
    texts = (
        (large, "near", "mine")
        if own == 2
        else ("near", "mine", large)
        if own == 1
        else ("mine", "near", large)
    )
    assert [text for _, text in shown(texts, own, budget=6_000)] == ["near"]


def test_a_document_that_is_no_cell_has_none() -> None:
    wish = Wish(Target(Snapshot("file:///a.py", 1, "python", ""), Span(0, 0), "a.py"))
    assert with_cells(wish, cells("x")) is wish
