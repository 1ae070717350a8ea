"""The terminal and answers about several files, or of which only a part fits: shown as a patch, written whole or not."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp.cli import main, terminal, writing
from kimi_lsp.conversation import Usage
from kimi_lsp.edits import CreateFile, EditFile, EditPlan, Proposal, plan
from kimi_lsp.features import Edited
from kimi_lsp.project.file_problem import ChangedOnDisk, LinkLeadsOut
from tests.support.scripted import Scripted

SHOP = "PRICE = 1\n\n\ndef total(n):\n    return n * PRICE\n"
MOVED = "from prices import PRICE\n\n\ndef total(n):\n    return n * PRICE\n"

Ran = Callable[..., int]


class Closing(Scripted):
    def ratio(self, _language: str) -> float:
        return 1.0

    async def close(self) -> None:
        self.closed = True


def edit(search: str, replace: str) -> dict[str, Any]:
    return {"file": "shop.py", "search": search, "replace": replace, "line": None}


MOVES = edit("PRICE = 1\n\n\ndef total(n):", "from prices import PRICE\n\n\ndef total(n):")


def change(action: str, path: str, new_path: str | None = None, text: str | None = None) -> dict[str, Any]:
    return {"action": action, "path": path, "new_path": new_path, "text": text}


CREATES = change("create", "prices.py", text="PRICE = 1\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "old.py").write_text("x = 1\ny = 2")
    (tmp_path / "empty.py").write_text("")
    return tmp_path


@pytest.fixture
def ran(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ran]:
    """Run `kimi-lsp refactor` on the shop with a scripted answer."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "none"))
    before = signal.getsignal(signal.SIGPIPE)

    def run(*options: str, edits: list[Any] | None = None, files: list[Any] | None = None) -> int:
        told = json.dumps({"summary": "Moved.", "edits": edits or [], "files": files or []})
        model = Closing([told, told])

        async def scripted(*_given: object) -> Closing:
            return model

        monkeypatch.setattr(terminal, "open_model", scripted)
        return main(["refactor", str(root / "shop.py"), "--lines", "1-5", *options])

    yield run
    signal.signal(signal.SIGPIPE, before)


def tree(root: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in root.rglob("*") if path.is_file()}


def test_several_files_are_shown_and_not_written(
    root: Path, ran: Ran, capfd: pytest.CaptureFixture[str]
) -> None:
    before = tree(root)
    assert ran(edits=[MOVES], files=[CREATES]) == 0
    out, err = capfd.readouterr()
    assert err.startswith("Moved. shop.py: 1 change; prices.py: new file, 1 line. (")
    assert out == (
        "diff --git a/shop.py b/shop.py\n--- a/shop.py\n+++ b/shop.py\n"
        "@@ -1,4 +1,4 @@\n-PRICE = 1\n+from prices import PRICE\n \n \n def total(n):\n"
        "diff --git a/prices.py b/prices.py\nnew file mode 100644\n--- /dev/null\n+++ b/prices.py\n"
        "@@ -0,0 +1 @@\n+PRICE = 1\n"
    )
    assert tree(root) == before


@pytest.mark.parametrize(
    "files",
    [
        [CREATES],
        [change("create", "deep/n.py", text="no end")],
        [change("create", "__init__.py", text="")],
        [change("rename", "shop.py", "till.py"), CREATES],
        [change("rename", "old.py", "sub/new.py")],
        [change("delete", "old.py"), CREATES],
        [change("delete", "empty.py")],
    ],
    ids=lambda files: " ".join(f"{one['action']} {one['path']}" for one in files),
)
@pytest.mark.parametrize("edits", [[MOVES], []], ids=["edited", "as it is"])
def test_git_makes_of_the_patch_what_apply_writes(
    files: list[Any], edits: list[Any], root: Path, ran: Ran, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ran(edits=edits, files=files) == 0
    patch = capfd.readouterr().out
    copy = root / "copy"
    copy.mkdir()
    for name, text in tree(root).items():
        (copy / name).write_text(text)
    subprocess.run(["git", "apply", "-"], input=patch, text=True, cwd=copy, check=True)
    made = tree(copy)
    for path in sorted(copy.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    copy.rmdir()
    assert ran("--apply", "--force", edits=edits, files=files) == 0
    assert tree(root) == made


def test_what_was_done_is_told(root: Path, ran: Ran, capfd: pytest.CaptureFixture[str]) -> None:
    assert ran("--apply", edits=[MOVES], files=[CREATES]) == 0
    told = "Moved. shop.py: 1 change; prices.py: new file, 1 line. All of it was written. ("
    assert capfd.readouterr().err.startswith(told)
    assert (root / "shop.py").read_text() == MOVED


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (change("delete", "old.py"), "It deletes old.py."),
        (change("create", ".github/ci.yml", text="a: 1\n"), "It touches .github/ci.yml"),
        (change("create", "n.py", text="def f(:\n"), "brings a syntax error at line 1"),
    ],
)
def test_what_needs_a_word_needs_force(
    file: dict[str, Any], said: str, root: Path, ran: Ran, capfd: pytest.CaptureFixture[str]
) -> None:
    before = tree(root)
    assert ran("--apply", edits=[MOVES], files=[file]) == 3
    err = capfd.readouterr().err
    assert said in err
    assert "--force" in err
    assert tree(root) == before
    assert ran("--apply", "--force", edits=[MOVES], files=[file]) == 0
    assert tree(root) != before


