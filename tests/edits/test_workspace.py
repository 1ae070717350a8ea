"""Plans over several files: all of it in an order that works, or nothing and the reason."""

from typing import Any

import pytest

from kimi_lsp.edits import (
    Answer,
    BadPath,
    CreateFile,
    DeleteFile,
    EditAnswer,
    EditFile,
    FileConflict,
    NotFound,
    NotShown,
    Omission,
    Refusal,
    RenameFile,
    WorkspacePlan,
    plan_files,
)

TEXTS = {"app/a.py": "one\r\ntwo\r\n", "app/b.py": "alpha\nbeta\n"}


def edit(file: str, search: str, replace: str) -> dict[str, Any]:
    return {"file": file, "search": search, "replace": replace}


def create(path: str, text: str = "new\n") -> dict[str, Any]:
    return {"action": "create", "path": path, "text": text}


def rename(path: str, new_path: str) -> dict[str, Any]:
    return {"action": "rename", "path": path, "new_path": new_path}


def delete(path: str) -> dict[str, Any]:
    return {"action": "delete", "path": path}


def planned(*files: dict[str, Any], edits: tuple[dict[str, Any], ...] = (), there: str = "") -> WorkspacePlan:
    answer = Answer.model_validate({"summary": "s", "edits": edits, "files": files})
    return plan_files(TEXTS, answer, "app/a.py", lambda path: path in there.split())


def told(plan: WorkspacePlan) -> list[tuple[str, ...]]:
    out: list[tuple[str, ...]] = []
    for step in plan.changes:
        match step:
            case CreateFile(path, text):
                out.append(("create", path, text))
            case EditFile(path, plan_of_one):
                out.append(("edit", path, plan_of_one.apply()))
            case RenameFile(path, new_path):
                out.append(("rename", path, new_path))
            case DeleteFile(path):
                out.append(("delete", path))
    return out


def test_edits_come_first_then_new_files_then_renames_then_deletions() -> None:
    plan = planned(
        delete("app/old.py"),
        rename("app/b.py", "app/c.py"),
        create("app/new.py", "x\ny"),
        edits=(edit("app/b.py", "beta", "BETA"), edit("", "two", "TWO")),
        there="app/old.py",
    )
    assert told(plan) == [
        ("edit", "app/a.py", "one\r\nTWO\r\n"),
        ("edit", "app/b.py", "alpha\nBETA\n"),
        ("create", "app/new.py", "x\r\ny"),
        ("rename", "app/b.py", "app/c.py"),
        ("delete", "app/old.py"),
    ]
    own = plan.edit_of("app/a.py")
    assert own is not None
    assert own.apply() == "one\r\nTWO\r\n"
    assert plan.edit_of("app/c.py") is None


@pytest.mark.parametrize("name", ["app/b.py", "app/c.py", "./app\\c.py"])
def test_a_renamed_file_is_edited_by_either_name(name: str) -> None:
    plan = planned(rename("app/b.py", "app/c.py"), edits=(edit(name, "beta", "BETA"),))
    assert told(plan)[0] == ("edit", "app/b.py", "alpha\nBETA\n")


def test_a_new_file_that_is_edited_is_created_as_edited() -> None:
    plan = planned(create("n.py", "p\nq\n"), edits=(edit("n.py", "q\n", "Q\n"),))
    assert told(plan) == [("create", "n.py", "p\r\nQ\r\n")]
    with pytest.raises(NotFound):
        planned(create("n.py", "p\nq\n"), edits=(edit("n.py", "z\n", "Q\n"),))


def test_an_edit_that_replaces_nothing_in_no_file_creates_it() -> None:
    assert told(planned(edits=(edit("n.py", "", "p\n"),))) == [("create", "n.py", "p\r\n")]
    with pytest.raises(NotShown):
        planned(edits=(edit("n.py", "", "p\n"),), there="n.py")
    with pytest.raises(BadPath):
        planned(edits=(edit("../n.py", " \n", "p\n"),))


