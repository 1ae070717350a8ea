"""`kimi-lsp explain`, `refactor`, `fix` and their like: the editor's features, in a terminal.

The diff or the explanation goes to stdout; what is being waited for, and what went wrong, to stderr.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kimi_lsp import features
from kimi_lsp.cli import writing
from kimi_lsp.cli.exit_codes import FAILED, INTERRUPTED, OK, REFUSED, USAGE
from kimi_lsp.cli.patch import patch
from kimi_lsp.connect import open_model
from kimi_lsp.conversation import ModelError, Usage
from kimi_lsp.edits import DeleteFile
from kimi_lsp.features import (
    FEATURES,
    Asking,
    Edited,
    Explained,
    FeatureError,
    Partial,
    Phase,
    Refused,
    Source,
    Wanted,
)
from kimi_lsp.kimi import KimiError, OverBudget
from kimi_lsp.project import files, languages, syntax
from kimi_lsp.project.around.width import Width
from kimi_lsp.project.log import log_to
from kimi_lsp.project.settings import Settings, load
from kimi_lsp.prompt import PromptError, Target
from kimi_lsp.text import Diagnostic, Snapshot, Span, split
from kimi_lsp.text.harmless import visible


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one command came to; with `--json` this is what is printed."""

    code: int
    status: str
    message: str = ""
    diff: str = ""
    markdown: str = ""
    usage: Usage | None = None
    suggestions: tuple[Mapping[str, object], ...] | None = None
    """Of a review; None of anything else."""


Work = Callable[[argparse.Namespace, Mapping[str, str], "Waiting"], Awaitable[Outcome]]


async def run(arguments: argparse.Namespace) -> int:
    """Run one feature and show what came of it."""
    return await finished(arguments, _outcome)


async def finished(arguments: argparse.Namespace, work: Work) -> int:
    """Do work, show what came of it or why nothing did, and return the exit code."""
    waiting = Waiting(shown=sys.stderr.isatty() and not arguments.json)
    try:
        outcome = await work(arguments, os.environ, waiting)
    except OverBudget as error:
        outcome = Outcome(REFUSED, "refused", str(error))
    except (ModelError, PromptError, files.FileProblem) as error:
        spent = error.usage if isinstance(error, KimiError) else None
        outcome = Outcome(FAILED, "failed", str(error), usage=spent)
    except FeatureError as error:
        code = FAILED if error.status == "failed" else REFUSED
        outcome = Outcome(code, error.status, str(error), usage=error.usage)
    except asyncio.CancelledError:
        waiting.clear()
        _show(Outcome(INTERRUPTED, "cancelled", "Interrupted; nothing was changed."), as_json=arguments.json)
        raise
    waiting.clear()
    _show(outcome, as_json=arguments.json)
    return outcome.code


