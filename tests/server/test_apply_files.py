"""An edit of several files in editors that do it, half do it, or say so: what is sent, checked and looked for."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from lsprotocol import types

from kimi_lsp.server import apply_files as applying
from kimi_lsp.server import preview, sending
from kimi_lsp.server.apply import Applied
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.server.confirm import Consent
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from tests.server.office import ALL, CREATE, DELETE, PLAIN, RENAME, TEXT, Office, does, kinds, stops_before
from tests.server.test_apply import Answer as Says
from tests.server.test_apply import Desk


async def test_all_is_sent_in_one_edit_in_an_order_that_works(tmp_path: Path) -> None:
    desk = Office(tmp_path, does)
    applied = await desk.bring(desk.plan(DELETE, RENAME, CREATE, a="ONE", b="ALPHA"))
    assert applied == Applied("ok")
    assert kinds(desk) == [
        ("edit", "a.py", 1), ("edit", "b.py", None), ("create", "n.py", None), ("edit", "n.py", None),
        ("rename", "b.py", None), ("delete", "old.py", None),
    ]  # fmt: skip
    marks = [
        getattr(part, "annotation_id", None) or part.edits[0].annotation_id  # type: ignore[union-attr]
        for part in desk.sent[0].document_changes or []
    ]
    assert set(marks) == {"kimi"}
    assert desk.document.snapshot().text == TEXT.replace("one", "ONE")


async def test_a_client_without_annotations_gets_none_and_no_options(tmp_path: Path) -> None:
    desk = Office(tmp_path, does, profile=PLAIN)
    assert (await desk.bring(desk.plan(CREATE, RENAME, a="ONE"))).status == "ok"
    assert desk.sent[0].change_annotations is None
    for part in desk.sent[0].document_changes or []:
        assert getattr(part, "options", None) is None
        assert getattr(part, "annotation_id", None) is None


async def test_an_empty_new_file_has_no_edit(tmp_path: Path) -> None:
    desk = Office(tmp_path, does)
    assert (await desk.bring(desk.plan({**CREATE, "text": ""}, a="ONE"))).status == "ok"
    assert kinds(desk) == [("edit", "a.py", 1), ("create", "n.py", None)]


async def test_another_open_file_is_carried_through_what_was_typed(tmp_path: Path) -> None:
    desk = Office(tmp_path, does)
    edited = desk.plan(CREATE, a="ONE", b="ALPHA")
    other = desk.documents.open((tmp_path / "b.py").as_uri(), "python", 7, "# typed\nalpha\nbeta\n")
    desk.type(2, "typed ")
    assert (await desk.bring(edited)).status == "stale"
    desk = Office(tmp_path, does)
    other = desk.documents.open((tmp_path / "b.py").as_uri(), "python", 7, "# typed\nalpha\nbeta\n")
    with desk.document.followed() as log:
        desk.type(2, "typed ")
        applied = await applying.apply_files(cast(KimiServer, desk), desk.document, edited, log, 1)
    assert applied.status == "ok"
    assert other.snapshot().text == "# typed\nALPHA\nbeta\n"
    assert desk.document.snapshot().text == "ONE\ntwo\ntyped three\n"
    assert ("edit", "b.py", 7) in kinds(desk)


@pytest.mark.parametrize("is_open", [True, False])
async def test_an_editor_asks_only_about_what_it_has_open(is_open: bool, tmp_path: Path) -> None:
    desk = Office(tmp_path, does, preview="always")
    desk.choice = "Apply"
    if is_open:
        desk.documents.open((tmp_path / "b.py").as_uri(), "python", 1, "alpha\nbeta\n")
    assert (await desk.bring(desk.plan(CREATE, a="ONE", b="ALPHA"))).status == "ok"
    (annotation,) = (desk.sent[0].change_annotations or {}).values()
    assert annotation.needs_confirmation is is_open
    assert annotation.description == "Sorted. a.py: 1 change; b.py: 1 change; n.py: new file, 1 line."
    assert len(desk.asked) == (0 if is_open else 1)


@pytest.mark.parametrize(
    ("can", "said"),
    [
        (frozenset(), "cannot create or rename or delete files"),
        (frozenset(("create", "rename")), "cannot delete files"),
    ],
)
async def test_what_the_client_cannot_do_is_named(can: frozenset[str], said: str, tmp_path: Path) -> None:
    desk = Office(tmp_path, does, profile=replace(ALL, resource_operations=can))
    applied = await desk.bring(desk.plan(CREATE, RENAME, DELETE, a="ONE"))
    assert applied.status == "refused"
    assert said in applied.sentence
    assert desk.sent == []


async def test_a_client_without_document_changes_edits_one_file_only(tmp_path: Path) -> None:
    desk = Office(tmp_path, does, profile=ClientProfile(apply_edit=True))
    applied = await desk.bring(desk.plan(a="ONE", b="ALPHA"))
    assert applied.sentence.endswith("cannot edit several files at once for a language server.")
    assert desk.sent == []


@pytest.mark.parametrize("says", [False, True])
async def test_half_an_edit_is_told_of(says: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SEEN_WITHIN", 0.01)
    desk = Office(tmp_path, stops_before(3, says=says))
    applied = await desk.bring(desk.plan(CREATE, DELETE, a="ONE"))
    assert applied.status == "failed"
    assert "Changed: a.py, n.py. Not changed: old.py. Undo in the editor" in applied.sentence
    assert ("no space" in applied.sentence) == (not says)


async def test_a_client_that_takes_back_is_believed(tmp_path: Path) -> None:
    def undone(desk: Desk) -> types.ApplyWorkspaceEditResult:
        does(desk)
        desk.document.reset(TEXT, 9)
        return types.ApplyWorkspaceEditResult(applied=False, failure_reason="no space")

    desk = Office(tmp_path, undone, profile=replace(ALL, takes_back=True))
    applied = await desk.bring(desk.plan(CREATE, DELETE, a="ONE"))
    assert applied == Applied("refused", "The editor did not make the edit: no space")


async def test_a_file_that_nobody_shows_us_counts_as_the_editor_says(tmp_path: Path) -> None:
    desk = Office(tmp_path, stops_before(0), does)
    edited = desk.plan(CREATE, b="ALPHA")
    assert (await desk.bring(edited)).status == "refused"
    assert (await desk.bring(edited)).status == "ok"


async def test_a_file_that_the_editor_opens_for_its_edit_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opens_it(text: str) -> Says:
        def do(desk: Desk) -> types.ApplyWorkspaceEditResult:
            desk.documents.open((tmp_path / "b.py").as_uri(), "python", 1, text)
            return does(desk)

        return do

    monkeypatch.setattr(sending, "SEEN_WITHIN", 0.01)
    desk = Office(tmp_path, opens_it("alpha\nbeta\n"))
    assert (await desk.bring(desk.plan(DELETE, b="ALPHA"))).status == "ok"
    desk = Office(tmp_path, opens_it("nothing of it\n"))
    monkeypatch.setattr(Document, "replace", lambda *_given: None)
    assert (await desk.bring(desk.plan(DELETE, b="ALPHA"))).status == "failed"


async def test_an_editor_that_says_yes_and_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SEEN_WITHIN", 0.01)
    desk = Office(tmp_path, stops_before(0, says=True))
    applied = await desk.bring(desk.plan(CREATE, a="ONE"))
    assert applied == Applied("refused", "The editor did not make the edit: every file is as it was.")


async def test_an_editor_that_declines(tmp_path: Path) -> None:
    desk = Office(tmp_path, lambda _desk: types.ApplyWorkspaceEditResult(applied=False))
    applied = await desk.bring(desk.plan(CREATE, a="ONE"))
    assert applied == Applied("refused", "The edit was declined; nothing was changed.")


def test_a_preview_says_what_becomes_of_each_file(tmp_path: Path) -> None:
    desk = Office(tmp_path)
    shown = preview._shown("job", desk.document.uri, desk.plan(CREATE, RENAME, a="ONE"))
    assert shown["summary"] == "Sorted. a.py: 1 change; n.py: new file, 1 line; b.py: renamed to c.py."
    assert [one["kind"] for one in shown["files"]] == ["edit", "create", "rename"]


async def test_what_was_made_and_undone_before_it_was_told_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def undone(desk: Desk) -> types.ApplyWorkspaceEditResult:
        answer = does(desk)
        desk.document.reset(TEXT, 9)
        return answer

    monkeypatch.setattr(sending, "SEEN_WITHIN", 0.01)
    desk = Office(tmp_path, undone)
    assert await desk.bring(desk.plan(CREATE, a="ONE")) == Applied("ok")


async def test_what_was_typed_above_moves_the_documents_own_edit(tmp_path: Path) -> None:
    desk = Office(tmp_path, does)
    with desk.document.followed() as log:
        desk.type(0, "# mine\n")
        edited = desk.plan(CREATE, a="ONE")
        applied = await applying.apply_files(cast(KimiServer, desk), desk.document, edited, log, 1)
    assert applied.status == "ok"
    assert desk.document.snapshot().text == "# mine\nONE\ntwo\nthree\n"


async def test_typing_while_it_is_on_its_way_sends_it_again(tmp_path: Path) -> None:
    def too_late(desk: Desk) -> types.ApplyWorkspaceEditResult:
        desk.type(2, "typed ")
        return types.ApplyWorkspaceEditResult(applied=False)

    desk = Office(tmp_path, too_late, does)
    assert (await desk.bring(desk.plan(CREATE, a="ONE"))).status == "ok"
    assert desk.document.snapshot().text == "ONE\ntwo\ntyped three\n"
    desk = Office(tmp_path, *[too_late] * 9)
    (tmp_path / "n.py").unlink()
    assert (await desk.bring(desk.plan(CREATE, a="ONE"))).status == "stale"
    assert len(desk.sent) == 3


async def test_the_documents_own_renaming_closes_it(tmp_path: Path) -> None:
    def renames(desk: Desk) -> types.ApplyWorkspaceEditResult:
        assert isinstance(desk, Office)
        desk.do()
        desk.documents.close(desk.document.uri)
        return types.ApplyWorkspaceEditResult(applied=True)

    desk = Office(tmp_path, renames)
    own = {"action": "rename", "path": "a.py", "new_path": "z.py"}
    assert (await desk.bring(desk.plan(own, a="ONE"))).status == "ok"


@pytest.mark.parametrize("text", ["new\n", "new\r\n", "new"])
async def test_a_client_that_ends_the_last_line_itself_is_not_sent_its_end(text: str, tmp_path: Path) -> None:
    desk = Office(tmp_path, does, profile=replace(PLAIN, ends_new_files=True))
    assert (await desk.bring(desk.plan({**CREATE, "text": text}))).status == "ok"
    (_, part) = desk.sent[0].document_changes or []
    assert isinstance(part, types.TextDocumentEdit)
    assert [getattr(edit, "new_text", None) for edit in part.edits] == ["new"]


async def test_line_ends_that_the_editor_gives_a_new_file_do_not_count(tmp_path: Path) -> None:
    def on_windows(desk: Desk) -> types.ApplyWorkspaceEditResult:
        does(desk)
        desk.documents.open((tmp_path / "n.py").as_uri(), "python", 2, "new\r\n")
        return types.ApplyWorkspaceEditResult(applied=True)

    desk = Office(tmp_path, on_windows)
    assert (await desk.bring(desk.plan(CREATE, a="ONE"))).status == "ok"


@pytest.mark.parametrize("preview", ["auto", "always", "never"])
@pytest.mark.parametrize("consent", ["none", "part", "seen"])
async def test_doubts_are_asked_about_whatever_the_settings_say(
    preview: str, consent: Consent, tmp_path: Path
) -> None:
    desk = Office(tmp_path, does, profile=PLAIN, preview=preview)
    edited = replace(desk.plan(DELETE, a="ONE"), doubts=("It deletes old.py.",))
    applied = await desk.bring(edited, consent)
    assert applied.status == ("refused" if consent == "none" else "ok")
    assert [question.message for question in desk.asked] == (
        ["Kimi: Refactor. a.py: 1 change; old.py: deleted. It deletes old.py. Apply it?"]
        if consent == "none"
        else []
    )
