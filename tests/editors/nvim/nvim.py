"""A Neovim under test: started as a user starts it, asked over its RPC, and ended with the test."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pynvim

from tests.editors.conftest import ROOT, VENV, Workspace, needed

PLUGIN = ROOT / "editors" / "nvim"
WITHIN = 30.0
"""Seconds for something that must happen; a slow machine needs a few."""
INIT = """\
vim.opt.runtimepath:append({plugin!r})
vim.lsp.enable("kimi")
"""
"""A user's whole set-up."""
_HEARD = """\
vim.opt.swapfile = false
_G.heard = {}
local notify, echo = vim.notify, vim.api.nvim_echo
vim.notify = function(message, level) table.insert(_G.heard, tostring(message)) return notify(message, level) end
vim.api.nvim_echo = function(chunks, ...) for _, one in ipairs(chunks) do table.insert(_G.heard, one[1]) end return echo(chunks, ...) end
local handlers = vim.lsp.handlers
handlers["window/showMessage"] = function(_, params) table.insert(_G.heard, params.message) return params end
"""
"""What the user would read, kept for the test; set before the user's own set-up."""


class Neovim:
    def __init__(self, nvim: Any, workspace: Workspace) -> None:
        self.nvim = nvim
        self.workspace = workspace

    def lua(self, code: str, *arguments: Any) -> Any:
        return self.nvim.exec_lua(code, *arguments)

    def until(self, fits: Callable[[], Any], what: str) -> Any:
        """Return the first true value; fail with what was heard so far."""
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            if found := fits():
                return found
            # Neovim works between two questions of ours.
            self.lua("vim.wait(20)")
        raise AssertionError(f"{what} did not happen; heard: {self.heard()}")

    def heard(self) -> list[str]:
        found: list[str] = self.lua("return _G.heard")
        return list(found)

    def open(self, name: str) -> None:
        self.nvim.command(f"edit {self.workspace.root / name}")
        self.until(
            lambda: self.lua("return #vim.lsp.get_clients({bufnr = 0, name = 'kimi'})") == 1, "attaching"
        )
        self.until(
            lambda: self.lua("return vim.lsp.get_clients({name = 'kimi'})[1].initialized"), "initialize"
        )

    @property
    def text(self) -> str:
        lines: Sequence[str] = self.nvim.current.buffer[:]
        return "\n".join(lines) + "\n"

    def row(self, words: str) -> int:
        """Return the number, from 1, of the line with these words."""
        (found,) = [row for row, line in enumerate(self.nvim.current.buffer[:], 1) if words in line]
        return found

    def cursor(self, words: str) -> None:
        row = self.row(words)
        line = self.nvim.current.buffer[row - 1]
        self.nvim.current.window.cursor = (row, len(line[: line.index(words)].encode()))

    def kimi(self, words: str, first: int | None = None, last: int | None = None) -> None:
        lines = f"{first},{last}" if first else ""
        self.nvim.command(f"{lines}Kimi {words}")

    def report(self, name: str) -> None:
        """Show what ruff reports of the file, as a linter's plugin does: in a namespace of its own."""
        self.lua(
            """
            local found = {}
            for _, one in ipairs(...) do
              local line = vim.api.nvim_buf_get_lines(0, one.range.start.line, one.range.start.line + 1, false)[1]
              local function byte(place) return vim.str_byteindex(line, "utf-16", place.character, false) end
              table.insert(found, {
                lnum = one.range.start.line, end_lnum = one.range["end"].line,
                col = byte(one.range.start), end_col = byte(one.range["end"]),
                severity = one.severity, message = one.message, source = one.source, code = one.code,
              })
            end
            vim.diagnostic.set(vim.api.nvim_create_namespace("linter"), 0, found)
            """,
            self.workspace.reported(name),
        )

    def menu(self, *lines: int, automatic: bool = False) -> list[str]:
        """Return the menu's titles at the cursor, or on lines, from 1: what Neovim's own mapping asks for."""
        titles: list[str] = self.lua(
            """
            local trigger, first, last = ...
            local client = vim.lsp.get_clients({ bufnr = 0, name = "kimi" })[1]
            local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
            if first then
              params = vim.lsp.util.make_given_range_params({ first, 0 }, { last, 999 }, 0, client.offset_encoding)
            end
            params.context = { diagnostics = {}, triggerKind = trigger }
            local answer = client:request_sync("textDocument/codeAction", params, 5000, 0)
            return vim.tbl_map(function(action) return action.title end, answer.result or {})
            """,
            2 if automatic else 1,
            *lines,
        )
        return list(titles)

    def pick(self, title: str) -> None:
        """Open the menu by `vim.lsp.buf.code_action` and choose what has this title in it."""
        self.lua(
            """
            local title, select = ..., vim.ui.select
            vim.ui.select = function(items, options, choose)
              vim.ui.select = select
              for index, item in ipairs(items) do
                if options.format_item(item):find(title, 1, true) then return choose(item, index) end
              end
              table.insert(_G.heard, "no entry: " .. title)
            end
            vim.lsp.buf.code_action()
            """,
            title,
        )

    def answering(self, words: str) -> None:
        """Type these words into the next input."""
        self.lua("local words = ... vim.ui.input = function(_, done) done(words) end", words)

    @property
    def idle(self) -> bool:
        """Whether our server has told that nothing runs."""
        return self.lua("return require('kimi').status()") not in {"Kimi … 1", "Kimi … 2"}


@contextmanager
def neovim(workspace: Workspace, *, also: str = "") -> Iterator[Neovim]:
    """Start Neovim with the plugin and nothing else of the machine's."""
    binary = needed("nvim", path=VENV / "nvim")
    init = workspace.home / "init.lua"
    init.write_text(_HEARD + INIT.format(plugin=str(PLUGIN)) + also, "utf-8")
    command = [binary, "--clean", "--embed", "--headless", "-u", str(init)]
    nvim = pynvim.attach("child", argv=["env", "-i", *pairs(workspace), *command])
    try:
        nvim.command(f"cd {workspace.root}")
        yield Neovim(nvim, workspace)
    finally:
        # It ends before it could answer.
        with suppress(OSError, EOFError):
            nvim.command("qall!")
        nvim.close()


def pairs(workspace: Workspace) -> list[str]:
    """Return the environment, word by word: `env` gives it to Neovim and nothing else."""
    return [f"{name}={value}" for name, value in workspace.environ.items()]