def test_an_answer_without_files_is_planned_as_well() -> None:
    answer = EditAnswer.model_validate({"summary": "s", "edits": [edit("app/a.py", "two", "TWO")]})
    assert told(plan_files(TEXTS, answer, "app/a.py")) == [("edit", "app/a.py", "one\r\nTWO\r\n")]


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    assert planned(edits=(edit("app/a.py", "two\n", "two\n"),)).changes == ()


def test_a_file_that_the_model_has_not_seen_is_not_edited() -> None:
    with pytest.raises(NotShown) as refused:
        planned(edits=(edit("app/z.py", "x", "y"), edit("../etc/passwd", "x", "y")), there="app/z.py")
    assert str(refused.value) == (
        "Nothing was changed: the model wanted to edit ../etc/passwd, app/z.py, which it was not shown."
    )
    assert "You were shown: app/a.py, app/b.py." in refused.value.for_model


@pytest.mark.parametrize(
    ("files", "edits", "sentence"),
    [
        ((create("app/b.py"),), (), "app/b.py exists already."),
        ((create("APP/B.py"),), (), "APP/B.py exists already."),
        ((create("there.py"),), (), "there.py exists already."),
        ((rename("app/b.py", "there.py"),), (), "there.py exists already."),
        ((rename("app/b.py", "app/a.py"),), (), "app/a.py exists already."),
        ((rename("app/b.py", "app/B.py"),), (), "names app/B.py twice"),
        ((rename("app/b.py", "app/b.py"),), (), "names app/b.py twice"),
        ((create("n.py"), create("N.py")), (), "names N.py twice"),
        ((create("n.py"), rename("app/b.py", "n.py")), (), "names n.py twice"),
        ((delete("app/b.py"), create("app/b.py")), (), "names app/b.py twice"),
        ((rename("app/a.py", "x.py"), rename("x.py", "app/a.py")), (), "names x.py twice"),
        ((rename("app/a.py", "app/b.py"), rename("app/b.py", "app/a.py")), (), "app/b.py exists already."),
        ((rename("app/a.py", "x.py"), create("app/a.py")), (), "names app/a.py twice"),
        ((delete("none.py"),), (), "there is no file none.py to delete."),
        ((rename("none.py", "m.py"),), (), "there is no file none.py to rename."),
        ((delete("App/b.py"),), (), "App/b.py differs only in case from a file"),
        ((delete("app/b.py"),), (edit("app/b.py", "beta", "x"),), "deletes app/b.py and edits it too."),
        ((create("app/b.py/c.py"),), (), "cannot lie inside a file."),
        ((create("n"), create("n/m.py")), (), "cannot lie inside a file."),
        ((create("n/m.py"), create("n")), (), "n is the name of a folder."),
        ((create("n.py"),), (edit("N.py", "", "x"),), "names N.py twice"),
    ],
)
def test_files_in_each_others_way_are_refused(
    files: tuple[dict[str, Any], ...], edits: tuple[dict[str, Any], ...], sentence: str
) -> None:
    with pytest.raises(FileConflict) as refused:
        planned(*files, edits=edits, there="there.py")
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("Nothing was changed: ")


def test_one_bad_part_refuses_all() -> None:
    good = create("n.py")
    for bad in (create("../x"), delete(".git/config"), rename("app/b.py", "/x")):
        with pytest.raises(BadPath):
            planned(good, bad)
    with pytest.raises(Refusal):
        planned(good, edits=(edit("app/a.py", "nine", "9"),))


def test_a_new_file_that_leaves_code_out_is_refused() -> None:
    with pytest.raises(Omission):
        planned(create("n.py", "def f():\n    return 1\n# ... existing code ...\n"))


@pytest.mark.parametrize(
    ("target", "text", "expected"),
    [
        ("a\r\nb\n\r\n", "x\ny\r\n", "x\r\ny\r\n"),
        ("a\n", "x\r\ny", "x\ny"),
        ("", "x\ry", "x\ny"),
        ("a", "", ""),
    ],
)
def test_a_new_file_has_the_line_ends_of_the_document(target: str, text: str, expected: str) -> None:
    answer = Answer.model_validate({"summary": "s", "edits": [], "files": [create("n.py", text)]})
    assert plan_files({"a.py": target}, answer, "a.py").changes == (CreateFile("n.py", expected),)
