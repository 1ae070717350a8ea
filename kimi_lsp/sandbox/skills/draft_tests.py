"""Drafting tests: that what is defined there can be imported and takes the parameters that are written, and no more."""

import ast
import re
from pathlib import PurePosixPath

from kimi_lsp.sandbox.document import Document, Scope
from kimi_lsp.sandbox.edit import LineChange, edits
from kimi_lsp.sandbox.skills.outcome import Outcome
from kimi_lsp.sandbox.skills.signature import parameters

_SCRIPT = re.compile(
    r"[ \t]*export[ \t]+(?:default[ \t]+)?(?:async[ \t]+)?(?:function\*?|class)[ \t]+([A-Za-z_$][\w$]*)"
)
_DRAFT = "drafted by the sandbox: it holds no more than what is written in the header"


def draft(document: Document, selection: tuple[int, int] | None, tests: Document) -> Outcome:
    """Write tests into a document; one without a line is a new file."""
    low, high = selection or (document.first, document.first + len(document.lines) - 1)
    if document.language == "python":
        written = _python(document, (low, high), tests)
    elif document.language.startswith(("javascript", "typescript")):
        written = _script(document, (low, high), tests)
    else:
        return Outcome(f"It cannot test {document.language or 'unknown'} text.")
    if not written:
        return Outcome(
            "There is no function or class at the top of the file that can be imported, or its tests are there."
        )
    if not tests.lines:
        new = {"action": "create", "path": tests.path, "new_path": None, "text": "\n".join([*written, ""])}
        return Outcome(f"Wrote {tests.path}.", more={"files": [new]})
    end = len(tests.lines)
    added = edits(tests, [LineChange(end, end, ("", *written))])
    return Outcome(f"Added to {tests.path}.", more={"edits": added})


def _python(document: Document, place: tuple[int, int], tests: Document) -> list[str]:
    nodes = document.tree.body if document.tree else []
    low, high = (line - document.first + 1 for line in place)
    scopes = [one for one in nodes if isinstance(one, Scope)]
    inside = [one for one in scopes if low <= one.lineno <= high]
    around = [one for one in scopes if one.lineno <= low and high <= (one.end_lineno or one.lineno)]
    chosen = inside or around
    names = [
        one
        for one in chosen
        if not one.name.startswith("_") and f"test_{one.name.lower()}_" not in tests.text
    ]
    path = PurePosixPath(document.path.removeprefix("src/")).with_suffix("")
    module = ".".join(path.parts).removesuffix(".__init__")
    if not names:
        return []
    lines = [] if tests.lines else [f'"""Tests of {module} ({_DRAFT})."""', ""]
    lines += ["import inspect", "", f"from {module} import {', '.join(sorted(one.name for one in names))}"]
    for one in names:
        lines += ["", "", *_test(one)]
    return lines


def _test(one: Scope) -> list[str]:
    if isinstance(one, ast.ClassDef):
        return [
            f"def test_{one.name.lower()}_is_a_class() -> None:",
            f"    assert inspect.isclass({one.name})",
        ]
    names = [name.lstrip("*") for name in parameters(one)]
    shown = ", ".join(f'"{name}"' for name in names)
    return [
        f"def test_{one.name.lower()}_takes_what_its_header_says() -> None:",
        f"    assert list(inspect.signature({one.name}).parameters) == [{shown}]",
    ]


def _script(document: Document, place: tuple[int, int], tests: Document) -> list[str]:
    found = [
        (row + document.first, match[1])
        for row, line in enumerate(document.lines)
        if (match := _SCRIPT.match(line))
    ]
    names = [name for row, name in found if place[0] <= row <= place[1]] or [
        name for row, name in found if row <= place[0]
    ][-1:]
    names = [name for name in names if f'test("{name} ' not in tests.text]
    if not names:
        return []
    steps = len(PurePosixPath(tests.path).parent.parts)
    start = "./" if PurePosixPath(tests.path).parent == PurePosixPath(document.path).parent else "../" * steps
    target = PurePosixPath(document.path).name if start == "./" else document.path
    lines = (
        []
        if tests.lines
        else [f"// Tests of {document.path} ({_DRAFT}).", 'import test from "node:test";', ""]
    )
    lines = [*lines[:2], 'import assert from "node:assert";', ""] if lines else []
    lines.append(f'import {{ {", ".join(sorted(names))} }} from "{start}{target}";')
    for name in names:
        lines += [
            "",
            f'test("{name} can be called", () => {{',
            f'  assert.equal(typeof {name}, "function");',
            "});",
        ]
    return lines
