"""An edit of several files in editors that do it, half do it, or say so: what is sent, checked and looked for."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from lsprotocol import types

from kimi_lsp.conversation import Usage
from kimi_lsp.edits import Answer, EditPlan, plan_files
from kimi_lsp.features import Edited
from kimi_lsp.project import files
from kimi_lsp.server import apply_files as applying
from kimi_lsp.server import sending, uris
from kimi_lsp.server.apply import Applied
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.server.confirm import Consent
from kimi_lsp.server.documents import Document
from kimi_lsp.server.session import KimiServer
from kimi_lsp.text import Position
from tests.server.test_apply import FULL, Desk
from tests.server.test_apply import Answer as Says

TEXT = "one\ntwo\nthree\n"
ALL = replace(FULL, resource_operations=frozenset(("create", "rename", "delete")))
PLAIN = replace(ALL, change_annotations=False, needs_confirmation=False)


class Office(Desk):
    """A desk whose editor has a folder: `a.py` is open, `b.py` and `old.py` are not."""

    def __init__(self, root: Path, *answers: Says, profile: ClientProfile = ALL, **settings: Any) -> None:
        self.root = root
        for name, text in (("a.py", TEXT), ("b.py", "alpha\nbeta\n"), ("old.py", "x\n")):
            (root / name).write_text(text)
        super().__init__(*answers, profile=profile, uri=(root / "a.py").as_uri(), text=TEXT, **settings)

    def plan(self, *changes: dict[str, Any], **edits: str) -> Edited:
        """Plan changes, and edits that replace the first line of files by a text."""
        texts = {"a.py": TEXT, "b.py": "alpha\nbeta\n"}
        told = [
            {"file": f"{name}.py", "search": texts[f"{name}.py"].split("\n")[0], "replace": new}
            for name, new in edits.items()
        ]
        answer = Answer.model_validate({"summary": "Sorted.", "edits": told, "files": changes})
        found = plan_files(texts, answer, "a.py", lambda path: (self.root / path).exists())
        gone = [change["path"] for change in changes if change["action"] != "create"]
        digests = {path: files.digest(self.root / path) for path in gone}
        own = found.edit_of("a.py") or EditPlan.of(TEXT, ())
        return Edited(own, "Kimi: Refactor", "Sorted.", Usage(), (), found.changes, self.root, digests)

    async def bring(self, edited: Edited, consent: Consent = "none") -> Applied:
        with self.document.followed() as log:
            return await applying.apply_files(cast(KimiServer, self), self.document, edited, log, 1, consent)

    def do(self, stop_before: int = 99) -> None:
        """Do the parts of the last edit, in order, as an editor with buffers that it does not save."""
        for part in (self.sent[-1].document_changes or [])[:stop_before]:
            if isinstance(part, types.CreateFile):
                self.path(part.uri).touch(exist_ok=False)
            elif isinstance(part, types.DeleteFile):
                self.path(part.uri).unlink()
            elif isinstance(part, types.RenameFile):
                self.path(part.old_uri).rename(self.path(part.new_uri))
            else:
                document = self.documents.get(part.text_document.uri)
                for edit in part.edits if document else ():
                    assert not isinstance(edit, types.SnippetTextEdit)
                    assert document is not None
                    start, end = (
                        Position(at.line, at.character) for at in (edit.range.start, edit.range.end)
                    )
                    document.replace(start, end, edit.new_text, "utf-16", document.version + 1)

    @staticmethod
    def path(uri: str) -> Path:
        path = uris.path(uri)
        assert path is not None
        return path


CREATE = {"action": "create", "path": "n.py", "text": "new\n"}
RENAME = {"action": "rename", "path": "b.py", "new_path": "c.py"}
DELETE = {"action": "delete", "path": "old.py"}


def does(desk: Desk) -> types.ApplyWorkspaceEditResult:
    assert isinstance(desk, Office)
    desk.do()
    return types.ApplyWorkspaceEditResult(applied=True)


def stops_before(number: int, *, says: bool = False) -> Says:
    def half(desk: Desk) -> types.ApplyWorkspaceEditResult:
        assert isinstance(desk, Office)
        desk.do(number)
        return types.ApplyWorkspaceEditResult(applied=says, failure_reason=None if says else "no space")

    return half


def kinds(desk: Office) -> list[tuple[str, str, int | None]]:
    out: list[tuple[str, str, int | None]] = []
    for part in desk.sent[-1].document_changes or []:
        match part:
            case types.TextDocumentEdit(text_document=identity):
                out.append(("edit", desk.path(identity.uri).name, identity.version))
            case types.RenameFile(old_uri=old):
                out.append(("rename", desk.path(old).name, None))
            case _:
                out.append((part.kind, desk.path(part.uri).name, None))
    return out


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


def opens(name: str, text: str) -> Callable[[Office], object]:
    return lambda desk: desk.documents.open((desk.root / name).as_uri(), "python", 1, text)


def writes(name: str, text: str) -> Callable[[Office], object]:
    return lambda desk: (desk.root / name).write_text(text)


@pytest.mark.parametrize(
    ("meanwhile", "word"),
    [
        (writes("n.py", "mine\n"), "n.py exists already"),
        (opens("n.py", "mine\n"), "n.py exists already"),
        (writes("c.py", "mine\n"), "c.py exists already"),
        (writes("b.py", "other\n"), "b.py was changed on disk"),
        (writes("old.py", "other\n"), "old.py was changed on disk"),
        (opens("old.py", "x\nunsaved\n"), "old.py has changes that are not saved"),
        (opens("b.py", "ALPHA not\nbeta\n"), "line 1"),
        (lambda desk: (desk.root / "old.py").unlink(), "There is no file"),
        (lambda desk: desk.documents.close(desk.document.uri), "was closed"),
        (lambda desk: (desk.root / "n.py").symlink_to(desk.root.parent), "link to outside"),
    ],
)
async def test_what_happened_meanwhile_stops_it_before_anything_is_sent(
    meanwhile: Callable[[Office], object], word: str, tmp_path: Path
) -> None:
    desk = Office(tmp_path, does)
    edited = desk.plan(CREATE, RENAME, DELETE, a="ONE", b="ALPHA")
    meanwhile(desk)
    applied = await desk.bring(edited)
    assert applied.status == "stale"
    assert applied.sentence.startswith("Nothing was changed: ")
    assert word in applied.sentence
    assert desk.sent == []


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
        ["Kimi: Refactor. It deletes old.py. Apply it?"] if consent == "none" else []
    )
