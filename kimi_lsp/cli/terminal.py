"""`kimi-lsp explain | refactor | fix`: the editor's features, in a terminal.

The diff or the explanation goes to stdout; what is being waited for, and what went wrong, to stderr.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kimi_lsp import features
from kimi_lsp.cli.exit_codes import FAILED, OK, REFUSED, USAGE
from kimi_lsp.connect import Connected, open_model
from kimi_lsp.conversation import ModelError, Usage
from kimi_lsp.features import Edited, FeatureError, Phase, Source
from kimi_lsp.project import files, languages, syntax
from kimi_lsp.project.settings import load
from kimi_lsp.prompt import PromptError, Target
from kimi_lsp.text import Diagnostic, Snapshot, unified


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one command came to; with `--json` this is what is printed."""

    code: int
    status: str
    message: str = ""
    diff: str = ""
    markdown: str = ""
    usage: Usage | None = None


async def run(arguments: argparse.Namespace) -> int:
    """Run one feature and show what came of it."""
    waiting = _Waiting(shown=sys.stderr.isatty() and not arguments.json)
    try:
        outcome = await _outcome(arguments, os.environ, waiting)
    except (ModelError, PromptError, files.FileProblem) as error:
        outcome = Outcome(FAILED, "failed", str(error))
    except FeatureError as error:
        outcome = Outcome(REFUSED, "refused", str(error), usage=error.usage)
    finally:
        waiting.clear()
    _show(outcome, as_json=arguments.json)
    return outcome.code


async def _outcome(arguments: argparse.Namespace, environ: Mapping[str, str], waiting: "_Waiting") -> Outcome:
    path: Path = arguments.file
    root = files.find_root(path)
    loaded = load(root=root, environ=environ)
    for remark in loaded.remarks:
        print(f"kimi-lsp: {remark}", file=sys.stderr)
    snapshot = Snapshot(path.as_uri(), None, languages.of(path), files.read_text(path))
    first, last = arguments.lines if "lines" in arguments else (arguments.line, arguments.line)
    if last > len(snapshot.lines):
        return Outcome(
            USAGE, "failed", f"{path.name} has {len(snapshot.lines)} lines; there is no line {last}."
        )
    span = snapshot.line_span(first - 1, last - 1)
    target = features.target(Source(snapshot, path, (root,), loaded.settings.exclude), span)
    model = await open_model(loaded.settings, environ)
    try:
        if arguments.command == "explain":
            explained = await features.explain(model, target, waiting.report)
            return Outcome(OK, "ok", markdown=explained.markdown, usage=explained.usage)
        edited = await _edit(arguments, model, target, waiting)
    finally:
        await model.close()
    return _edited(arguments, path, target, edited)


async def _edit(
    arguments: argparse.Namespace, model: Connected, target: Target, waiting: "_Waiting"
) -> Edited:
    if arguments.command == "refactor":
        return await features.refactor(model, target, arguments.instruction, waiting.report)
    return await features.fix(model, target, _problems(arguments, target), waiting.report)


def _problems(arguments: argparse.Namespace, target: Target) -> list[Diagnostic]:
    if arguments.message:
        return [Diagnostic(target.span, arguments.message)]
    found = syntax.problems(target.snapshot.text, target.snapshot.language) or ()
    return [Diagnostic(target.span, problem.message) for problem in found if problem.line == arguments.line]


def _edited(arguments: argparse.Namespace, path: Path, target: Target, edited: Edited) -> Outcome:
    before, after = target.snapshot.text, edited.plan.apply()
    diff = unified(before, after, target.path)
    message = edited.summary
    if edited.syntax:
        found = edited.syntax[0]
        message = f"This edit brings a syntax error at line {found.line}: {found.message}."
        if arguments.apply and not arguments.force:
            return Outcome(
                REFUSED,
                "refused",
                f"{message} Nothing was written; --force writes it.",
                diff,
                usage=edited.usage,
            )
    if arguments.apply and after != before:
        files.write_text_atomically(path, after, expected=before)
        message = f"{message} {target.path} was written.".strip()
    return Outcome(OK, "ok", message, diff, usage=edited.usage)


def _show(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {name: value for name, value in asdict(outcome).items() if name != "code"}
        print(json.dumps(told, ensure_ascii=False))
        return
    if outcome.diff or outcome.markdown:
        print(visible(outcome.diff or outcome.markdown).rstrip("\n"))
    prefix = "" if outcome.code == OK else "kimi-lsp: "
    spent = f"({outcome.usage.sentence()})" if outcome.usage and outcome.usage.completion_tokens else ""
    line = " ".join(part for part in (visible(outcome.message), spent) if part)
    if line:
        print(prefix + line, file=sys.stderr)


def visible(text: str) -> str:
    """Return a text with its control characters made visible: a model's answer must not steer the terminal."""
    return "".join(
        char if char in "\n\t" or char.isprintable() else _escaped(char)
        for char in text.replace("\r\n", "\n")
    )


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


class _Waiting:
    """The one line that tells where the work stands, on a terminal only."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def report(self, phase: Phase) -> None:
        if self._shown:
            print(f"\r\x1b[K{visible(phase.sentence())}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
