"""Every scenario in batch Emacs with eglot, what only Emacs has, and the forms that a package for Emacs must keep."""

import subprocess
from pathlib import Path

import pytest

from tests.editors.conftest import FILES, ROOT, Sandbox, Workspace, needed
from tests.editors.scenarios import SCENARIOS

pytestmark = [pytest.mark.editors, pytest.mark.timeout(150)]

EL = ROOT / "editors" / "emacs" / "kimi-lsp.el"
DRIVER = Path(__file__).parent / "driver.el"
DEBIAN = Path("/usr/share/emacs/site-lisp/elpa-src")
"""Where Debian's elpa-eglot and what it needs lie; newer Emacs has eglot itself."""

OWN = (
    "preview_accepted",
    "preview_rejected",
    "preview_again",
    "request_and_usage",
    "every_command",
    "beside_another_server",
)


def emacs(*arguments: str, cwd: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run batch Emacs with eglot on its path, and with nothing of the machine's own settings."""
    program = needed("emacs")
    libraries = [word for folder in sorted(DEBIAN.glob("*-*")) for word in ("-L", str(folder))]
    return subprocess.run(
        [program, "-Q", "--batch", *libraries, "-L", str(EL.parent), *arguments],
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=140,
    )


def play(name: str, workspace: Workspace, artefacts: Path) -> None:
    environ = {**workspace.environ, "KIMI_TEST_SCENARIO": name, "KIMI_TEST_ARTEFACTS": str(artefacts)}
    ran = emacs("-l", str(DRIVER), cwd=workspace.root, environ=environ)
    (artefacts / "stderr.log").write_text(ran.stderr, "utf-8")
    assert ran.returncode == 0, ran.stderr[-3000:]


@pytest.mark.parametrize("scenario", [one.id for one in SCENARIOS])
def test_scenario(scenario: str, playing: Sandbox, workspace: Workspace, artefacts: Path) -> None:
    play(scenario, workspace.without_key() if scenario == "no_key" else workspace, artefacts)
    states = [one["state"] for one in playing.requests()]
    match scenario:
        case "fix_a_diagnostic":
            assert workspace.reported("cart.py") == []
            assert without_import(workspace.text("cart.py")) == FILES["cart.py"]
        case "refactor_with_an_instruction":
            assert "use guard clauses" in str(playing.requests()[-1]["body"])
        case "cancel_in_the_middle":
            assert states == ["disconnected"]
        case "columns_that_are_not_ascii":
            assert without_import(workspace.text("accents.py")) == FILES["accents.py"]
        case "windows_line_ends":
            assert workspace.text("windows.py").count("\n") == workspace.text("windows.py").count("\r\n")
            assert without_import(workspace.text("windows.py").replace("\r\n", "\n")) == FILES[
                "windows.py"
            ].replace("\r\n", "\n")


@pytest.mark.parametrize("name", OWN)
def test_of_emacs(name: str, workspace: Workspace, artefacts: Path) -> None:
    play(name, workspace, artefacts)


def test_it_compiles_without_a_warning(workspace: Workspace) -> None:
    elsewhere = f'(lambda (_) "{workspace.home / "kimi-lsp.elc"}")'
    setting = f"(setq byte-compile-error-on-warn t byte-compile-dest-file-function {elsewhere})"
    arguments = ("--eval", setting, "-f", "batch-byte-compile", str(EL))
    ran = emacs(*arguments, cwd=workspace.home, environ=workspace.environ)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_its_docstrings_keep_the_form(workspace: Workspace) -> None:
    form = f'(progn (require (quote checkdoc)) (checkdoc-file "{EL}"))'
    ran = emacs("--eval", form, cwd=workspace.home, environ=workspace.environ)
    assert (ran.returncode, ran.stderr) == (0, "")


def without_import(text: str) -> str:
    """Return a file as it was before `import json` and the blank lines around it came."""
    before, found, after = text.partition("import json\n")
    assert found
    return before.rstrip("\n") + "\n\n\n" + after.lstrip("\n")
