"""The scenarios inside VS Code's own extension host: one session for all of them, each judged on its own."""

import json

import pytest

from tests.editors.conftest import ROOT, sandbox, shop
from tests.editors.vscode.session import HERE, built, drive, emptied, keep

pytestmark = [pytest.mark.editors, pytest.mark.timeout(400)]

SCENARIOS = (
    "menu_where_it_fits",
    "fix_a_diagnostic",
    "refactor_with_an_instruction",
    "explain",
    "cancel_in_the_middle",
    "type_elsewhere_during_the_wait",
    "type_there_during_the_wait",
    "undo_in_one_step",
    "columns_that_are_not_ascii",
    "windows_line_ends",
    "suggestion_made_from_memory",
    "suggestion_dismissed",
    "server_killed_and_restarted",
    "no_key",
    "an_edit_is_seen_before_it_is_made",
    "only_what_the_user_set_reaches_the_server",
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run the session; by scenario, what went wrong, or nothing."""
    with sandbox() as playing:
        workspace = shop(playing, tmp_path_factory.mktemp("vscode"))
        tests = str(HERE / "host" / "index.js")
        told = workspace.home / "results.jsonl"
        workspace.environ["KIMI_TEST_RESULTS"] = str(told)
        ran = drive("host.mjs", workspace, str(workspace.root), str(built()), tests, seconds=390)
    artefacts = emptied(ROOT / "build" / "editors" / "vscode" / "host")
    keep(artefacts, "output.txt", f"{ran.stdout}\n{ran.stderr}")
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    found = {one["id"]: one["error"] for one in map(json.loads, lines)}
    assert found, f"the session ended with {ran.returncode}: {ran.stderr[-4000:]}"
    return found


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str, results: dict[str, str]) -> None:
    assert results.get(scenario, "it was not run") == ""


def test_every_scenario_of_the_session_is_judged(results: dict[str, str]) -> None:
    assert set(results) == set(SCENARIOS)
