"""An edit shown before it is made, by a client that can: `kimi/preview`. The user takes it, a part of it, or asks again.

The texts shown are those that the edit was planned on; what is taken goes through the change log like any other edit,
so that typing on while a preview is open is safe. Nothing is changed here.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from pygls.exceptions import JsonRpcException

from kimi_lsp.edits import CreateFile, DeleteFile, EditFile, EditPlan, FileStep, RenameFile
from kimi_lsp.features import Edited
from kimi_lsp.server import confirm, uris
from kimi_lsp.server.plain import InvalidParams, field
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import Lines, harmless, unified

logger = logging.getLogger(__name__)

Json = dict[str, Any]

DECIDED_WITHIN = 3600.0
"""Seconds for a person to look at an edit; one that is not answered by then is not made."""
UNANSWERED = "The preview was not answered; nothing was changed."


@dataclass(frozen=True, slots=True)
class Taken:
    """What the user wants of the edit."""

    edited: Edited


@dataclass(frozen=True, slots=True)
class Again:
    """The user wants another answer; the remark says what is wrong with this one."""

    remark: str
    of: Edited
    """The answer that it is about."""


@dataclass(frozen=True, slots=True)
class Declined:
    """Nothing is to be changed; the sentence says why."""

    sentence: str


Decision: TypeAlias = Taken | Again | Declined


async def decide(server: KimiServer, job: str, uri: str, edited: Edited) -> Decision:
    """Show an edit of a document and wait for the user's word. Cancelling takes the preview back."""
    # Whole texts are put together and compared.
    shown = await asyncio.to_thread(_shown, job, uri, edited)
    asking = server.protocol.send_request_async("kimi/preview", shown)
    try:
        with server.jobs.aside():
            given = await asyncio.wait_for(asking, DECIDED_WITHIN)
        answer = field({"answer": given}, "answer", dict)
        action = field(answer, "action", str)
        if action == "again":
            return Again(field({"remark": "", **answer}, "remark", str).strip(), _meant(edited, answer))
        if action == "accept":
            meant = _kept(uri, _meant(edited, answer), answer)
            return Taken(replace(meant, usage=edited.paid))
        return Declined(confirm.DECLINED if action == "reject" else _odd("action"))
    except TimeoutError:
        return Declined(UNANSWERED)
    except JsonRpcException as error:
        logger.info("a preview was not shown: %s", str(error) or "no answer")
        return Declined("Nothing was changed: the editor could not show the edit.")
    except InvalidParams as problem:
        return Declined(_odd(str(problem)))


def _odd(what: str) -> str:
    return f"Nothing was changed: the editor's answer to the preview cannot be read ({what})."


def _meant(edited: Edited, answer: Mapping[str, Any]) -> Edited:
    """Return the one of several answers that the user means, the first where nothing is said. Raises InvalidParams."""
    number = field({"alternative": 0, **answer}, "alternative", int)
    every = (edited, *edited.others)
    if number not in range(len(every)):
        raise InvalidParams("alternative")
    return every[number]


def _shown(job: str, uri: str, edited: Edited) -> Json:
    shown = {"job": job, **_answer(uri, edited), "cost": edited.paid.sentence()}
    if edited.others:
        shown["alternatives"] = [_answer(uri, one) for one in (edited, *edited.others)]
    return shown


def _answer(uri: str, edited: Edited) -> Json:
    steps: Sequence[FileStep] = edited.files or (EditFile(uris.name(uri), edited.plan),)
    part = (harmless.message(edited.partial.sentence),) if edited.partial else ()
    return {
        "title": harmless.message(edited.label),
        "summary": harmless.message(" ".join(part for part in (edited.summary, edited.told()) if part)),
        "cost": edited.usage.sentence(),
        "trouble": " ".join((*part, *edited.doubts, *confirm.trouble(edited))),
        "files": [_file(uri, edited, step) for step in steps],
    }


def _file(uri: str, edited: Edited, step: FileStep) -> Json:
    where = _uri(uri, edited, step)
    match step:
        case EditFile(path, plan):
            before, after = plan.text, plan.apply()
            return _entry(where, "edit", before, after, path, _hunks(plan))
        case CreateFile(path, text):
            return _entry(where, "create", "", text, path)
        case RenameFile(_, new_path):
            new = {"newUri": edited.place(new_path).as_uri()}
            return {**_entry(where, "rename", "", "", step.path), **new}
        case DeleteFile(path):
            return _entry(where, "delete", "", "", path)


def _entry(uri: str, kind: str, before: str, after: str, path: str, hunks: Sequence[Json] = ()) -> Json:
    diff = harmless.visible(unified(before, after, path))
    return {"uri": uri, "kind": kind, "before": before, "after": after, "diff": diff, "hunks": list(hunks)}


def _hunks(plan: EditPlan) -> list[Json]:
    lines = Lines.of(plan.text)
    end = "\r\n" if "\r\n" in plan.text else "\n"
    found = []
    for index, edit in enumerate(plan.edits):
        place = {"index": index, "start": edit.first, "end": edit.last}
        before = lines.text[lines.start(edit.first) : lines.start(edit.last)]
        found.append({**place, "before": before, "after": "".join(f"{line}{end}" for line in edit.new)})
    return found


def _kept(uri: str, edited: Edited, answer: Mapping[str, Any]) -> Edited:
    """Return the part of an edit that the user wants. Raises InvalidParams."""
    if answer.get("hunks") is None:
        return edited
    wanted = field(answer, "hunks", dict)
    if not edited.files:
        if uri not in wanted:
            raise InvalidParams("hunks")
        return replace(edited, plan=_part(edited.plan, wanted[uri]))
    known = [(_uri(uri, edited, step), step) for step in edited.files]
    if not set(wanted) <= {where for where, _ in known}:
        raise InvalidParams("hunks")
    steps: list[FileStep] = []
    own = EditPlan.of(edited.plan.text, ())
    for where, step in known:
        if where in wanted and not wanted[where]:
            continue
        kept = step
        if isinstance(step, EditFile):
            kept = EditFile(step.path, _part(step.plan, wanted[where])) if where in wanted else step
            own = kept.plan if where == uri else own
        steps.append(kept)
    return replace(edited, plan=own, files=tuple(steps))


def _part(plan: EditPlan, indexes: Any) -> EditPlan:
    of = range(len(plan.edits))
    if not isinstance(indexes, list) or not all(type(one) is int and one in of for one in indexes):
        raise InvalidParams("hunks")
    return EditPlan.of(plan.text, [plan.edits[one] for one in sorted(set(indexes))])


def _uri(uri: str, edited: Edited, step: FileStep) -> str:
    """Return the URI of what a step changes: the document's own is the one that the editor uses."""
    if not edited.files:
        return uri
    path, own = edited.place(step.path), uris.path(uri)
    return uri if own is not None and own.resolve() == path.resolve() else path.as_uri()
