"""What the tools print, as findings. A form that is not the documented one is a ValueError, never a guess.

A finding's file is here as the tool wrote it, and its column counts from 1 in the tool's own units.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kimi_lsp.project.checkers import forms
from kimi_lsp.project.checkers.failure import LeftOut
from kimi_lsp.project.checkers.found import Found
from kimi_lsp.project.checkers.process import Printed
from kimi_lsp.text import Severity

_SEVERITIES = {
    "error": Severity.ERROR,
    "error: internal compiler error": Severity.ERROR,
    "fatal": Severity.ERROR,
    "warning": Severity.WARNING,
    "information": Severity.INFORMATION,
    "info": Severity.INFORMATION,
}
_TSC = re.compile(
    r"(?P<file>[^\s(].*?)\((?P<line>\d+),(?P<column>\d+)\): (?P<level>\w+) TS(?P<code>\d+): (?P<said>.*)"
)
_GO = re.compile(r"(?:vet: )?(?P<file>.+?\.go):(?P<line>\d+):(?P<column>\d+): (?P<said>.*)")
_TSC_SYNTAX = 1000, 1999
"""The codes of TypeScript's parser."""


def ruff(printed: Printed) -> list[Found]:
    """Read `ruff check --output-format json`."""
    return [
        Found(
            row.location.row,
            row.location.column,
            "" if row.blocking else row.code or "",
            row.message,
            _SEVERITIES.get(row.severity, Severity.WARNING),
            row.filename,
            row.blocking,
        )
        for row in forms.RUFF.validate_json(printed.out)
    ]


def mypy(printed: Printed) -> list[Found]:
    """Read `mypy --output json`: an object a line. Notes say more about an error and are none themselves."""
    rows = [forms.Mypy.model_validate_json(line) for line in printed.out.split("\n") if line.strip()]
    return [
        Found(row.line, row.column + 1, code, row.message, Severity.ERROR, row.file, code == "syntax")
        for row in rows
        if row.severity == "error"
        for code in [row.code or ""]
    ]


def pyright(printed: Printed) -> list[Found]:
    """Read `pyright --outputjson`, which counts from 0."""
    return [
        Found(
            row.range.start.line + 1,
            row.range.start.character + 1,
            row.rule,
            row.message,
            _SEVERITIES.get(row.severity, Severity.INFORMATION),
            row.file,
        )
        for row in forms.Pyright.model_validate_json(printed.out).found
    ]


def tsc(printed: Printed) -> list[Found]:
    """Read `tsc --pretty false`, which has no JSON; indented lines go on with the message before them."""
    found = []
    for line in printed.out.replace("\r\n", "\n").split("\n"):
        told = _TSC.fullmatch(line)
        if told:
            first, last = _TSC_SYNTAX
            found.append(
                Found(
                    int(told["line"]),
                    int(told["column"]),
                    f"TS{told['code']}",
                    told["said"],
                    _SEVERITIES.get(told["level"], Severity.INFORMATION),
                    told["file"],
                    first <= int(told["code"]) <= last,
                )
            )
    return found


def eslint(printed: Printed) -> list[Found]:
    """Read `eslint -f json`. Raises LeftOut where the configuration ignores the file."""
    found = []
    for file in forms.ESLINT.validate_json(printed.out):
        for row in file.messages:
            if row.rule is None and not row.fatal and row.message.startswith("File ignored"):
                raise LeftOut
            severity = Severity.ERROR if row.severity == 2 else Severity.WARNING
            found.append(
                Found(row.line, row.column, row.rule or "", row.message, severity, file.path, row.fatal)
            )
    return found


def cargo(printed: Printed) -> list[Found]:
    """Read `cargo check --message-format json`: an object a line, of which the compiler's messages count."""
    found = []
    for line in printed.out.split("\n"):
        row = forms.Cargo.model_validate_json(line) if line.startswith("{") else None
        if row is None or row.message is None or row.message.level not in _SEVERITIES:
            continue
        message, code = row.message, row.message.code.code if row.message.code else ""
        severity = _SEVERITIES[message.level]
        found += [
            Found(
                span.line_start,
                span.column_start,
                code,
                message.message,
                severity,
                _of_package(span.file_name, row.manifest_path),
                severity == Severity.ERROR and not code,
            )
            for span in message.spans
            if span.is_primary
        ]
    return found


def go(printed: Printed) -> list[Found]:
    """Read `go vet -json`: objects among lines of text, on either output. A package that has errors has only lines.

    The type checker stops at its first error.
    """
    found, text = [], f"{printed.out}\n{printed.err}"
    for told in _objects(text):
        for analyzers in forms.GO_VET.validate_python(told).values():
            for analyzer, rows in analyzers.items():
                if isinstance(rows, forms.GoFailure):
                    continue
                for row in rows:
                    file, line, column = row.posn.rsplit(":", 2)
                    found.append(Found(int(line), int(column), analyzer, row.message, Severity.WARNING, file))
    for line in text.split("\n"):
        error = _GO.fullmatch(line.rstrip("\r"))
        if error:
            place = int(error["line"]), int(error["column"])
            found.append(Found(*place, "", error["said"], Severity.ERROR, error["file"], blocking=True))
    return found


def _objects(text: str) -> Iterator[Any]:
    """Yield the JSON objects that begin at the start of a line."""
    decoder, at = json.JSONDecoder(), 0
    while (begin := re.compile(r"^\{", re.MULTILINE).search(text, at)) is not None:
        told, at = decoder.raw_decode(text, begin.start())
        yield told


def _of_package(file: str, manifest: str) -> str:
    """Return the whole path of a file that the compiler names from the workspace's root, wherever that is."""
    package = Path(manifest).parent
    return str(
        next((up / file for up in (package, *package.parents) if (up / file).exists()), package / file)
    )
