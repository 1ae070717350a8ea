"""What models put around copied lines is taken off where what is left stands in the document, and only there."""

import html
import json
from collections.abc import Callable

import pytest
from hypothesis import given

from kimi_lsp.edits import Refusal, apply
from tests.edits.strategies import Edited, contents, edited

TEXT = "def f(a):\n    if a < 1 & True:\n        say(\"x\", 'y')\n\n    return a\n"
OLD = ("    if a < 1 & True:", "        say(\"x\", 'y')", "", "    return a")
NEW = ("    if a < 2 & True:", "        say(\"x\", 'y')", "", '    say("<a>")', "    return a")


def made(search: str, new: str, *, text: str = TEXT, file: str = "") -> str:
    return apply(text, [{"search": search, "replace": new, "file": file}])


def kind(search: str, new: str, *, text: str = TEXT, file: str = "") -> str:
    with pytest.raises(Refusal) as caught:
        made(search, new, text=text, file=file)
    return caught.value.kind


WANTED = TEXT.replace("< 1", "< 2").replace("    return", '    say("<a>")\n    return')


def whole(lines: tuple[str, ...] | list[str]) -> str:
    return "".join(line + "\n" for line in lines)


@pytest.mark.parametrize("sign", [": ", ":", " | ", "| ", "|", "\t", "→"])
@pytest.mark.parametrize("width", [1, 4])
def test_line_numbers(sign: str, width: int) -> None:
    old, new = ([f"{at:{width}}{sign}{line}" for at, line in enumerate(side, 2)] for side in (OLD, NEW))
    assert made(whole(old), whole(new)) == WANTED
    bare = [line.rstrip() for line in old]
    assert made(whole(bare), whole([line.rstrip() for line in new])) == WANTED


def test_line_numbers_choose_between_equal_places() -> None:
    text = "a = 1\n" + "b\n" * 20 + "a = 1\n"
    assert made("22| a = 1\n", "22| a = 2\n", text=text).endswith("a = 2\n")
    assert made("1| a = 1\n", "1| a = 2\n", text=text).startswith("a = 2\n")


def test_line_numbers_that_do_not_follow_each_other_are_none() -> None:
    assert kind("2: def f(a):\n2:     if a < 1 & True:\n", "2: x\n2: y\n") == "not found"


def test_numbers_that_are_the_text_are_no_line_numbers() -> None:
    assert made("a\n", "1\n2\n", text="a\nb\n") == "1\n2\nb\n"
    assert kind("1\n2\n", "1\n3\n", text="\n\na\n") == "not found"


def test_line_numbers_on_one_side_alone_are_refused() -> None:
    new = [f"{at} | {line}" for at, line in enumerate(NEW, 2)]
    assert kind(whole(OLD), whole(new)) == "wrapped"
    assert kind(whole([f"{at} | {line}" for at, line in enumerate(OLD, 2)]), whole(NEW)) == "not found"


@pytest.mark.parametrize("opening", ["```", "```python", "~~~"])
def test_a_fence(opening: str) -> None:
    old, new = (whole([opening, *side, opening[:3]]) for side in (OLD, NEW))
    assert made(old, new) == WANTED
    assert made(old, "") == TEXT.splitlines(keepends=True)[0]


def test_a_fence_on_one_side_alone_is_refused_but_in_prose() -> None:
    new = whole(["```", *NEW, "```"])
    assert kind(whole(OLD), new) == "wrapped"
    assert made("run it\n", "```\nrun it\n```\n", text="# A\n\nrun it\n", file="a.md").endswith(
        "```\nrun it\n```\n"
    )
    fenced = "```\nx\n```\n\nrun it\n"
    assert made("run it\n", "```\nrun it\n```\n", text=fenced) == "```\nx\n```\n\n```\nrun it\n```\n"


@pytest.mark.parametrize("quote", [True, False])
def test_entities(quote: bool) -> None:
    old, new = (html.escape(whole(side), quote=quote) for side in (OLD, NEW))
    assert made(old, new) == WANTED
    assert made(old.replace("&#x27;", "&#39;"), new.replace("&#x27;", "&#39;")) == WANTED


def test_a_blank_line_after_entities_is_a_line() -> None:
    assert made("&lt;a&gt;\n\n", "&lt;a&gt;\n2\n", text="<a>\n\n") == "<a>\n2\n"


def test_entities_that_only_some_signs_became_may_be_meant() -> None:
    assert kind(html.escape(whole(OLD)), whole(NEW)) in {"not found", "differs"}


def test_entities_of_the_document_itself_stay() -> None:
    text = "<p>a &lt; b</p>\n"
    assert made(text, "<p>a &lt; c</p>\n", text=text) == "<p>a &lt; c</p>\n"


def test_escapes_made_twice() -> None:
    old, new = (json.dumps(whole(side))[1:-1] for side in (OLD, NEW))
    assert made(old, new) == WANTED
    assert kind(old, whole(NEW)) == "not found"


def test_escapes_that_the_document_has_itself_stay() -> None:
    text = 'say("a\\nb")\n'
    assert made(text, 'say("a\\nc")\n', text=text) == 'say("a\\nc")\n'


@pytest.mark.parametrize("name", ["# src/cart.py", "// File: cart.ts", "<!-- a/b.html -->"])
def test_the_name_of_the_file(name: str) -> None:
    assert made(whole([name, *OLD]), whole([name, *NEW])) == WANTED
    assert kind(whole([name, OLD[0]]), whole([NEW[0]])) == "not found"
    assert made(whole([name, "a"]), whole([name, "b"]), text=f"{name}\na\n") == f"{name}\nb\n"


def test_the_marks_of_a_diff() -> None:
    search = "     if a < 1 & True:\n-        say(\"x\", 'y')\n"
    assert made(search, "     if a < 1 & True:\n+        say('z')\n") == TEXT.replace(
        "say(\"x\", 'y')", "say('z')"
    )


def test_a_list_is_no_diff() -> None:
    text = "- a\n- b\n"
    assert made("- a \n- b\n", "- a \n- c\n", text=text) == "- a\n- c\n"


def numbered(lines: tuple[str, ...], first: int) -> str:
    return whole([f"{at} | {line}" for at, line in enumerate(lines, first + 1)])


def fenced(lines: tuple[str, ...], _first: int) -> str:
    return whole(["```", *lines, "```"])


def escaped(lines: tuple[str, ...], _first: int) -> str:
    return html.escape(whole(lines))


def quoted(lines: tuple[str, ...], _first: int) -> str:
    return json.dumps(whole(lines))[1:-1]


def named(lines: tuple[str, ...], _first: int) -> str:
    return whole(["# src/a.py", *lines])


@pytest.mark.parametrize("wrap", [numbered, fenced, escaped, quoted, named], ids=lambda wrap: wrap.__name__)
@given(case=edited())
def test_wrapped_lines_give_what_was_meant_or_nothing(
    wrap: Callable[[tuple[str, ...], int], str], case: Edited
) -> None:
    # Where the search shows nothing of it, what the replacement has is meant.
    if wrap(case.block, case.first) == whole(case.block):
        return
    try:
        result = made(wrap(case.block, case.first), wrap(case.new, case.first), text=case.text)
    except Refusal:
        return
    assert contents(result) == case.left
