"""An editor with a folder, whose answers are a script: what it was sent is kept, and can be done in its buffers."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from lsprotocol import types

from kimi_lsp.conversation import Usage
from kimi_lsp.edits import Answer, EditPlan, plan_files
from kimi_lsp.features import Edited
from kimi_lsp.project import files
from kimi_lsp.server import apply_files as applying
from kimi_lsp.server import uris
from kimi_lsp.server.apply import Applied
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.server.confirm import Consent
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
        root.mkdir(exist_ok=True)
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
