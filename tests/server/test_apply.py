"""Landing an edit in editors that answer yes, no, late, wrongly or not at all."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from lsprotocol import types

from kimi_lsp.conversation import Usage
from kimi_lsp.edits import Proposal, plan
from kimi_lsp.features import Edited
from kimi_lsp.project.settings import Settings
from kimi_lsp.project.syntax import SyntaxProblem
from kimi_lsp.server import apply as applying
from kimi_lsp.server import sending
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.server.documents import Document, Documents
from kimi_lsp.server.jobs import Jobs
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import Position

URI = "file:///a.py"
TEXT = "one\ntwo\nthree\nfour\n"
WANTED = TEXT.replace("two", "TWO")
FULL = ClientProfile(apply_edit=True, document_changes=True, change_annotations=True, needs_confirmation=True)

Answer = Callable[["Desk"], types.ApplyWorkspaceEditResult | None]


class Desk:
    """The server's side of an editor, with the editor's answers as a script."""

    def __init__(
        self,
        *answers: Answer,
        profile: ClientProfile = FULL,
        uri: str = URI,
        text: str = TEXT,
        **settings: Any,
    ) -> None:
        self.profile = profile
        self.settings = Settings(**settings)
        self.protocol = SimpleNamespace(encoding="utf-16")
        self.documents = Documents()
        self.document: Document = self.documents.open(uri, "python", 1, text)
        self.jobs = Jobs()
        self.answers = list(answers)
        self.sent: list[types.WorkspaceEdit] = []
        self.asked: list[types.ShowMessageRequestParams] = []
        self.choice: str | None = None

    async def workspace_apply_edit_async(
        self, params: types.ApplyWorkspaceEditParams
    ) -> types.ApplyWorkspaceEditResult:
        self.sent.append(params.edit)
        answer = self.answers[len(self.sent) - 1](self)
        if answer is None:
            await asyncio.get_running_loop().create_future()
            raise AssertionError
        return answer

    async def window_show_message_request_async(
        self, params: types.ShowMessageRequestParams
    ) -> types.MessageActionItem | None:
        self.asked.append(params)
        return None if self.choice is None else types.MessageActionItem(self.choice)

    def type(self, line: int, text: str) -> None:
        place = Position(line, 0)
        self.document.replace(place, place, text, "utf-16", self.document.version + 1)

    async def land(self, edited: Edited | None = None) -> applying.Applied:
        with self.document.followed() as log:
            return await applying.apply(cast(KimiServer, self), self.document, edited or EDITED, log, 1)


EDITED = Edited(
    plan(TEXT, [Proposal(file="a.py", search="one\ntwo\n", replace="one\nTWO\n")]),
    "Kimi: Refactor",
    "Shouts.",
    Usage(),
)
BROKEN = replace(EDITED, syntax=(SyntaxProblem(2, "bad"),))


def makes(desk: Desk) -> types.ApplyWorkspaceEditResult:
    """Make the edit as an editor does, and tell of it as one change."""
    edit = desk.sent[-1]
    changes: list[types.TextEdit | types.AnnotatedTextEdit] = list((edit.changes or {}).get(URI, []))
    for change in edit.document_changes or []:
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == desk.document.version
        changes += [one for one in change.edits if not isinstance(one, types.SnippetTextEdit)]
    for one in sorted(
        changes, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True
    ):
        start, end = (Position(place.line, place.character) for place in (one.range.start, one.range.end))
        desk.document.replace(start, end, one.new_text, "utf-16", desk.document.version + 1)
    return types.ApplyWorkspaceEditResult(applied=True)


def declines(_desk: Desk) -> types.ApplyWorkspaceEditResult:
    return types.ApplyWorkspaceEditResult(applied=False)


def lies(_desk: Desk) -> types.ApplyWorkspaceEditResult:
    return types.ApplyWorkspaceEditResult(applied=True)


async def test_a_plain_edit() -> None:
    desk = Desk(makes)
    assert (await desk.land()).status == "ok"
    assert desk.document.snapshot().text == WANTED
    assert desk.asked == []


async def test_the_user_typed_while_the_edit_was_on_its_way() -> None:
    def too_late(desk: Desk) -> types.ApplyWorkspaceEditResult:
        desk.type(3, "typed ")
        return declines(desk)

    desk = Desk(too_late, makes)
    assert (await desk.land()).status == "ok"
    assert desk.document.snapshot().text == WANTED.replace("four", "typed four")
    assert len(desk.sent) == 2


async def test_it_does_not_try_for_ever() -> None:
    def too_late(desk: Desk) -> types.ApplyWorkspaceEditResult:
        desk.type(3, "x")
        return declines(desk)

    desk = Desk(*[too_late] * 9)
    applied = await desk.land()
    assert applied.status == "stale"
    assert len(desk.sent) == 3


async def test_a_refusal_of_the_editor_is_told_with_its_reason() -> None:
    desk = Desk(
        lambda _desk: types.ApplyWorkspaceEditResult(applied=False, failure_reason="the file is locked")
    )
    applied = await desk.land()
    assert applied.status == "refused"
    assert "the file is locked" in applied.sentence


async def test_an_editor_that_says_yes_and_does_nothing_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SEEN_WITHIN", 0.01)
    desk = Desk(lies)
    applied = await desk.land()
    assert applied.status == "refused"
    assert desk.document.snapshot().text == TEXT


async def test_an_editor_that_does_it_and_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def mute(desk: Desk) -> None:
        makes(desk)

    monkeypatch.setattr(sending, "ANSWER_WITHIN", 0.01)
    assert (await Desk(mute).land()).status == "ok"
    no_apply = replace(FULL, apply_edit=False, change_annotations=False, needs_confirmation=False)
    assert (await Desk(mute, profile=no_apply).land()).status == "ok"


async def test_what_the_user_types_on_top_does_not_count_against_the_edit() -> None:
    def in_one_go(desk: Desk) -> types.ApplyWorkspaceEditResult:
        desk.document.reset(WANTED.replace("four", "four and more"), 2)
        return types.ApplyWorkspaceEditResult(applied=True)

    assert (await Desk(in_one_go).land()).status == "ok"


async def test_an_edit_that_is_undone_before_the_editor_tells_of_it_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def and_undone(desk: Desk) -> types.ApplyWorkspaceEditResult:
        desk.document.reset(TEXT, 3)
        return types.ApplyWorkspaceEditResult(applied=True)

    monkeypatch.setattr(sending, "SEEN_WITHIN", 0.01)
    assert (await Desk(and_undone).land()).status == "ok"


async def test_the_same_lines_changed_meanwhile() -> None:
    desk = Desk(makes)
    with desk.document.followed() as log:
        desk.type(1, "not ")
        applied = await applying.apply(cast(KimiServer, desk), desk.document, EDITED, log, 1)
    assert applied.status == "stale"
    assert "line 2" in applied.sentence
    assert desk.sent == []


async def test_the_document_was_closed_meanwhile() -> None:
    desk = Desk(makes)
    desk.documents.close(URI)
    assert (await desk.land()).status == "stale"
    desk.documents.open(URI, "python", 1, TEXT)
    assert (await desk.land()).status == "stale"
    assert desk.sent == []


@pytest.mark.parametrize(
    ("settings", "edited", "confirmed"),
    [
        ({}, EDITED, False),
        ({}, BROKEN, True),
        ({"preview": "always"}, EDITED, True),
        ({"preview": "never"}, BROKEN, False),
    ],
)
async def test_when_the_user_is_asked_first(
    settings: dict[str, Any], edited: Edited, confirmed: bool
) -> None:
    desk = Desk(makes, **settings)
    assert (await desk.land(edited)).status == "ok"
    (annotation,) = (desk.sent[0].change_annotations or {}).values()
    assert annotation.needs_confirmation is confirmed
    plain = replace(FULL, change_annotations=False, needs_confirmation=False)
    desk = Desk(makes, profile=plain, **settings)
    desk.choice = "Apply"
    assert (await desk.land(edited)).status == "ok"
    assert len(desk.asked) == int(confirmed)


@pytest.mark.parametrize("choice", [None, "Discard"])
async def test_no_means_no(choice: str | None) -> None:
    desk = Desk(makes, profile=replace(FULL, change_annotations=False, needs_confirmation=False))
    desk.choice = choice
    assert (await desk.land(BROKEN)).status == "refused"
    assert desk.sent == []


async def test_who_cannot_be_asked_gets_no_doubtful_edit() -> None:
    desk = Desk(makes, profile=ClientProfile())
    applied = await desk.land(BROKEN)
    assert applied.status == "refused"
    assert "syntax error at line 2" in applied.sentence
    assert desk.sent == []
    assert desk.asked == []


async def test_plain_changes_for_a_client_without_document_changes() -> None:
    desk = Desk(makes, profile=ClientProfile(apply_edit=True))
    assert (await desk.land()).status == "ok"
    assert desk.sent[0].document_changes is None
    assert desk.sent[0].change_annotations is None
