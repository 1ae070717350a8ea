"""The workbench as a person sees it: the packaged extension in a clean VS Code, driven by mouse and keys, with pictures."""

import json

import pytest

from tests.editors.conftest import ROOT, needed, sandbox, shop
from tests.editors.vscode.session import EXTENSION, HERE, drive, emptied, keep

pytestmark = [pytest.mark.editors, pytest.mark.timeout(300)]

PICTURES = ("menu", "progress", "preview", "explanation")
STEPS = (
    "a_fix_from_the_menu_with_progress_and_a_preview",
    "a_refactoring_with_typed_words",
    "an_explanation_beside_the_code",
    "cancel_by_the_notification",
)
_PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Drive it once; by step, what went wrong, or nothing. A step that fails ends the drive."""
    vsix = needed("the packaged extension", path=EXTENSION / "kimi-lsp.vsix")
    artefacts = emptied(ROOT / "build" / "editors" / "vscode" / "ui")
    with sandbox() as playing:
        workspace = shop(playing, tmp_path_factory.mktemp("vscode"))
        told = workspace.home / "results.jsonl"
        workspace.environ["KIMI_TEST_RESULTS"] = str(told)
        words = (str(workspace.root), vsix, str(HERE / "linter"), str(artefacts))
        ran = drive("ui.mjs", workspace, *words, seconds=280)
    keep(artefacts, "output.txt", f"{ran.stdout}\n{ran.stderr}")
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    found = {one["id"]: one["error"] for one in map(json.loads, lines)}
    assert found, f"the drive ended with {ran.returncode}: {ran.stderr[-4000:]}"
    return found


def test_menu_on_a_bare_cursor(results: dict[str, str]) -> None:
    assert results["menu_on_a_bare_cursor"] == ""


@pytest.mark.parametrize("step", STEPS)
def test_step(step: str, results: dict[str, str]) -> None:
    assert results.get(step, "it was not come to") == ""


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_kept(name: str, results: dict[str, str]) -> None:
    assert results
    picture = ROOT / "build" / "editors" / "vscode" / "ui" / f"{name}.png"
    assert picture.read_bytes().startswith(_PNG)
