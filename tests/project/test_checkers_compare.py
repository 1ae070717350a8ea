"""Which findings a change took away, kept and brought in."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.project.checkers import TOOLS, Checked, Found, compare
from kimi_lsp.text import Diagnostic, Lines, Severity, Span

RUFF, CARGO, GO = TOOLS["ruff"], TOOLS["cargo"], TOOLS["go"]
BEFORE = "import os\nimport re\n\n\ndef f():\n    return g\n"


def found(line: int, code: str = "F821", message: str = "Undefined name `g`", **more: object) -> Found:
    return replace(Found(line, 1, code, message), **more)  # type: ignore[arg-type]


def problem(text: str, line: int, code: str = "F821", message: str = "Undefined name `g`") -> Diagnostic:
    start = Lines.of(text).start(line - 1)
    return Diagnostic(Span(start, start + 1), message, source="Ruff", code=code)


UNDEFINED = found(6)
UNUSED = found(1, "F401", "`os` imported but unused")


def test_a_problem_that_went_is_fixed() -> None:
    checked = compare(
        RUFF,
        (BEFORE, BEFORE.replace("return g", "return 1")),
        ([UNUSED, UNDEFINED], [UNUSED]),
        [problem(BEFORE, 6)],
    )
    assert checked == Checked("ruff", fixed=1)
    assert checked.sentence() == "ruff: fixed 1, 0 new"


def test_a_finding_that_merely_moved_is_not_new() -> None:
    after = '"""Words."""\n\n' + BEFORE.replace("import os\n", "")
    checked = compare(
        RUFF,
        (BEFORE, after),
        ([UNUSED, UNDEFINED], [found(7)]),
        [problem(BEFORE, 1, "F401", "`os` imported but unused")],
    )
    assert checked == Checked("ruff", fixed=1)


def test_a_problem_on_a_line_that_was_changed_may_be_left() -> None:
    after = BEFORE.replace("    return g", "    x = 1\n    return g + x")
    checked = compare(RUFF, (BEFORE, after), ([UNDEFINED], [found(7)]), [problem(BEFORE, 6)])
    assert checked == Checked("ruff", left=1)
    assert checked.sentence() == "ruff: fixed 0, 1 left, 0 new"


def test_the_same_words_at_a_line_that_had_none_are_new() -> None:
    text = "a = g\nb = 1\nc = 2\nd = 3\ne = 4\n"
    after = text.replace("a = g", "a = 1").replace("e = 4", "e = g")
    checked = compare(RUFF, (text, after), ([found(1)], [found(5)]), [problem(text, 1)])
    assert checked.fixed == 1
    assert checked.new == (found(5),)
    assert checked.sentence() == "ruff: fixed 1, 1 new: F821 Undefined name `g` (line 5)"


def test_the_most_severe_of_several_new_findings_is_told() -> None:
    new = [found(1, "W1", "meh", severity=Severity.WARNING), found(2, "E1", "bad " * 40)]
    checked = compare(RUFF, ("a\nb\n", "c\nd\n"), ([], new), [problem("a\nb\n", 1)])
    assert checked.sentence().startswith("ruff: 1 it had not reported itself, 2 new; first: E1 bad bad")
    assert checked.sentence().endswith("… (line 2)")
    assert len(checked.sentence()) < 160


def test_line_numbers_in_a_message_move_with_the_text() -> None:
    text = "def f(): ...\ndef f(): ...\nx = g\n"
    before = found(2, "F811", "Redefinition of unused `f` from line 1")
    after = found(3, "F811", "Redefinition of unused `f` from line 2")
    checked = compare(
        RUFF,
        (text, "#\n" + text.replace("x = g", "x = 1")),
        ([before, found(3)], [after]),
        [problem(text, 3)],
    )
    assert checked == Checked("ruff", fixed=1)


def test_a_finding_told_at_the_start_of_a_block_stays_when_the_block_grows() -> None:
    text = "import b\nimport a\n"
    one = found(1, "I001", "Import block is un-sorted or un-formatted")
    checked = compare(
        RUFF, (text, "import c\n" + text), ([one], [one]), [problem(text, 1, "I001", one.message)]
    )
    assert checked == Checked("ruff", left=1)


def test_what_a_syntax_error_had_hidden_is_not_new() -> None:
    text = "import os\n\ndef f(\n    pass\n"
    after = text.replace("f(", "f():")
    error = found(3, "", "Expected `)`", blocking=True)
    mine = found(3, "E704", "on the changed line")
    checked = compare(RUFF, (text, after), ([error], [UNUSED, mine]), [problem(text, 3, "", "Expected `)`")])
    assert checked == Checked("ruff", fixed=1, new=(mine,), uncovered=1)
    assert checked.sentence() == (
        "ruff: fixed 1, 1 that an error had hidden, 1 new: E704 on the changed line (line 3)"
    )


def test_a_text_that_does_not_parse_any_more_has_nothing_fixed() -> None:
    after = BEFORE.replace("return g", "return (")
    error = found(7, "", "Expected `)`", blocking=True)
    checked = compare(RUFF, (BEFORE, after), ([UNUSED, UNDEFINED], [error]), [problem(BEFORE, 6)])
    assert checked == Checked("ruff", fixed=0, new=(error,))


def test_a_tool_that_tells_one_error_only_tells_the_next_one_then() -> None:
    text = "a := x\nb := y\n"
    first, second = (
        found(line, "", f"undefined: {name}", blocking=True) for line, name in ((1, "x"), (2, "y"))
    )
    asked = [problem(text, 1, "UndeclaredName", "undefined: x")]
    checked = compare(GO, (text, text.replace("x", "1")), ([first], [second]), asked)
    assert checked == Checked("go", fixed=1, uncovered=1)


def test_warnings_that_only_come_without_errors_are_neither_new_nor_gone() -> None:
    text = "let a = 1;\nlet b: i32 = s;\n"
    warning = found(1, "unused_variables", "unused variable: `a`", severity=Severity.WARNING)
    error = found(2, "E0308", "mismatched types")
    repaired = text.replace("= s", "= 2")
    asked = [problem(text, 2, "E0308", "mismatched types\nexpected `i32`, found `&str`")]
    assert compare(CARGO, (text, repaired), ([error], [warning]), asked) == Checked(
        "cargo", fixed=1, uncovered=1
    )
    asked = [problem(text, 1, "unused_variables", "unused variable: `a`")]
    broken = compare(CARGO, (repaired, text), ([warning], [error]), asked)
    assert broken == Checked("cargo", fixed=0, new=(error,))


def test_findings_in_other_files_are_compared_where_they_are() -> None:
    there, also = found(6, file="b.py"), found(9, "X", "broken by this", file="sub/b.py")
    after = "\n" + BEFORE.replace("return g", "return 1")
    checked = compare(RUFF, (BEFORE, after), ([UNDEFINED, there], [there, also]), [problem(BEFORE, 6)])
    assert checked == Checked("ruff", fixed=1, new=(also,))
    assert checked.sentence().endswith("1 new: X broken by this (sub/b.py, line 9)")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("F821", "in other words"),
        ("TSF821", "undefined name `g`."),
        ("", "Undefined name `g`\n  and more that an editor adds"),
        ("elsewhere", "undefined  name `G`: did you mean `f`?"),
    ],
)
def test_an_editor_may_tell_a_problem_in_other_words(code: str, message: str) -> None:
    after = BEFORE.replace("return g", "return 1")
    checked = compare(RUFF, (BEFORE, after), ([UNDEFINED], []), [problem(BEFORE, 6, code, message)])
    assert (checked.fixed, checked.unseen) == (1, 0)


def test_the_codes_of_typescript_are_bare_in_editors() -> None:
    told = found(1, "TS2304", "Kann nope nicht finden.")
    checked = compare(
        TOOLS["tsc"], ("nope\n", "1\n"), ([told], []), [problem("nope\n", 1, "2304", "no name")]
    )
    assert checked.fixed == 1


@pytest.mark.parametrize(("line", "code", "message"), [(5, "F821", "same"), (6, "X1", "other"), (6, "", "")])
def test_a_problem_that_the_tool_does_not_know_is_not_called_fixed(
    line: int, code: str, message: str
) -> None:
    after = BEFORE.replace("return g", "return 1")
    checked = compare(RUFF, (BEFORE, after), ([UNDEFINED], []), [problem(BEFORE, line, code, message)])
    assert checked == Checked("ruff", unseen=1)
    assert checked.sentence() == "ruff: 1 it had not reported itself, 0 new"


def test_a_finding_counts_for_one_problem() -> None:
    checked = compare(RUFF, (BEFORE, "\n"), ([UNDEFINED], []), [problem(BEFORE, 6)] * 2)
    assert checked == Checked("ruff", fixed=1, unseen=1)


def test_a_tool_that_failed_says_only_that() -> None:
    assert Checked("mypy", reason="it did not finish within 30 s").sentence() == (
        "mypy: not checked, it did not finish within 30 s"
    )


LINES = st.lists(st.sampled_from(["a\n", "b\r\n", "c\n", "\n", "é\n"]), max_size=12)


@given(lines=LINES, above=LINES, data=st.data())
def test_lines_inserted_anywhere_make_nothing_new(
    lines: list[str], above: list[str], data: st.DataObject
) -> None:
    """The inserted lines are unlike all others, so that there is no doubt about which they are."""
    at = data.draw(st.integers(0, len(lines)))
    inserted = [f"new {index}\n" for index in range(len(above))]
    numbers = data.draw(st.lists(st.integers(1, len(lines) + 1), max_size=6)) if lines else []
    before = [found(number, f"C{index % 2}") for index, number in enumerate(numbers)]
    after = [replace(one, line=one.line + (len(inserted) if one.line > at else 0)) for one in before]
    texts = "".join(lines), "".join([*lines[:at], *inserted, *lines[at:]])
    checked = compare(RUFF, texts, (before, after), [problem(texts[0], one.line, one.code) for one in before])
    assert checked.new == ()
    assert checked.fixed == 0
    assert checked.left == len(before)
