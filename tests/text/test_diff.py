"""A diff that people read must say what really changed: applied by the book, it gives the new text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.text import split, unified

lines = st.lists(
    st.sampled_from(["a\n", "b\n", "c\n", "\n", "d\r\n", "e\r", "f\x0c\n", "g\u2028\n"]), max_size=14
)
texts = st.builds(lambda parts, last: "".join(parts) + last, lines, st.sampled_from(["", "", "z", "y"]))
_HEAD = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n")


def applied(before: str, diff: str) -> str:
    """Apply a unified diff strictly: every context line and every removed line must be there."""
    old, rows = split(before), split(diff)[2:]
    made: list[str] = []
    at = 0
    for index, row in enumerate(rows):
        if head := _HEAD.fullmatch(row):
            first, length = int(head[1]), int(head[2] or 1)
            start = first - 1 if length else first
            made += old[at:start]
            at = start
            assert len(made) == (int(head[3]) - 1 if int(head[4] or 1) else int(head[3]))
        elif row[0] in " -+":
            bare = index + 1 < len(rows) and rows[index + 1].startswith("\\")
            line = row[1:].removesuffix("\n") if bare else row[1:]
            if row[0] != "+":
                assert old[at] == line
                at += 1
            if row[0] != "-":
                made.append(line)
    return "".join(made + old[at:])


@given(texts, texts, st.integers(0, 4))
def test_a_diff_gives_the_new_text(before: str, after: str, context: int) -> None:
    diff = unified(before, after, "a.py", context=context)
    if before == after:
        assert diff == ""
    else:
        assert diff.startswith("--- a/a.py\n+++ b/a.py\n")
        assert applied(before, diff) == after


def test_changes_far_apart_in_a_long_text_are_shown_with_their_context() -> None:
    """Compared as a whole, each line with each, this text would take minutes."""
    old = ["}\n" if row % 3 == 0 else f"line {row // 2}\n" for row in range(50_000)]
    new = ["first\n", *old[1:-1], "last\n"]
    diff = unified("".join(old), "".join(new), "a.c", context=1)
    assert split(diff) == [
        "--- a/a.c\n",
        "+++ b/a.c\n",
        "@@ -1,2 +1,2 @@\n",
        "-}\n",
        "+first\n",
        " line 0\n",
        "@@ -49999,2 +49999,2 @@\n",
        f" {old[-2]}",
        f"-{old[-1]}",
        "+last\n",
    ]


def test_a_text_without_a_final_end_is_marked() -> None:
    assert unified("a\nb", "a\nc", "x").endswith(
        "-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"
    )
