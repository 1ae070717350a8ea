"""`kimi-lsp review`: suggestions as a linter prints its findings, and with `--apply` those that fit together, written."""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from kimi_lsp import features
from kimi_lsp.cli import writing
from kimi_lsp.cli.exit_codes import OK, REFUSED
from kimi_lsp.cli.terminal import Outcome, Waiting, finished, settings_at, source_of, span_of
from kimi_lsp.connect import open_model
from kimi_lsp.edits import EditPlan
from kimi_lsp.edits.carry import LineEdit
from kimi_lsp.edits.refusal import Overlap
from kimi_lsp.edits.sameness import digest
from kimi_lsp.features import Asking, Edited, Reviewed, Suggestion, Wanted
from kimi_lsp.kimi.dismissed import Dismissed
from kimi_lsp.project import files, syntax
from kimi_lsp.text import Snapshot, unified


async def review(arguments: argparse.Namespace) -> int:
    """Print the suggestions, and return the exit code."""
    return await finished(arguments, _outcome)


async def _outcome(arguments: argparse.Namespace, environ: Mapping[str, str], waiting: Waiting) -> Outcome:
    root = files.find_root(arguments.file)
    settings = settings_at(root, environ)
    source = source_of(arguments, settings, root)
    snapshot = source.snapshot
    span = span_of(arguments, snapshot)
    if isinstance(span, Outcome):
        return span
    committed = await features.uncommitted(source, environ) if arguments.diff else None
    asking = Asking(source, span, arguments.instruction, committed=committed)
    wish = await asyncio.to_thread(features.wished, "review", asking)
    looks = (settings.tools or arguments.tools) and files.is_marked(root)
    wanted = Wanted("review", wish, features.toolbox(source) if looks else None)
    model = await open_model(settings, environ)
    try:
        found = await features.review(model, wanted.counted(model.ratio(snapshot.language)), waiting.report)
    finally:
        await model.close()
    books = Dismissed.of(environ)
    try:
        names = [digest(one.plan) for one in found.suggestions]
        dismissed = await books.among(names)
    finally:
        await books.close()
    left = tuple(one for one, name in zip(found.suggestions, names, strict=True) if name not in dismissed)
    outcome = _told(arguments, snapshot, wish.target.path, replace(found, suggestions=left))
    more = len(found.suggestions) - len(left)
    return replace(outcome, message=f"{outcome.message} {more} dismissed before.") if more else outcome


def _told(arguments: argparse.Namespace, snapshot: Snapshot, name: str, found: Reviewed) -> Outcome:
    placed = sorted(((_place(snapshot, one), one) for one in found.suggestions), key=lambda pair: pair[0])
    lines = [f"{name}:{line}:{column}: {one.reason}" for (line, column), one in placed]
    suggestions = tuple(
        {
            "line": line,
            "column": column,
            "reason": one.reason,
            "diff": unified(one.plan.text, one.plan.apply(), name),
        }
        for (line, column), one in placed
    )
    message = found.told() if found.suggestions else f"{found.told()} {found.summary}".strip()
    code, status, diff = OK, "ok", ""
    if arguments.apply and found.suggestions:
        edited, taken = _together(snapshot, found)
        doubts = writing.doubts(edited)
        if doubts:
            code, status, message = REFUSED, "refused", f"{' '.join(doubts)} Nothing was written."
        else:
            diff = unified(snapshot.text, edited.plan.apply(), name)
            left = len(found.suggestions) - taken
            rest = (
                f" {left} about the same lines as others {'was' if left == 1 else 'were'} left out."
                if left
                else ""
            )
            message = f"{message} {writing.write(edited, arguments.file, name)}{rest}"
    return Outcome(code, status, message, diff, "\n".join(lines), found.usage, suggestions)


def _place(snapshot: Snapshot, one: Suggestion) -> tuple[int, int]:
    """Return line and column, both from 1, of the first line that a suggestion changes."""
    row = max(0, one.plan.changed_lines[0] - 1)
    content = snapshot.lines.content(row)
    return row + 1, len(content) - len(content.lstrip()) + 1


def _together(snapshot: Snapshot, found: Reviewed) -> tuple[Edited, int]:
    """Put the suggestions together, each unless it meets an earlier one; return the edit and how many are in it."""
    kept: Sequence[LineEdit] = ()
    plan, taken = EditPlan.of(snapshot.text, ()), 0
    for one in found.suggestions:
        with suppress(Overlap):
            plan = EditPlan.of(snapshot.text, [*kept, *one.plan.edits])
            kept, taken = plan.edits, taken + 1
    known = syntax.look(snapshot.text, snapshot.language)
    problems = syntax.new_problems(known, [(hunk.span, hunk.text) for hunk in plan.hunks])
    return Edited(plan, "Kimi: Review", found.summary, found.usage, problems), taken
