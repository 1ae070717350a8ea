"""What an answer about files comes to on a real disk, which is only looked at."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp import features
from kimi_lsp.edits import CreateFile, DeleteFile, EditFile, RenameFile
from kimi_lsp.features import Edited, FileScope, Refused, Source
from kimi_lsp.features.by_file import told_by_file
from kimi_lsp.text import Diagnostic, Snapshot, Span
from tests.support.scripted import Scripted

TEXT = "one = 1\ntwo = 2\n"


def answer(*files: dict[str, Any], edits: list[dict[str, Any]] | None = None) -> str:
    return json.dumps({"summary": "Done.", "edits": edits or [], "files": files})


def create(path: str, text: str = "x = 1\n") -> dict[str, Any]:
    return {"action": "create", "path": path, "new_path": None, "text": text}


def rename(path: str, new_path: str) -> dict[str, Any]:
    return {"action": "rename", "path": path, "new_path": new_path, "text": None}


def delete(path: str) -> dict[str, Any]:
    return {"action": "delete", "path": path, "new_path": None, "text": None}


def edit(file: str, search: str, replace: str) -> dict[str, Any]:
    return {"file": file, "search": search, "replace": replace, "line": None}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "a.py").write_text(TEXT)
    (folder / "old.py").write_text("x = 0\n")
    return folder


def source(root: Path, exclude: tuple[str, ...] = ()) -> Source:
    snapshot = Snapshot((root / "a.py").as_uri(), 1, "python", TEXT)
    return Source(snapshot, root / "a.py", (root,), exclude)


async def refactor(root: Path, *answers: str, scope: FileScope | None = None) -> Edited:
    given = source(root)
    told = [*answers, *answers][:2]
    return await features.refactor(
        Scripted(told), features.target(given, Span(0, 0)), "do it", lambda _phase: None,
        scope or features.file_scope(given),
    )  # fmt: skip


async def test_an_answer_about_files_is_planned_whole(root: Path) -> None:
    edited = await refactor(
        root,
        answer(
            create("n/new.py"),
            rename("a.py", "b.py"),
            delete("old.py"),
            edits=[edit("a.py", "two = 2", "two = 3")],
        ),
    )
    assert [type(step) for step in edited.files] == [EditFile, CreateFile, RenameFile, DeleteFile]
    assert edited.plan.apply() == "one = 1\ntwo = 3\n"
    assert edited.root == root
    assert edited.digests == {
        "a.py": hashlib.sha256(TEXT.encode()).hexdigest(),
        "old.py": hashlib.sha256(b"x = 0\n").hexdigest(),
    }
    assert edited.told() == ("a.py: 1 change, renamed to b.py; n/new.py: new file, 1 line; old.py: deleted.")
    assert edited.doubts == ("It deletes old.py.",)
    assert sorted(os.listdir(root)) == ["a.py", "old.py"]


async def test_an_edit_of_the_document_alone_is_no_matter_of_files(root: Path) -> None:
    edited = await refactor(root, answer(edits=[edit("a.py", "two = 2", "two = 3")]))
    assert (edited.files, edited.told(), edited.doubts) == ((), "", ())


async def test_a_document_that_does_not_change_itself_has_an_empty_plan(root: Path) -> None:
    edited = await refactor(root, answer(create("new.py")))
    assert edited.plan.hunks == ()
    assert edited.plan.apply() == TEXT


async def test_other_files_that_were_shown_may_be_edited(root: Path) -> None:
    shown = {"old.py": Snapshot((root / "old.py").as_uri(), None, "python", "x = 0\n")}
    change = answer(edits=[edit("old.py", "x = 0", "x = (")])
    edited = await refactor(root, change, scope=FileScope(root, (), shown))
    assert edited.told() == "old.py: 1 change."
    assert [problem.message.endswith("(in old.py)") for problem in edited.syntax] == [True]
    with pytest.raises(Refused, match=r"old\.py, which it was not shown"):
        await refactor(root, change)


@pytest.mark.parametrize(
    ("name", "text", "broken"),
    [("n.json", "{", True), ("n.py", "def f(:\n", True), ("n.py", "x = 1\n", False), ("n.xyz", "{", False)],
)
async def test_the_syntax_of_new_files_is_looked_at(
    name: str, text: str, root: Path, *, broken: bool
) -> None:
    edited = await refactor(root, answer(create(name, text)))
    assert [problem.message.endswith(f"(in {name})") for problem in edited.syntax] == [True] * broken


@pytest.mark.parametrize(
    "change", [create(".github/ci.yml", "a: 1\n"), rename("old.py", ".vscode/x"), create("Jenkinsfile")]
)
async def test_the_files_of_tools_are_never_touched_without_a_word(
    change: dict[str, Any], root: Path
) -> None:
    (doubt,) = (await refactor(root, answer(change))).doubts
    assert "which may steer tools" in doubt


async def test_a_link_to_a_folder_of_tools_does_not_hide_it(root: Path) -> None:
    (root / ".github").mkdir()
    (root / "plain").symlink_to(root / ".github", target_is_directory=True)
    assert (await refactor(root, answer(create("plain/ci.yml", "a: 1\n")))).doubts
    (root / ".git").mkdir()
    (root / "innocent").symlink_to(root / ".git", target_is_directory=True)
    with pytest.raises(Refused, match="version control"):
        await refactor(root, answer(create("innocent/hooks")))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (create("out/x.py"), "link to outside"),
        (rename("old.py", "out/x.py"), "link to outside"),
        (delete("out/x.py"), "there is no file"),
        (delete("link.py"), "link to outside"),
        (rename("link.py", "m.py"), "link to outside"),
        (create("old.py/x.py"), "old.py is not a folder"),
        (delete("folder"), "not a regular file"),
        (create("build/x.py"), "excluded by .gitignore"),
        (create("kept/x.py"), "excluded by the setting"),
        (create(".env"), "never sent"),
        (rename("old.py", "id_rsa"), "private key"),
        (delete("none.py"), "there is no file none.py"),
        (create("folder"), "exists already"),
        (create("dead.py"), "exists already"),
    ],
    ids=lambda value: value if isinstance(value, str) else value["new_path"] or value["path"],
)
async def test_what_the_disk_forbids_is_refused(
    change: dict[str, Any], why: str, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (root / "out").symlink_to(tmp_path / "outside", target_is_directory=True)
    (root / "link.py").symlink_to(root / "old.py")
    (root / "dead.py").symlink_to(tmp_path / "nowhere")
    (root / "folder").mkdir()
    (root / ".gitignore").write_text("build/\n")
    scope = FileScope(root, ("kept/",))
    with pytest.raises(Refused, match=why) as refused:
        await refactor(root, answer(change, edits=[edit("a.py", "two = 2", "two = 3")]), scope=scope)
    assert str(refused.value).startswith("Nothing was changed: ")
    assert refused.value.fitting is None


async def test_a_fix_touches_no_other_files(root: Path) -> None:
    told = answer(create("n.py"), edits=[edit("a.py", "two = 2", "two = 3")])
    model = Scripted([told, told])
    target = features.target(source(root), Span(0, 0))
    with pytest.raises(Refused, match=r"wanted to create n\.py, and here only the document may change"):
        await features.fix(model, target, [Diagnostic(Span(0, 1), "bad")], lambda _phase: None)
    schema = model.asked[0].answer
    assert schema is not None
    assert "files" not in json.dumps(schema.schema)


def test_a_document_outside_of_the_workspace_has_no_scope(root: Path, tmp_path: Path) -> None:
    snapshot = Snapshot("untitled:x", 1, "python", TEXT)
    assert features.file_scope(Source(snapshot, None, (root,))) is None
    assert features.file_scope(Source(snapshot, tmp_path / "b.py", (root,))) is None
    assert features.file_scope(Source(snapshot, root / "a.py", (root,), ("x",))) == FileScope(root, ("x",))


async def test_secrets_come_back_in_new_files(root: Path) -> None:
    key = "ghp_" + "a1B2" * 9
    text = f'TOKEN = "{key}"\n'
    given = Source(Snapshot((root / "a.py").as_uri(), 1, "python", text), root / "a.py", (root,))

    class Copying(Scripted):
        async def stream(self, request: Any) -> Any:
            line = next(row for row in request.messages[-1].text.split("\n") if row.startswith("TOKEN"))
            assert key not in line
            self._answers = [answer(create("n.py", line + "\n"))]
            async for delta in super().stream(request):
                yield delta

    edited = await features.refactor(
        Copying([]), features.target(given, Span(0, 0)), "", lambda _phase: None, features.file_scope(given)
    )
    assert edited.files == (CreateFile("n.py", text),)


def shown(path: Path, text: str) -> Snapshot:
    return Snapshot(path.as_uri(), None, "python", text)


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
async def test_two_names_of_one_file_are_not_both_edited(kind: str, root: Path) -> None:
    """An editor would make the second edit on the text that the first one left."""
    (root / "link.py").symlink_to(root / "old.py") if kind == "symbolic" else os.link(
        root / "old.py", root / "link.py"
    )
    both = {name: shown(root / name, "x = 0\n") for name in ("old.py", "link.py")}
    change = answer(edits=[edit("old.py", "x = 0", "x = 1"), edit("link.py", "x = 0", "x = 2")])
    with pytest.raises(Refused, match=r"old\.py and link\.py are one file"):
        await refactor(root, change, scope=FileScope(root, (), both))
    one = answer(edits=[edit("link.py", "x = 0", "x = 2")])
    assert (await refactor(root, one, scope=FileScope(root, (), both))).told() == "link.py: 1 change."


async def test_a_link_to_the_document_is_the_document(root: Path) -> None:
    (root / "link.py").symlink_to(root / "a.py")
    scope = FileScope(root, (), {"link.py": shown(root / "link.py", TEXT)})
    change = answer(edits=[edit("a.py", "one = 1", "one = 2"), edit("link.py", "two = 2", "two = 3")])
    with pytest.raises(Refused, match=r"a\.py and link\.py are one file"):
        await refactor(root, change, scope=scope)


async def test_two_new_files_have_two_places(root: Path) -> None:
    (root / "pkg").mkdir()
    (root / "same").symlink_to(root / "pkg", target_is_directory=True)
    with pytest.raises(Refused, match=r"pkg/n\.py and same/N\.py are one file"):
        await refactor(root, answer(create("pkg/n.py"), create("same/N.py")))


async def test_what_the_editor_cannot_do_is_said_to_the_model(root: Path) -> None:
    scope = FileScope(root, operations=frozenset(("create",)))
    refused = answer(delete("old.py"), edits=[edit("a.py", "one = 1", "one = 2")])
    model = Scripted([refused, answer(create("n.py"))])
    edited = await features.refactor(
        model, features.target(source(root), Span(0, 0)), "do it", lambda _phase: None, scope
    )
    assert edited.told() == "n.py: new file, 1 line."
    assert "the editor cannot delete one; do without it" in model.asked[1].messages[-1].text


async def test_files_of_another_folder_are_edited_and_stay_where_they_are(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "lib").mkdir(parents=True)
    (other / "lib" / "b.py").write_text("x = 0\n")
    scope = FileScope(root, (), {"lib/b.py": shown(other / "lib/b.py", "x = 0\n")}, {"lib/b.py": other})
    changes = [edit("a.py", "one = 1", "one = 2"), edit("lib/b.py", "x = 0", "x = 1")]
    edited = await refactor(root, answer(edits=changes), scope=scope)
    assert edited.place("lib/b.py") == other / "lib" / "b.py"
    assert edited.place("a.py") == root / "a.py"
    assert edited.told() == "a.py: 1 change; lib/b.py: 1 change."
    for change in (rename("lib/b.py", "c.py"), delete("lib/b.py")):
        with pytest.raises(Refused, match="lies in another folder of the workspace"):
            await refactor(root, answer(change), scope=scope)


def test_a_long_list_of_files_has_an_end() -> None:
    steps = [CreateFile(f"{number}.py", "x\n" * number) for number in range(1, 15)]
    told = told_by_file(steps)
    assert told.startswith("1.py: new file, 1 line; 2.py: new file, 2 lines; ")
    assert told.endswith("; 11.py: new file, 11 lines; and 3 files more.")
    assert told_by_file([]) == ""
