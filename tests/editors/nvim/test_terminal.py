"""Neovim as a person sees it: in a terminal, with the mappings that it comes with and one `u`."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.editors.conftest import FILES, VENV, Sandbox, Workspace, needed
from tests.editors.nvim.nvim import INIT, PLUGIN, WITHIN, pairs

pytestmark = pytest.mark.editors

LINTER = """\
vim.opt.swapfile = false
vim.opt.termguicolors = false
vim.api.nvim_create_autocmd("LspAttach", {{ callback = function(event)
  vim.diagnostic.set(vim.api.nvim_create_namespace("linter"), event.buf, {{
    {{ lnum = {line}, col = {column}, end_col = {end}, severity = 1, message = {message!r}, source = "ruff", code = {code!r} }},
  }})
end }})
"""
"""Shows what ruff really reports; a linter's plugin does the same."""


class Screen:
    def __init__(self, tmux: Sequence[str], artefacts: Path) -> None:
        self._tmux = tmux
        self._artefacts = artefacts

    def _run(self, *words: str) -> str:
        ran = subprocess.run(
            [*self._tmux, *words], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
        )
        return ran.stdout

    def read(self) -> str:
        return self._run("capture-pane", "-p", "-t", "screen")

    def type(self, *keys: str) -> None:
        self._run("send-keys", "-t", "screen", *keys)

    def until(self, fits: Callable[[str], bool], name: str) -> str:
        """Return the screen once it fits, and keep it."""
        deadline = time.monotonic() + WITHIN
        while not fits(shown := self.read()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} did not come; the screen:\n{shown}")
        (self._artefacts / f"{name}.txt").write_text(shown, "utf-8")
        return shown


@contextmanager
def terminal(workspace: Workspace, artefacts: Path, file: str) -> Iterator[Screen]:
    (found,) = workspace.reported(file)
    start, end = found["range"]["start"], found["range"]["end"]
    init = workspace.home / "init.lua"
    shown = LINTER.format(
        line=start["line"],
        column=start["character"],
        end=end["character"],
        message=found["message"],
        code=found["code"],
    )
    init.write_text(shown + INIT.format(plugin=str(PLUGIN)), "utf-8")
    binary = needed("nvim", path=VENV / "nvim")
    # A socket of its own: a person's tmux on this machine is not touched.
    tmux = [needed("tmux"), "-f", "/dev/null", "-S", str(workspace.home / "tmux")]
    environ = [*pairs(workspace), "TERM=screen-256color"]
    command = ["env", "-i", *environ, binary, "--clean", "-u", str(init), str(workspace.root / file)]
    subprocess.run(
        [*tmux, "new-session", "-d", "-s", "screen", "-x", "110", "-y", "40", "--", *command],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    try:
        yield Screen(tmux, artefacts)
    finally:
        subprocess.run([*tmux, "kill-server"], check=True, stdin=subprocess.DEVNULL)


def test_the_menu_the_fix_and_one_undo(workspace: Workspace, artefacts: Path, playing: Sandbox) -> None:
    with terminal(workspace, artefacts, "cart.py") as screen:
        screen.until(lambda shown: "\nE " in shown, "the diagnostic")
        screen.type("/json.dumps", "Enter")
        screen.until(lambda shown: "json.dumps" in shown.splitlines()[-1], "the place")
        screen.type("g", "r", "a")
        menu = screen.until(lambda shown: "Type number" in shown, "the menu")
        (entry,) = [line for line in menu.splitlines() if "Kimi: Fix" in line]
        screen.type(entry.split(":")[0].strip(), "Enter")
        screen.until(lambda shown: "import json" in shown, "the fix")
        screen.until(lambda shown: "ruff: fixed 1, 0 new" in shown.replace("\n", ""), "the result")
        screen.type("u")
        screen.until(lambda shown: "import json" not in shown, "undone")
        screen.type(":w", "Enter")
        screen.until(lambda shown: "written" in shown, "written")
    assert workspace.text("cart.py") == FILES["cart.py"]
    assert len(playing.requests()) == 1


def test_an_explanation_is_a_window_over_the_text(workspace: Workspace, artefacts: Path) -> None:
    with terminal(workspace, artefacts, "cart.py") as screen:
        screen.until(lambda shown: "\nE " in shown, "the file")
        screen.type("/def delivery", "Enter")
        screen.until(lambda shown: "def delivery" in shown.splitlines()[-1], "the place")
        screen.type(":Kimi explain", "Enter")
        screen.until(lambda shown: "(sandbox)" in shown and "╭" in shown, "the explanation")
