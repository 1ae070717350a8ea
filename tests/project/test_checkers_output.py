"""What tools print in their documented forms, written by hand, is read; anything else is an error, never a guess."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.project.checkers import TOOLS, CheckFailed, Found, output
from kimi_lsp.project.checkers.process import Printed
from kimi_lsp.text import Severity


def printed(*rows: object, err: str = "") -> Printed:
    return Printed("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), err, 1)


def test_ruff() -> None:
    rows = [
        {
            "code": "F401",
            "message": "`os` imported but unused",
            "filename": "a.py",
            "location": {"row": 1, "column": 8},
            "fix": None,
        },
        {
            "code": None,
            "message": "SyntaxError: Expected `)`",
            "filename": "a.py",
            "location": {"row": 2, "column": 3},
            "severity": "error",
        },
    ]
    assert output.ruff(printed(rows)) == [
        Found(1, 8, "F401", "`os` imported but unused", Severity.WARNING, "a.py"),
        Found(2, 3, "", "SyntaxError: Expected `)`", Severity.ERROR, "a.py", blocking=True),
    ]


def test_mypy_without_its_notes() -> None:
    row = {"file": "a.py", "line": 3, "column": 4, "message": "Bad", "hint": None, "code": "arg-type"}
    rows = [
        {**row, "severity": "error"},
        {**row, "severity": "note"},
        {**row, "code": "syntax", "severity": "error"},
    ]
    assert output.mypy(printed(*rows, "")) == [
        Found(3, 5, "arg-type", "Bad", Severity.ERROR, "a.py"),
        Found(3, 5, "syntax", "Bad", Severity.ERROR, "a.py", blocking=True),
    ]


def test_pyright() -> None:
    place = {"start": {"line": 4, "character": 6}, "end": {"line": 4, "character": 9}}
    row = {
        "file": "/w/a.py",
        "severity": "warning",
        "message": "No\n  more",
        "range": place,
        "rule": "reportX",
    }
    told = {"version": "1.1.400", "generalDiagnostics": [row], "summary": {"errorCount": 0}}
    assert output.pyright(printed(told)) == [
        Found(5, 7, "reportX", "No\n  more", Severity.WARNING, "/w/a.py")
    ]


def test_tsc() -> None:
    lines = (
        "src/a (1).ts(3,5): error TS2304: Cannot find name 'x'.\r",
        "  Type 'A' is not assignable to type 'B'.\r",
        "../b.ts(1,11): error TS1109: Expression expected.",
        "error TS18003: No inputs were found in config file 'tsconfig.json'.",
    )
    assert output.tsc(printed(*lines)) == [
        Found(3, 5, "TS2304", "Cannot find name 'x'.", Severity.ERROR, "src/a (1).ts"),
        Found(1, 11, "TS1109", "Expression expected.", Severity.ERROR, "../b.ts", blocking=True),
    ]


def test_eslint() -> None:
    rows = [
        {"ruleId": "no-undef", "severity": 2, "message": "'x' is not defined.", "line": 2, "column": 1},
        {"ruleId": "no-unused-vars", "severity": 1, "message": "unused", "line": 3, "column": 7},
        {
            "ruleId": None,
            "fatal": True,
            "severity": 2,
            "message": "Parsing error: no",
            "line": 1,
            "column": 7,
        },
    ]
    assert output.eslint(printed([{"filePath": "/w/a.js", "messages": rows, "errorCount": 2}])) == [
        Found(2, 1, "no-undef", "'x' is not defined.", Severity.ERROR, "/w/a.js"),
        Found(3, 7, "no-unused-vars", "unused", Severity.WARNING, "/w/a.js"),
        Found(1, 7, "", "Parsing error: no", Severity.ERROR, "/w/a.js", blocking=True),
    ]


def test_eslint_that_ignores_the_file_has_not_looked_at_it() -> None:
    row = {"ruleId": None, "fatal": False, "severity": 1, "message": "File ignored because of its name."}
    with pytest.raises(CheckFailed, match="leaves this file out"):
        output.eslint(printed([{"filePath": "/w/a.js", "messages": [row]}]))


def message(level: str, code: str | None, *spans: tuple[str, int, bool]) -> dict[str, object]:
    return {
        "message": "mismatched types",
        "level": level,
        "code": code and {"code": code, "explanation": None},
        "spans": [
            {"file_name": file, "line_start": line, "column_start": 5, "is_primary": primary}
            for file, line, primary in spans
        ],
        "children": [],
    }


def test_cargo_names_files_from_the_workspaces_root(tmp_path: Path) -> None:
    member = tmp_path / "crates/one"
    (member / "src").mkdir(parents=True)
    (member / "src/lib.rs").touch()
    row = {"reason": "compiler-message", "manifest_path": str(member / "Cargo.toml")}
    rows = (
        {"reason": "compiler-artifact", "manifest_path": "x", "fresh": True},
        {
            **row,
            "message": message(
                "error", "E0308", ("crates/one/src/lib.rs", 2, True), ("crates/one/src/lib.rs", 1, False)
            ),
        },
        {**row, "message": message("warning", "unused_variables", ("crates/one/src/lib.rs", 3, True))},
        {**row, "message": message("error", None, ("src/lib.rs", 4, True))},
        {**row, "message": message("failure-note", None)},
        {"reason": "build-finished", "success": False},
    )
    file = str(member / "src/lib.rs")
    assert output.cargo(printed(*rows)) == [
        Found(2, 5, "E0308", "mismatched types", Severity.ERROR, file),
        Found(3, 5, "unused_variables", "mismatched types", Severity.WARNING, file),
        Found(4, 5, "", "mismatched types", Severity.ERROR, file, blocking=True),
    ]


def test_go_on_either_output() -> None:
    row = {"posn": "/w/a.go:5:24", "end": "/w/a.go:5:26", "message": "wrong type"}
    told = json.dumps({"m": {"printf": [row], "buildtag": {"error": "failed"}}}, indent="\t")
    wanted = [Found(5, 24, "printf", "wrong type", Severity.WARNING, "/w/a.go")]
    assert output.go(printed("# m", told)) == wanted
    assert output.go(printed(err=f"# m\n{told}\n# n\n")) == wanted


def test_go_that_does_not_compile() -> None:
    lines = "# m\n# [m]\nvet: ./a.go:3:32: undefined: nope\nsub/b.go:1:2: missing ','\nexit status 1\n"
    assert output.go(printed(err=lines)) == [
        Found(3, 32, "", "undefined: nope", Severity.ERROR, "./a.go", blocking=True),
        Found(1, 2, "", "missing ','", Severity.ERROR, "sub/b.go", blocking=True),
    ]


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8)


@pytest.mark.parametrize("name", [name for name in TOOLS if name != "tsc"])
@given(text=st.text() | JSON.map(json.dumps) | st.sampled_from(["[" * 100_000, "{" * 100_000, "[{}]", "{}"]))
def test_garbage_is_an_error_or_nothing(name: str, text: str) -> None:
    try:
        found = TOOLS[name].read(Printed(text, "", 1))
    except (ValueError, RecursionError):
        return
    assert found == []


@pytest.mark.parametrize("name", ["ruff", "pyright", "eslint"])
@pytest.mark.parametrize("text", ["", "Done.", '{"a": 1}', '[{"a": 1}]', '[{"code": "F401"'])
def test_one_whole_object_is_expected(name: str, text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        TOOLS[name].read(Printed(text, "", 0))