def settings_at(root: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings that hold at a folder; what is to be said of them is said."""
    loaded = load(root=root, environ=environ)
    _log(loaded.settings.log_file)
    for remark in loaded.remarks:
        print(f"kimi-lsp: {visible(remark)}", file=sys.stderr)
    return loaded.settings


def source_of(arguments: argparse.Namespace, settings: Settings, root: Path) -> Source:
    """Return the file as it is on the disk, under the settings and what the options say. Raises FileProblem."""
    path: Path = arguments.file
    # A file in no project has only its folder around it, and that may be anything, such as a home.
    chosen: Width = arguments.context or settings.context
    return Source(
        Snapshot(path.as_uri(), None, languages.of(path), files.read_text(path)),
        path,
        (root,),
        settings.exclude,
        settings.context_tokens,
        settings.max_tokens,
        settings.web_search or arguments.search,
        context=chosen if files.is_marked(root) else "file",
    )


async def _outcome(arguments: argparse.Namespace, environ: Mapping[str, str], waiting: "Waiting") -> Outcome:
    path: Path = arguments.file
    root = files.find_root(path)
    settings = settings_at(root, environ)
    source = source_of(arguments, settings, root)
    snapshot = source.snapshot
    span = span_of(arguments, snapshot)
    if isinstance(span, Outcome):
        return span
    problems = await _problems(arguments, source, span, settings.checkers)
    if isinstance(problems, Outcome):
        return problems
    feature = FEATURES[arguments.kind]
    asking = Asking(
        source,
        span,
        getattr(arguments, "instruction", ""),
        [str(path) for path in getattr(arguments, "media", ())],
        problems,
        frozenset(("create", "rename", "delete")),
        several=True,
        action=next((one for one in settings.actions if one.name == getattr(arguments, "name", "")), None),
    )
    wish = await asyncio.to_thread(features.wished, arguments.kind, asking)
    wants_project = asking.action is not None and asking.action.context == "project"
    looks = (settings.tools or arguments.tools or wants_project) and files.is_marked(root)
    wanted = Wanted(arguments.kind, wish, features.toolbox(source) if looks else None)
    model = await open_model(settings, environ)
    try:
        found = await features.perform(model, wanted.counted(model.ratio(snapshot.language)), waiting.report)
    except Refused as refused:
        if refused.fitting is None or refused.fitting.partial is None:
            raise
        return _partly(arguments, path, wish.target, refused, refused.fitting.partial)
    finally:
        await model.close()
    if isinstance(found, Explained):
        return Outcome(OK, "ok", markdown=found.markdown, usage=found.usage)
    if feature.checked:
        after = found.plan.apply()
        checked = await features.check(wish.target, source, wish.problems, after, settings.checkers)
        found = replace(found, summary=" ".join([found.summary, *(f"{one.sentence()}." for one in checked)]))
    return _edited(arguments, path, wish.target, found)


def span_of(arguments: argparse.Namespace, snapshot: Snapshot) -> Span | Outcome:
    """Return what the options name, or what to tell where there is no such line."""
    if "line" in arguments:
        first = last = arguments.line
    elif getattr(arguments, "lines", None):
        first, last = arguments.lines
    else:
        return Span(0, len(snapshot.text))
    count = len(split(snapshot.text))
    if last > count:
        has = f"has {count} line{'s' if count > 1 else ''}" if count else "is empty"
        name = arguments.file.name
        return Outcome(USAGE, "failed", f"{name} {has}; there is no line {last}.")
    return snapshot.line_span(first - 1, last - 1)


async def _problems(
    arguments: argparse.Namespace, source: Source, span: Span, checkers: Sequence[str]
) -> tuple[Diagnostic, ...] | Outcome:
    """Return the problems to fix, or what to tell where nobody knows one."""
    if arguments.kind == "fixAll":
        return await features.find(source, checkers, arguments.code)
    if arguments.kind != "fix":
        return ()
    message = arguments.message or _found(features.target(source, span), arguments.line)
    return message if isinstance(message, Outcome) else (Diagnostic(span, message),)


def _found(target: Target, line: int) -> str | Outcome:
    """Return what the syntax check says of a line, or what to tell where it says nothing."""
    problems = syntax.problems(target.snapshot.text, target.snapshot.language)
    if problems is None:
        told = f"There is no syntax check for {target.path}; say with --message what the problem is."
        return Outcome(USAGE, "failed", told)
    here = next((problem.message for problem in problems if problem.line == line), None)
    if here is not None:
        return here
    told = f"The syntax check finds no error at line {line}"
    if problems:
        told += f", the first one is at line {problems[0].line}: {problems[0].message}"
    return Outcome(REFUSED, "refused", f"{told}; say with --message what the problem is.")


def _edited(arguments: argparse.Namespace, path: Path, target: Target, edited: Edited) -> Outcome:
    diff = patch(edited, target.path, _deleted(edited))
    doubts = writing.doubts(edited)
    message = " ".join(part for part in (*(doubts or [edited.summary]), edited.told()) if part)
    if doubts and arguments.apply and not arguments.force:
        told = f"{message} Nothing was written; --force writes it."
        return Outcome(REFUSED, "refused", told, diff, usage=edited.usage)
    if arguments.apply:
        message = f"{message} {writing.write(edited, path, target.path)}".strip()
    return Outcome(OK, "ok", message, diff, usage=edited.usage)


def _partly(
    arguments: argparse.Namespace, path: Path, target: Target, refused: Refused, partial: Partial
) -> Outcome:
    """Tell of an answer that fits in part only; what fits is shown and written only if that was asked for."""
    part = refused.fitting
    if part is None or not arguments.partial:
        told = f"{refused} {partial.count} of {partial.of} edits would fit; --partial shows them."
        return Outcome(REFUSED, "refused", told, usage=refused.usage)
    outcome = _edited(arguments, path, target, replace(part, summary=partial.sentence))
    if arguments.apply:
        return outcome
    return replace(outcome, code=REFUSED, status="refused", message=partial.sentence)


def _deleted(edited: Edited) -> dict[str, str]:
    """Return the texts of the files that are to go; one that is no text is left out."""
    texts = {}
    for step in edited.files:
        if isinstance(step, DeleteFile) and edited.root is not None:
            with suppress(files.NotText):
                texts[step.path] = files.read_text(files.locate(edited.root, step.path))
    return texts


def _log(file: str | None) -> None:
    """Log to the user's file, or not at all: what matters is told in the one sentence at the end."""
    if file:
        log_to(file)
    else:
        logging.basicConfig(handlers=[logging.NullHandler()])


def _show(outcome: Outcome, *, as_json: bool) -> None:
    if hasattr(signal, "SIGPIPE"):
        # `| head` ends us without a word, as it ends other commands; the connections are closed by now.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if as_json:
        told: dict[str, Any] = {name: value for name, value in asdict(outcome).items() if name != "code"}
        if outcome.suggestions is None:
            del told["suggestions"]
        print(json.dumps(told))
        return
    if outcome.diff or outcome.markdown:
        print(visible(outcome.markdown or outcome.diff).rstrip("\n"))
    prefix = "" if outcome.code == OK else "kimi-lsp: "
    spent = f"({outcome.usage.sentence()})" if outcome.usage and outcome.usage.completion_tokens else ""
    line = " ".join(part for part in (visible(outcome.message), spent) if part)
    if line:
        print(prefix + line, file=sys.stderr)


class Waiting:
    """The one line that tells where the work stands, on a terminal only."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def report(self, phase: Phase) -> None:
        """Show where the work stands."""
        if self._shown:
            print(f"\r\x1b[K{visible(phase.sentence())}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
