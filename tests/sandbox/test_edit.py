from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.edit import LineChange, applied, combined, edits

LINES = st.sampled_from(["", "a", "b", "    a", "é🐍", "x = 1", "pass"])


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[LineChange]]:
    """A text whose lines may all be alike, and changes in any order that may meet."""
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lines = draw(st.lists(LINES, min_size=1, max_size=30))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    count = len(lines)
    changes = []
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, count))
        stop = draw(st.integers(start, min(count, start + 3)))
        new = draw(st.lists(LINES.map(lambda line: f"new {line}"), min_size=start == stop, max_size=3))
        changes.append(LineChange(start, stop, tuple(new)))
    return mark + "".join(line + end for line in lines), changes


@given(cases())
def test_edits_put_in_by_their_line_numbers_are_the_changes(case: tuple[str, list[LineChange]]) -> None:
    text, wanted = case
    document = Document.of("a.py", "python", text)
    changes, left_out = combined(wanted)
    assert len(changes) + len(left_out) <= len(wanted)
    got = text
    end = document.ends[0]
    for edit in reversed(edits(document, changes)):
        # Searches do not share a line, so going from the last to the first keeps the numbers true.
        start = sum(len(line) + len(end) for line in document.lines[: edit["line"] - 1])
        start += len(document.mark) if edit["line"] > 1 else 0
        assert text.startswith(edit["search"], start)
        got = got[:start] + edit["replace"] + got[start + len(edit["search"]) :]
    expected = document.mark + end.join(applied(document, changes)) + end
    whole_file_emptied = not applied(document, changes)
    assert whole_file_emptied or got in (expected, expected.removesuffix(end))


def test_a_search_is_as_short_as_it_can_be_and_unique() -> None:
    document = Document.of("a.py", "python", "x\ny\nx\ny\nz\n")
    (edit,) = edits(document, [LineChange(2, 3, ("new",))])
    assert edit == {"file": "a.py", "search": "y\nx", "replace": "y\nnew", "line": 2}


def test_an_insertion_shows_both_neighbours() -> None:
    document = Document.of("a.py", "python", "x\ny\nz\n")
    (edit,) = edits(document, [LineChange(1, 1, ("new",))])
    assert edit == {"file": "a.py", "search": "x\ny", "replace": "x\nnew\ny", "line": 1}


def test_a_search_does_not_end_in_a_blank_line() -> None:
    document = Document.of("a.py", "python", "x\n\n\ny\nz\n")
    (edit,) = edits(document, [LineChange(1, 1, ("new",))])
    assert (edit["search"], edit["replace"]) == ("x\n\n\ny", "x\nnew\n\n\ny")


def test_a_place_that_nothing_makes_unique_keeps_its_line() -> None:
    document = Document.of("a.py", "python", "x\n" * 40)
    (edit,) = edits(document, [LineChange(20, 21, ("new",))])
    assert (edit["search"], edit["line"]) == ("x", 21)


def test_changes_that_meet_are_left_out_once_and_repetitions_are_dropped() -> None:
    one, two, inside = LineChange(1, 3, ("a",)), LineChange(2, 4, ("b",)), LineChange(2, 2, ("c",))
    assert combined([one, one, two, inside]) == ([one], [two, inside])
    beside = LineChange(1, 1, ("d",))
    assert combined([one, beside]) == ([beside, one], [])
