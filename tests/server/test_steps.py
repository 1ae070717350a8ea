"""Each step of an edit of several files is held against what is open and on the disk, right before it is sent."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from kimi_lsp.edits import EditFile, Proposal, plan
from tests.server.office import CREATE, DELETE, RENAME, Office, does, kinds


def opens(name: str, text: str) -> Callable[[Office], object]:
    return lambda desk: desk.documents.open((desk.root / name).as_uri(), "python", 1, text)


def writes(name: str, text: str) -> Callable[[Office], object]:
    return lambda desk: (desk.root / name).write_text(text)


def replaced_by_a_link(desk: Office) -> None:
    (desk.root / "b.py").rename(desk.root.parent / "b.py")
    (desk.root / "b.py").symlink_to(desk.root.parent / "b.py")


@pytest.mark.parametrize(
    ("meanwhile", "word"),
    [
        (writes("n.py", "mine\n"), "n.py exists already"),
        (opens("n.py", "mine\n"), "n.py exists already"),
        (writes("b.py", "other\n"), "b.py was changed on disk"),
        (writes("old.py", "other\n"), "old.py was changed on disk"),
        (opens("old.py", "x\nunsaved\n"), "old.py has changes that are not saved"),
        (opens("b.py", "ALPHA not\nbeta\n"), "line 1"),
        (lambda desk: (desk.root / "old.py").unlink(), "There is no file"),
        (lambda desk: (desk.root / "b.py").unlink(), "There is no file"),
        (lambda desk: (desk.root / "b.py").chmod(0o444), "b.py is read-only"),
        (lambda desk: (desk.root / "old.py").chmod(0o444), "old.py is read-only"),
        (replaced_by_a_link, "link to outside"),
        (lambda desk: desk.documents.close(desk.document.uri), "was closed"),
        (lambda desk: (desk.root / "n.py").symlink_to(desk.root.parent), "link to outside"),
    ],
)
async def test_what_happened_meanwhile_stops_it_before_anything_is_sent(
    meanwhile: Callable[[Office], object], word: str, tmp_path: Path
) -> None:
    desk = Office(tmp_path, does)
    edited = desk.plan(CREATE, DELETE, a="ONE", b="ALPHA")
    meanwhile(desk)
    applied = await desk.bring(edited)
    assert applied.status == "stale"
    assert applied.sentence.startswith("Nothing was changed: ")
    assert word in applied.sentence
    assert desk.sent == []


@pytest.mark.parametrize(
    ("meanwhile", "word"),
    [
        (writes("c.py", "mine\n"), "c.py exists already"),
        (opens("c.py", "mine\n"), "c.py exists already"),
        (writes("b.py", "other\n"), "b.py was changed on disk"),
        (lambda desk: (desk.root / "b.py").unlink(), "There is no file"),
        (lambda desk: (desk.root / "b.py").chmod(0o444), "b.py is read-only"),
    ],
)
async def test_what_happened_meanwhile_stops_a_renaming(
    meanwhile: Callable[[Office], object], word: str, tmp_path: Path
) -> None:
    desk = Office(tmp_path, does)
    edited = desk.plan(RENAME, a="ONE")
    meanwhile(desk)
    applied = await desk.bring(edited)
    assert (applied.status, desk.sent) == ("stale", [])
    assert word in applied.sentence


@pytest.mark.parametrize(
    ("change", "folder"),
    [(CREATE, "."), (RENAME, "."), (DELETE, "."), ({**RENAME, "new_path": "sub/c.py"}, "sub")],
    ids=["create", "rename", "delete", "rename to another"],
)
async def test_a_folder_that_takes_no_names_stops_it_before_anything_is_sent(
    change: dict[str, Any], folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    desk = Office(tmp_path, does)
    edited = desk.plan(change, a="ONE")
    access = os.access
    # The tests may run as root, whom no mode stops.
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / folder and access(path, mode))
    applied = await desk.bring(edited)
    assert applied.status == "stale"
    assert applied.sentence.endswith("could not be opened or written: Permission denied.")
    assert desk.sent == []


async def test_an_open_file_that_is_gone_is_not_renamed(tmp_path: Path) -> None:
    desk = Office(tmp_path, does)
    desk.documents.open((tmp_path / "b.py").as_uri(), "python", 1, "alpha\nbeta\n")
    edited = desk.plan(RENAME, a="ONE")
    (tmp_path / "b.py").unlink()
    applied = await desk.bring(edited)
    assert (applied.status, desk.sent) == ("stale", [])
    assert applied.sentence.startswith("Nothing was changed: There is no file ")


MARK = "\ufeff"


def ranges(desk: Office, name: str) -> list[tuple[int, int, int, int, str]]:
    return [
        (
            edit.range.start.line,
            edit.range.start.character,
            edit.range.end.line,
            edit.range.end.character,
            edit.new_text,
        )
        for part in desk.sent[-1].document_changes or []
        if isinstance(part, types.TextDocumentEdit) and desk.path(part.text_document.uri).name == name
        for edit in part.edits
        if not isinstance(edit, types.SnippetTextEdit)
    ]


@pytest.mark.parametrize("mark", ["", MARK])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_the_places_in_a_file_that_is_not_open_are_those_of_an_editor(
    mark: str, end: str, tmp_path: Path
) -> None:
    """An editor takes a byte order mark off before it counts."""
    text = f"{mark}alpha{end}beta"
    desk = Office(tmp_path, does)
    (tmp_path / "b.py").write_bytes(text.encode())
    edited = desk.plan(CREATE, a="ONE", b="alphas")
    edited = replace(edited, files=tuple(
        EditFile("b.py", plan(text, [Proposal(file="b.py", search="alpha", replace="alphas")])) if step.path == "b.py" else step
        for step in edited.files
    ))  # fmt: skip
    assert (await desk.bring(edited)).status == "ok"
    assert ranges(desk, "b.py") == [(0, 5, 0, 5, "s")]
    # An editor that opened it meanwhile has it without the mark, too.
    other = Office(tmp_path, does)
    (tmp_path / "b.py").write_bytes(text.encode())
    (tmp_path / "n.py").unlink()
    opened = other.documents.open((tmp_path / "b.py").as_uri(), "python", 3, f"alpha{end}beta")
    assert (await other.bring(edited)).status == "ok"
    assert ranges(other, "b.py") == [(0, 5, 0, 5, "s")]
    assert opened.snapshot().text == f"alphas{end}beta"


async def test_a_file_that_was_open_and_is_closed_is_compared_without_its_mark(tmp_path: Path) -> None:
    desk = Office(tmp_path, does)
    edited = desk.plan(DELETE, a="ONE", b="ALPHA")
    (tmp_path / "b.py").write_bytes(f"{MARK}alpha\nbeta\n".encode())
    assert (await desk.bring(edited)).status == "ok"


async def test_a_mark_and_line_ends_are_nothing_unsaved(tmp_path: Path) -> None:
    desk = Office(tmp_path, does)
    (tmp_path / "old.py").write_bytes(f"{MARK}x\r\ny\n".encode())
    edited = desk.plan(DELETE, a="ONE")
    desk.documents.open((tmp_path / "old.py").as_uri(), "python", 1, "x\r\ny\r\n")
    assert (await desk.bring(edited)).status == "ok"
    assert not (tmp_path / "old.py").exists()


async def test_a_link_inside_of_the_workspace_is_edited_where_it_leads(tmp_path: Path) -> None:
    desk = Office(tmp_path, does)
    (tmp_path / "b.py").rename(tmp_path / "real.py")
    (tmp_path / "b.py").symlink_to(tmp_path / "real.py")
    opened = desk.documents.open((tmp_path / "real.py").as_uri(), "python", 4, "alpha\nbeta\n")
    assert (await desk.bring(desk.plan(CREATE, a="ONE", b="ALPHA"))).status == "ok"
    assert opened.snapshot().text == "ALPHA\nbeta\n"
    assert ("edit", "real.py", 4) in kinds(desk)


async def test_a_file_of_another_folder_of_the_workspace_is_edited_there(tmp_path: Path) -> None:
    desk = Office(tmp_path / "one", does)
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "b.py").write_text("alpha\nbeta\n")
    edited = replace(desk.plan(CREATE, a="ONE", b="ALPHA"), homes={"b.py": tmp_path / "two"})
    assert (await desk.bring(edited)).status == "ok"
    uris_of = [
        part.text_document.uri
        for part in desk.sent[0].document_changes or []
        if isinstance(part, types.TextDocumentEdit)
    ]
    assert uris_of[1] == (tmp_path / "two" / "b.py").as_uri()