def test_nothing_is_written_where_one_part_fails(
    root: Path, ran: Ran, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(root)

    link, rename = os.link, Path.rename

    def no_new_file(path: Path, to: Path) -> None:
        if to.name == "prices.py":
            raise OSError(28, "No space left on device", str(path))
        link(path, to)

    def no_renaming(path: Path, to: Path) -> Path:
        if to.name == "prices.py":
            raise OSError(28, "No space left on device", str(path))
        return rename(path, to)

    with monkeypatch.context() as broken:
        broken.setattr(os, "link", no_new_file)
        broken.setattr(Path, "rename", no_renaming)
        assert ran("--apply", edits=[MOVES], files=[CREATES]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "No space left on device" in err
    assert "every file is as it was" in err
    assert tree(root) == before


@pytest.fixture
def through_a_link(root: Path) -> Edited:
    """A new file, and the edit of a file that the model read by the name of a link."""
    (root / "link.py").symlink_to(root / "old.py")
    made = plan("x = 1\ny = 2", [Proposal(file="link.py", search="y = 2", replace="y = 3")])
    steps = (CreateFile("n.py", "new\n"), EditFile("link.py", made))
    return Edited(EditPlan.of(SHOP, ()), "Kimi", "", Usage(), (), steps, root)


def test_a_link_inside_of_the_workspace_stays_one(root: Path, through_a_link: Edited) -> None:
    assert writing.write(through_a_link, root / "shop.py", "shop.py") == "All of it was written."
    assert (root / "link.py").is_symlink()
    assert (root / "old.py").read_text() == "x = 1\ny = 3"
    assert (root / "n.py").read_text() == "new\n"


def test_a_file_that_changed_meanwhile_stops_all_of_it(root: Path, through_a_link: Edited) -> None:
    (root / "old.py").write_text("x = 1\ny = 2\n")
    with pytest.raises(ChangedOnDisk, match=r"old\.py was changed on disk meanwhile"):
        writing.write(through_a_link, root / "shop.py", "shop.py")
    assert (root / "old.py").read_text() == "x = 1\ny = 2\n"
    assert not (root / "n.py").exists()


def test_a_link_that_leads_out_stops_all_of_it(root: Path, through_a_link: Edited) -> None:
    (root / "old.py").rename(root.parent / "old.py")
    (root / "old.py").symlink_to(root.parent / "old.py")
    with pytest.raises(LinkLeadsOut):
        writing.write(through_a_link, root / "shop.py", "shop.py")
    assert not (root / "n.py").exists()


HALF = [edit("PRICE = 1", "PRICE = 2"), edit("    return n + PRICE", "    return n")]


def test_of_an_answer_that_fits_in_part_nothing_is_shown_unasked(
    root: Path, ran: Ran, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ran("--apply", edits=HALF) == 3
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("kimi-lsp: Nothing was changed: ")
    assert "1 of 2 edits would fit; --partial shows them." in err
    assert (root / "shop.py").read_text() == SHOP


def test_partial_shows_what_fits_and_why_the_rest_does_not(
    root: Path, ran: Ran, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ran("--partial", edits=HALF) == 3
    out, err = capfd.readouterr()
    assert "-PRICE = 1\n+PRICE = 2\n" in out
    assert err.startswith("kimi-lsp: 1 of 2 edits fits; the second does not: ")
    assert (root / "shop.py").read_text() == SHOP


def test_apply_partial_writes_what_fits(root: Path, ran: Ran, capfd: pytest.CaptureFixture[str]) -> None:
    assert ran("--apply", "--partial", edits=HALF) == 0
    assert "shop.py was written." in capfd.readouterr().err
    assert (root / "shop.py").read_text() == SHOP.replace("PRICE = 1", "PRICE = 2")


def test_partial_changes_nothing_of_an_answer_that_fits(root: Path, ran: Ran) -> None:
    assert ran("--apply", "--partial", edits=[MOVES]) == 0
    assert (root / "shop.py").read_text() == MOVED
