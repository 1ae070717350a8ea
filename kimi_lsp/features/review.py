"""Review a document, a selection or what is not committed yet: suggestions, each an edit that fits and why to make it.

Nothing is changed. A suggestion whose edit does not fit the text is dropped and counted; none is made to fit.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kimi_lsp.conversation import Model, Usage
from kimi_lsp.edits import AnswerReader, Beyond, EditPlan, Hunk, NotShown, Proposal, Refusal, Suggested, plan
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.file_changes import replaced
from kimi_lsp.features.outcome import NotSent, NotUnderstood, Phase, Report
from kimi_lsp.features.reading import Told, offered, read_with_tools
from kimi_lsp.features.target import Source, target, whole
from kimi_lsp.features.turn import looked_at
from kimi_lsp.features.wanted import Wanted, plain
from kimi_lsp.project.committed import committed
from kimi_lsp.project.git import GitFailed
from kimi_lsp.project.syntax import Known, new_problems
from kimi_lsp.prompt import Section, Target, repair
from kimi_lsp.text import Snapshot, Span, gaps
from kimi_lsp.text.diff import unified
from kimi_lsp.text.harmless import message

_MOST = 50
"""Suggestions that are kept; more than a person looks through."""
_LONGEST = 200
"""Characters of a reason; the rest is cut."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One edit of a document, and one line on why to make it."""

    reason: str
    plan: EditPlan


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What came of a review."""

    suggestions: tuple[Suggestion, ...]
    """In the model's order, each by itself: two of them may be about the same lines."""
    summary: str
    usage: Usage
    dropped: tuple[str, ...] = ()
    """Why others were left out, one clause each."""
    part: str = ""
    """Which lines the model was shown, for example `lines 1-900`, where all of the document was meant and did not fit."""

    def told(self) -> str:
        """Return a sentence such as `3 suggestions; 1 more does not fit the text.`."""
        count, lost = len(self.suggestions), len(self.dropped)
        said = f"{count or 'No'} suggestion{'' if count == 1 else 's'}"
        if lost:
            said += f"; {lost}{' more' if count else ''} {'does' if lost == 1 else 'do'} not fit the text"
        return f"{said}. Only {self.part} fit into the request." if self.part else f"{said}."


async def uncommitted(source: Source, environ: Mapping[str, str]) -> str:
    """Return the document's text in the last commit, empty for a new file. Raises NotSent; cancelling ends git."""
    if source.path is None:
        raise NotSent("Nothing was sent to the model: only a file can have been committed.")
    try:
        return await committed(source.path, environ, source.roots)
    except GitFailed as failure:
        raise NotSent(str(failure)) from failure


def reviewing(asking: Asking) -> Wish:
    """Return what is to be reviewed: what is selected, else the whole document. Raises NotSent."""
    source = asking.source
    meant = target(source, asking.span) if len(asking.span) else whole(source)
    more: tuple[Section, ...] = ()
    if asking.committed is not None:
        # Git stores the ends of lines in its own way; they are no change of the user's.
        diff = unified(_plain(asking.committed), _plain(source.snapshot.text), meant.path)
        if not diff:
            raise NotSent(f"Nothing was sent to the model: all of {meant.path} is committed.")
        # Of a new file all is new, and a diff would only say it twice.
        more = (("diff", (), diff),) if asking.committed else ()
        if not len(asking.span):
            meant = replace(meant, span=_changed(asking.committed, source.snapshot))
    return Wish(meant, asking.instruction.strip(), label="Kimi: Review", more=more)


async def review(model: Model, wanted: Wanted, report: Report) -> Reviewed:
    """Ask for suggestions, and once more where the answer cannot be read.

    Raises NotUnderstood, EndlessReading, conversation.ModelError and prompt.PromptError.
    """
    about = wanted.target
    first = await asyncio.to_thread(plain, wanted)
    part = "" if len(about.span) else first.part
    asked, toolbox = offered(first, wanted.tools, about.budget)
    readings = None
    with looked_at(about.snapshot) as looking:
        for may_repair in (True, False):
            told = await read_with_tools(model, asked, report, toolbox, readings, AnswerReader)
            asked, readings = told.prompt, told.readings
            report(Phase("checking"))
            known = await looking
            try:
                return replace(await asyncio.to_thread(_reviewed, about, known, told), part=part)
            except Refusal as refusal:
                if not may_repair:
                    raise NotUnderstood(str(refusal), readings.usage) from refusal
                report(Phase("repairing", note="the answer cannot be read; asking once more"))
                asked = repair(asked, told.reply.message, refusal.for_model)
    raise AssertionError("unreachable: the second round returns or raises")


def _reviewed(about: Target, known: Known, told: Told) -> Reviewed:
    """Plan each suggestion by itself. Raises Refusal where the answer as a whole cannot be read."""
    answer = told.review()
    restore = told.prompt.redaction.restore
    kept: dict[tuple[Hunk, ...], Suggestion] = {}
    dropped: list[str] = []
    for one in answer.suggestions[:_MOST]:
        try:
            found = _planned(about, known, one, [_restored(edit, told) for edit in one.edits])
        except Refusal as refusal:
            dropped.append(message(str(refusal).partition(": ")[2]))
        else:
            kept.setdefault(found.hunks, Suggestion(_line(restore(one.reason)), found))
    return Reviewed(tuple(kept.values()), _line(restore(answer.summary)), told.readings.usage, tuple(dropped))


def _planned(about: Target, known: Known, one: Suggested, edits: list[Proposal]) -> EditPlan:
    others = sorted({edit.file for edit in edits} - {about.path, ""})
    if others:
        raise NotShown(others, [about.path])
    found = plan(about.snapshot.text, edits)
    if not found.hunks or not one.reason.strip():
        raise Beyond("it changes nothing, or does not say why.")
    broken = new_problems(known, replaced(found))
    if broken:
        # It would be made without a question, so it has to be right.
        raise Beyond(f"it brings a syntax error at line {broken[0].line}: {broken[0].message}.")
    return found


def _changed(committed: str, snapshot: Snapshot) -> Span:
    """Return the lines from the first that is not committed to the last, so that these are shown, however long the file."""
    found = gaps(_plain(committed).split("\n"), _plain(snapshot.text).split("\n"))
    first, last = min(gap.k for gap in found), max(gap.m for gap in found)
    return snapshot.line_span(first, max(first, last - 1))


def _restored(edit: Proposal, told: Told) -> Proposal:
    restore = told.prompt.redaction.restore
    return edit.model_copy(update={"search": restore(edit.search), "replace": restore(edit.replace)})


def _line(text: str) -> str:
    line = message(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
