"""Changes of names are told from other changes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.edits.renaming import holds, is_name, only_renames

TEXT = "def größe(ls):\r\n\ts = sum(ls)  # of ls\r\n\treturn f'{s} ls', 's', x.s\r\n"


def test_whole_words_change_and_nothing_else() -> None:
    names = {"s": "total", "ls": "prices"}
    renamed = re.sub(r"\b(ls|s)\b", lambda match: names[match[1]], TEXT)
    assert only_renames(TEXT, renamed, names)
    assert only_renames(TEXT, TEXT, {})
    for other in (
        renamed.replace("sum(", "max("),
        renamed.replace("\r\n", "\n"),
        renamed.replace("\t", "    "),
        renamed.replace("  #", " #"),
        renamed + "\n",
        TEXT.replace("größe", "total"),
    ):
        assert not only_renames(TEXT, other, names)


@given(st.text("ab_é1 .\n"), st.text("ab_é1 .\n"))
def test_without_names_only_the_same_text_will_do(one: str, two: str) -> None:
    assert only_renames(one, two, {}) is (one == two)


@given(st.text("ab é.", max_size=30), st.sampled_from(["a", "b", "é", "ab"]))
def test_a_word_that_is_held_is_one_that_renaming_would_change(text: str, word: str) -> None:
    renamed = re.sub(rf"(?<!\w){word}(?!\w)", "neu", text)
    assert holds(text, word) is (renamed != text)
    assert only_renames(text, renamed, {word: "neu"})


def test_what_can_be_a_name() -> None:
    assert all(map(is_name, ("a", "_a1", "größe", "Ω")))
    assert not any(map(is_name, ("", "1a", "a b", "a.b", "a-b", "a\n")))
