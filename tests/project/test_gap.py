"""Where code is missing, in stories: « and » stand around what is selected, ‸ where the cursor is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.project.gap import Gap, gap, wishes
from kimi_lsp.text import Snapshot, Span


def found(marked: str) -> Gap | None:
    start = min(marked.index(mark) for mark in "«‸" if mark in marked)
    text = marked.replace("«", "", 1).replace("‸", "", 1)
    end = text.index("»") if "»" in text else start
    return gap(Snapshot("file:///a", 1, "", text.replace("»", "", 1)), Span(start, end))


def lines(marked: str) -> str:
    one = found(marked)
    assert one is not None
    return one.span.of(marked.replace("«", "").replace("‸", "").replace("»", ""))


STUBS = {
    "the header of an empty function": "def f(x)‸:\n    '''Doc.\n\n    more'''\n    ...\n",
    "the body of an empty function": "def f(x):\n    '''Doc.'''\n    pass‸\n",
    "only a docstring": "def f(x):\n    '''Doc.\n\n    more‸'''\n",
    "one line": "def f(x): ...‸\n",
    "JavaScript": "export async function f(a) {‸\n  throw new Error('not implemented');\n}\n",
    "an empty body": "func F() int {‸\n}\n",
    "a part of it": "def f(x):\n    «...»\n",
    "Rust": "pub fn f() -> i32 { ‸todo!() }\n",
}


@pytest.mark.parametrize("marked", STUBS.values(), ids=STUBS)
def test_a_stub_is_taken_whole(marked: str) -> None:
    assert lines(f"before = 1\n{marked}after = 1\n") == re.sub("[‸«»]", "", marked)


@pytest.mark.parametrize(
    "marked",
    [
        "‸",
        "def f():\n    return ‸1\n",
        "try:\n    x()\nexcept E:\n    ‸pass\n",
        "x = total * todo‸\n",
        "run(); todo()‸\n",
        "url = 'kimi: x'‸\n",
        "class E(Exception):\n    ‸pass\n",
        "«def f():\n    return 1\n»",
        "# kimi: far\n\ndef f():\n    ‸return 1\n",
    ],
)
def test_nothing_is_missing_here(marked: str) -> None:
    assert found(marked) is None


WISHES = {
    "# kimi: build‸ this form,\n#   see form.png\ndef f():\n    return 1\n": "build this form,\nsee form.png",
    "// Kimi: a list\nfunction f() {‸\n  return null\n}\n": "a list",
    "/* kimi: with two‸ fields,\n   as in form.png */\nfunction f() {\n  x\n}\n": "with two fields,\nas in form.png",
    "/*\n * @kimi: build‸\n * - two fields\n */\nfn f() {\n  x\n}\n": "build\n- two fields",
    "<!-- kimi: a form as in form.png -->‸\n<main>\n  <p/>\n</main>\n": "a form as in form.png",
    "{/* kimi: the list */}‸\n": "the list",
    "-- kimi: total per day‸\n-- by shop\nSELECT 1;\n": "total per day\nby shop",
    "x = 1  # kimi: the real‸ sum\n": "the real sum",
    "# kimi: the sum\n@cache\ndef f():\n    ...‸\n": "the sum",
    "# kimi: the‸ sum\n#[inline]\nfn f() {\n    1\n}\n": "the sum",
    "«# kimi: the sum\n»def f():\n    return 1\n": "the sum",
}


@pytest.mark.parametrize(("marked", "said"), WISHES.items())
def test_a_comment_that_asks_is_read_with_what_it_is_about(marked: str, said: str) -> None:
    one = found(f"before = 1\n{marked}\nafter = 1\n")
    assert one is not None
    assert one.wish == said
    assert lines(f"before = 1\n{marked}\nafter = 1\n") == re.sub("[‸«»]", "", marked)


def test_a_comment_above_a_selection_belongs_to_it() -> None:
    marked = "a = 1\n# kimi: faster\n«def f():\n    return 1\n»b = 2\n"
    assert lines(marked) == "# kimi: faster\ndef f():\n    return 1\n"
    one = found(marked)
    assert one is not None
    assert one.wish == "faster"


def test_a_todo_is_a_note_and_no_instruction() -> None:
    one = found("x = 1\n# TODO(me): as in form.png‸\ny = 2\n")
    assert one == Gap(Span(6, 39), "", "# TODO(me): as in form.png")


@given(st.text(alphabet="ab #/*-<!>:\n\r'\"{}()kimiTODOdef.", max_size=120), st.data())
def test_no_text_makes_it_fail(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    snapshot = Snapshot("file:///a", 1, "", text)
    one = gap(snapshot, Span(start, end))
    if one is not None:
        assert one.span.start <= start
        assert one.span.end >= min(end, snapshot.lines.stop(snapshot.lines.line_at(end)))
        assert one.span.end <= len(text)


def test_a_run_of_signs_is_one_and_nobody_looks_behind_a_very_long_line() -> None:
    for line in ("##### kimi: do it", "///// kimi: do it", f"{'x' * 1000} # kimi: do it"):
        snapshot = Snapshot("file:///a", 1, "", f"{line}\nx = 1\n")
        assert [one.wish for one in wishes(snapshot)] == ["do it"]
    # Two million signs: with a look from each of them to the end this would not come back.
    for line in ("/" * 2_000_000, f"{'y' * 3_000} # kimi: do it"):
        snapshot = Snapshot("file:///a", 1, "", f"{line}\nx = 1\n")
        assert wishes(snapshot) == ()
        assert gap(snapshot, Span(0, 0)) is None or snapshot.text.startswith("/")


def test_all_wishes_of_a_document_are_found_each_place_once() -> None:
    text = "# kimi: one\r\ndef größe():\r\n\treturn 1  # kimi: two\r\n\r\n\r\ns = 'kimi: no'\r\nx = 1  # KIMI : three\r\n"
    found = wishes(Snapshot("file:///a", 1, "python", text))
    assert [one.wish for one in found] == ["one\ntwo", "three"]
    assert [one.unwritten for one in found] == [False, False]
