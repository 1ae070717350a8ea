"""A placeholder is told from code and from talk that only has dots in it."""

import pytest

from kimi_lsp.edits.omission import is_marker, new_marker, segments

MARKERS = (
    "...",
    "…",
    "    # ... existing code ...",
    "// ...",
    "/* ... */",
    "{/* ... */}",
    "<!-- ... rest of the page ... -->",
    "-- … unchanged …",
    "# rest of the code unchanged",
    "// Rest of your code here",
    "# existing code",
    "// unchanged",
    "# [...]",
    "# (remaining methods stay the same)",
    "/* same as before */",
    "# ... (other tests) ...",
    "... (other tests) ...",
    "... rest of the methods",
)
NO_MARKERS = (
    "",
    "x = ...",
    "call(...args)",
    "...args,",
    "...defaults",
    "def f(): ...",
    "# wait for it...",
    "# the rest of the world is not our concern, and neither is the code",
    "print('...')",
    "# unchanged values keep their old key in the table",
    "Callable[..., int]",
    "# existing files are kept",
    "    ...     perm = free_to_perm[sym]",
    "... for word in words:",
    "... )",
)


@pytest.mark.parametrize("line", MARKERS)
def test_a_marker_is_seen(line: str) -> None:
    assert is_marker(line)
    assert new_marker(["a", "b"], ["a", line]) == line
    assert new_marker(["a", line], ["b", line]) is None


@pytest.mark.parametrize("line", NO_MARKERS)
def test_code_is_no_marker(line: str) -> None:
    assert not is_marker(line)


def test_the_body_of_an_added_stub_is_no_marker() -> None:
    assert new_marker(["class A:"], ["class A:", "    def f(self) -> int:", "        ..."]) is None


def test_a_body_that_shrinks_to_dots_is_left_out() -> None:
    assert new_marker(["def f():", "    return 1"], ["def f(x):", "    ..."]) == "    ..."


def test_dots_before_more_code_are_left_out() -> None:
    assert new_marker(["def f():"], ["def f():", "    ...", "    return 1"]) == "    ..."


def test_lines_are_cut_at_their_markers() -> None:
    assert segments(["...", "a", "# ...", "b", "c"]) == ([[], ["a"], ["b", "c"]], ["...", "# ..."])
