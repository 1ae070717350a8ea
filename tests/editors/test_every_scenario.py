"""No editor leaves out a scenario, and the files that they work on are what the scenarios say. Needs no editor."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.editors.conftest import FILES, ROOT, Sandbox, Workspace
from tests.editors.scenarios import SCENARIOS

HERE = Path(__file__).parent
EDITORS = sorted({path.parent.name for path in HERE.glob("*/test_*.py")})


@pytest.mark.editors  # The editors' own libraries are needed to read the tests.
@pytest.mark.timeout(120)
def test_every_editor_has_a_test_for_each() -> None:
    found = {editor: collected(HERE / editor) for editor in EDITORS}
    left_out = [
        (editor, one.id) for editor in EDITORS for one in SCENARIOS if not covers(found[editor], one.id)
    ]
    assert left_out == []


def test_a_scenario_that_is_left_out_is_seen() -> None:
    found = {"tests/editors/x/test_x.py::test_explain", "tests/editors/x/test_x.py::test_scenario[no_key]"}
    assert [one.id for one in SCENARIOS if covers(found, one.id)] == ["explain", "no_key"]


def test_only_the_marked_tests_of_a_folder_count(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        "import pytest\n@pytest.mark.editors\ndef test_explain(): ...\ndef test_no_key(): ...\n"
        "@pytest.mark.editors\n@pytest.mark.skip\ndef test_undo_in_one_step(): ...\n",
        "utf-8",
    )
    assert {one.partition("::")[2] for one in collected(tmp_path)} == {"test_explain"}


def test_an_editors_folder_is_not_read_where_its_tests_are_not_asked_for() -> None:
    """`make test` has none of the libraries that these tests import."""
    program = f"""
import pytest, sys
code = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", {str(HERE)!r}])
print("read", [name for name in sys.modules if name.startswith("tests.editors.") and name.count(".") > 2])
sys.exit(code)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.split("\n")[-2] == "read []"


def test_the_ids_are_names_and_differ() -> None:
    ids = [one.id for one in SCENARIOS]
    assert len(set(ids)) == len(ids)
    assert all(one.isidentifier() for one in ids)


@pytest.mark.parametrize(
    ("name", "code"),
    [("cart.py", "F821"), ("accents.py", "F821"), ("windows.py", "F821"), ("several.py", "B006")],
)
def test_ruff_finds_the_one_problem(workspace: Workspace, name: str, code: str) -> None:
    (found,) = workspace.reported(name)
    assert found["code"] == code


def test_the_files_are_what_they_are_for() -> None:
    assert FILES["windows.py"].count("\n") == FILES["windows.py"].count("\r\n")
    line = next(line for line in FILES["accents.py"].split("\n") if "json" in line)
    before = line[: line.index("json")]
    units = {len(before), len(before.encode()), len(before.encode("utf-16-le")) // 2}
    assert len(units) == 3


def test_the_sandbox_is_a_process_with_levers(playing: Sandbox) -> None:
    playing.control(hold="in_content")
    assert playing.requests() == []
    playing.wait("held", 0)
    playing.release()
    with pytest.raises(RuntimeError, match="state must be one of"):
        playing.wait("asleep")


def covers(found: set[str], scenario: str) -> bool:
    return any(one.endswith((f"::test_{scenario}", f"[{scenario}]")) for one in found)


def collected(folder: Path) -> set[str]:
    """Return the ids of the tests of a folder that carry the mark `editors` and are not skipped as they stand."""
    program = f"""
import pytest, sys
class Kept:
    def pytest_collection_finish(self, session):
        for item in session.items:
            if not any(item.iter_markers(name="skip")):
                print("kept", item.nodeid)
sys.exit(pytest.main(["--collect-only", "-qq", "-m", "editors", "-p", "no:cacheprovider",
    "--rootdir", {str(ROOT)!r}, "-c", {str(ROOT / "pyproject.toml")!r}, {str(folder)!r}], [Kept()]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return {line.removeprefix("kept ") for line in ran.stdout.split("\n") if line.startswith("kept ")}
