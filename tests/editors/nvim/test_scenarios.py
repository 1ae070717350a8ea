"""Every scenario, in Neovim without a screen. Undo is judged in the terminal: see `test_terminal.py`."""

from collections.abc import Iterator
from pathlib import Path

import pynvim
import pytest

from tests.editors.conftest import FILES, Sandbox, Workspace
from tests.editors.nvim.nvim import Neovim, neovim

pytestmark = pytest.mark.editors

CART = FILES["cart.py"]
JSON = "import json"
GUARDS = "use guard clauses"


@pytest.fixture
def nv(workspace: Workspace) -> Iterator[Neovim]:
    with neovim(workspace) as running:
        yield running


def select(nv: Neovim, words: str) -> tuple[int, int]:
    """Return the lines of a function."""
    first = nv.row(f"def {words}(")
    lines = nv.nvim.current.buffer[:]
    last = next(
        (row for row in range(first, len(lines)) if lines[row] and not lines[row][0].isspace()), len(lines)
    )
    while not lines[last - 1].strip():
        last -= 1
    return first, last


def test_menu_on_a_bare_cursor(nv: Neovim, playing: Sandbox) -> None:
    nv.open("cart.py")
    nv.report("cart.py")
    nv.cursor("def delivery")
    assert nv.menu(automatic=True) == []
    assert playing.requests() == []


def test_menu_where_it_fits(nv: Neovim, playing: Sandbox) -> None:
    nv.open("cart.py")
    nv.report("cart.py")
    nv.cursor("json.dumps")
    assert nv.menu(automatic=True) == ["Kimi: Fix “Undefined name `json`”"]
    menu = nv.menu(*select(nv, "discount"))
    assert any("Refactor" in title for title in menu)
    assert any("Explain" in title for title in menu)
    assert len(menu) <= 3
    assert all(title.startswith("Kimi: ") for title in menu)
    assert playing.requests() == []


def test_fix_a_diagnostic(nv: Neovim) -> None:
    """By the menu, although the diagnostic is another tool's; and by `:Kimi fix`, in the next test but one."""
    nv.open("cart.py")
    nv.report("cart.py")
    nv.cursor("json.dumps")
    nv.pick("Kimi: Fix")
    nv.until(lambda: JSON in nv.text, "the fix")
    nv.nvim.command("write")
    assert nv.workspace.reported("cart.py") == []
    assert nv.text.replace(f"{JSON}\n\n", "", 1).replace(f"\n{JSON}\n", "\n", 1) in {
        CART,
        CART.replace("\n\n\n", "\n\n", 1),
    }


def test_refactor_with_an_instruction(nv: Neovim, playing: Sandbox) -> None:
    nv.open("cart.py")
    nv.answering(GUARDS)
    nv.kimi("refactor", *select(nv, "discount"))
    nv.until(lambda: "    if not customer" in nv.text, "the refactoring")
    assert GUARDS in str(playing.requests()[0]["body"])


def test_refactor_from_the_menu_asks_for_words(nv: Neovim, playing: Sandbox) -> None:
    nv.open("cart.py")
    nv.answering(GUARDS)
    nv.cursor("def discount")
    nv.pick("Kimi: Refactor")
    nv.until(lambda: "    if not customer" in nv.text, "the refactoring")
    assert GUARDS in str(playing.requests()[0]["body"])


def test_explain(nv: Neovim) -> None:
    nv.open("cart.py")
    nv.kimi("explain", *select(nv, "delivery"))
    nv.until(lambda: nv.idle and nv.lua("return require('kimi.float').is_open()"), "the explanation")
    shown = nv.until(lambda: "\n".join(nv.lua("return require('kimi.float').lines()")), "its text")
    assert "delivery" in shown
    assert "sandbox" in shown
    assert nv.text == CART
    # The window took no focus; `q` in it closes it.
    assert nv.nvim.current.buffer.name.endswith("cart.py")
    nv.lua("require('kimi.float').focus()")
    nv.nvim.feedkeys("q", "xt")
    assert not nv.lua("return require('kimi.float').is_open()")


def test_an_explanation_fills_the_window_as_it_is_written(nv: Neovim, playing: Sandbox) -> None:
    nv.open("cart.py")
    playing.control(hold="in_content")
    nv.kimi("explain", *select(nv, "delivery"))
    playing.wait("held")
    part = nv.until(lambda: "\n".join(nv.lua("return require('kimi.float').lines()")), "the beginning")
    playing.release()
    nv.until(lambda: nv.idle, "the end")
    nv.until(lambda: len("\n".join(nv.lua("return require('kimi.float').lines()"))) > len(part), "the rest")


def test_cancel_in_the_middle(nv: Neovim, playing: Sandbox) -> None:
    nv.open("cart.py")
    playing.control(hold="in_content")
    nv.kimi(f"refactor {GUARDS}", *select(nv, "discount"))
    playing.wait("held")
    nv.kimi("cancel")
    playing.wait("disconnected")
    nv.until(lambda: nv.idle, "the end")
    assert nv.text == CART


def test_type_elsewhere_during_the_wait(nv: Neovim, playing: Sandbox) -> None:
    nv.open("cart.py")
    playing.control(hold="before_content")
    nv.kimi(f"refactor {GUARDS}", *select(nv, "discount"))
    playing.wait("held")
    nv.nvim.current.buffer.append("# typed 🎈", 0)
    playing.release()
    nv.until(lambda: "    if not customer" in nv.text, "the refactoring")
    assert nv.text.startswith("# typed 🎈\n" + CART.partition("def discount")[0])
    assert nv.text.endswith(CART.partition("def delivery")[2])


def test_type_there_during_the_wait(nv: Neovim, playing: Sandbox) -> None:
    nv.open("cart.py")
    playing.control(hold="before_content")
    nv.kimi(f"refactor {GUARDS}", *select(nv, "discount"))
    playing.wait("held")
    row = nv.row("if cents > 5000")
    nv.nvim.current.buffer[row - 1] = "            if cents > 4000:"
    nv.lua("""
        vim.ui.select = function(items, options, choose)
          for _, item in ipairs(items) do
            if options.format_item(item) == "Discard" then return choose(item) end
          end
        end
    """)
    playing.release()
    nv.until(lambda: nv.idle, "the end")
    assert nv.text == CART.replace("5000", "4000")
    nv.until(lambda: any("was changed while" in one for one in nv.heard()), "the sentence")
    assert len(playing.requests()) == 1


def test_undo_in_one_step(nv: Neovim) -> None:
    """By the undo tree: one step leads back to the file, whatever number of places the fix changed."""
    nv.open("several.py")
    nv.report("several.py")
    before = nv.lua("return vim.fn.undotree().seq_cur")
    nv.cursor("basket: list[str] = []")
    nv.kimi("fix")
    nv.until(lambda: "= None" in nv.text, "the fix")
    assert nv.lua("return vim.fn.undotree().seq_cur") == before + 1
    nv.nvim.command("undo")
    assert nv.text == FILES["several.py"]


def test_columns_that_are_not_ascii(nv: Neovim) -> None:
    nv.open("accents.py")
    nv.report("accents.py")
    nv.cursor("json.dumps")
    nv.kimi("fix")
    nv.until(lambda: JSON in nv.text, "the fix")
    assert [line for line in nv.text.split("\n") if line not in {JSON, ""}] == [
        line for line in FILES["accents.py"].split("\n") if line
    ]


def test_windows_line_ends(nv: Neovim) -> None:
    nv.open("windows.py")
    assert nv.lua("return vim.bo.fileformat") == "dos"
    nv.report("windows.py")
    nv.cursor("json.dumps")
    nv.kimi("fix")
    nv.until(lambda: JSON in nv.text, "the fix")
    nv.nvim.command("write")
    saved = nv.workspace.text("windows.py")
    assert f"{JSON}\r\n" in saved
    assert saved.count("\n") == saved.count("\r\n")


def hints(nv: Neovim) -> list[str]:
    """Return what Kimi's own diagnostics say."""
    found: list[str] = nv.lua(
        """
        local own = vim.tbl_filter(function(one) return one.source == "kimi" end, vim.diagnostic.get(0))
        return vim.tbl_map(function(one) return one.message end, own)
        """
    )
    return list(found)


def test_suggestion_made_from_memory(nv: Neovim, playing: Sandbox) -> None:
    nv.open("several.py")
    nv.kimi("review")
    nv.until(lambda: hints(nv) == ["All calls share this mutable default (sandbox)"], "the hint")
    nv.nvim.current.buffer.append("# typed 🎈", 0)
    nv.cursor("def add")
    assert nv.menu(automatic=True) == [
        "Kimi: Apply “All calls share this mutable default (s…”",
        "Kimi: Dismiss “All calls share this mutable default (s…”",
    ]
    nv.pick("Kimi: Apply")
    nv.until(lambda: "    if basket is None:\n        basket = []\n" in nv.text, "the edit")
    assert nv.text.startswith("# typed 🎈\n")
    assert "basket: list[str] | None = None" in nv.text
    nv.until(lambda: hints(nv) == [], "the end of the hint")
    assert len(playing.requests()) == 1


def test_suggestion_dismissed(nv: Neovim, playing: Sandbox) -> None:
    nv.open("several.py")
    nv.kimi("review")
    nv.until(lambda: hints(nv), "the hint")
    nv.cursor("def add")
    nv.kimi("dismiss")
    nv.until(lambda: hints(nv) == [], "the end of the hint")
    nv.kimi("review")
    nv.until(lambda: any("1 dismissed before" in one for one in nv.heard()), "the second review")
    assert hints(nv) == []
    assert nv.text == FILES["several.py"]
    assert len(playing.requests()) == 2


def test_server_killed_and_restarted(nv: Neovim) -> None:
    nv.open("cart.py")
    (process,) = nv.lua(
        "return vim.tbl_map(function(one) return one.pid end, vim.api.nvim_get_proc and vim.tbl_filter(function(one) return one.name:find('kimi') or one.name:find('python') end, vim.tbl_map(vim.api.nvim_get_proc, vim.api.nvim_get_proc_children(vim.fn.getpid()))) or {})"
    )
    nv.lua("vim.uv.kill(..., 'sigkill')", process)
    nv.until(lambda: nv.lua("return #vim.lsp.get_clients({name = 'kimi'})") == 0, "the end of the server")
    with pytest.raises(pynvim.NvimError, match=":checkhealth kimi"):
        nv.kimi("explain")
    nv.nvim.command("edit")
    nv.until(lambda: nv.lua("return #vim.lsp.get_clients({bufnr = 0, name = 'kimi'})") == 1, "the new server")
    nv.kimi("explain", *select(nv, "delivery"))
    nv.until(
        lambda: "delivery" in "\n".join(nv.lua("return require('kimi.float').lines()")), "the explanation"
    )


def test_no_key(workspace: Workspace, playing: Sandbox) -> None:
    with neovim(workspace.without_key()) as nv:
        nv.open("cart.py")
        nv.kimi("explain", *select(nv, "delivery"))
        nv.until(lambda: any("EMPIRIOLABS_API_KEY" in one for one in nv.heard()), "the sentence")
        nv.until(lambda: nv.lua("return require('kimi').status()") == "Kimi: no key", "the status")
        assert nv.text == CART
    assert playing.requests() == []


ALWAYS = 'vim.lsp.config("kimi", { settings = { kimi = { preview = "always" } } })\n'
PREVIEW = "return require('kimi.preview').is_open()"


@pytest.mark.parametrize("key", ["a", "r", "A"])
def test_an_edit_is_shown_before_it_is_made(key: str, workspace: Workspace, playing: Sandbox) -> None:
    with neovim(workspace, also=ALWAYS) as nv:
        nv.open("cart.py")
        nv.kimi(f"refactor {GUARDS}", *select(nv, "discount"))
        nv.until(lambda: nv.lua(PREVIEW), "the preview")
        assert "    if not customer" in nv.text
        if key == "A":
            nv.answering("shorter")
            nv.nvim.feedkeys(key, "xt")
            nv.until(lambda: len(playing.requests()) == 2 and nv.lua(PREVIEW), "the second preview")
            assert "shorter" in str(playing.requests()[1]["body"])
        nv.nvim.feedkeys("r" if key == "r" else "a", "xt")
        nv.until(lambda: not nv.lua(PREVIEW), "its end")
        nv.until(lambda: nv.idle, "the end")
        assert nv.nvim.current.buffer.name.endswith("cart.py")
        assert nv.lua("return #vim.api.nvim_list_tabpages()") == 1
        if key == "r":
            assert nv.text == CART
        else:
            nv.until(lambda: "    if not customer" in nv.text, "the refactoring")


def test_cancelling_closes_the_preview(workspace: Workspace) -> None:
    with neovim(workspace, also=ALWAYS) as nv:
        nv.open("cart.py")
        nv.kimi(f"refactor {GUARDS}", *select(nv, "discount"))
        nv.until(lambda: nv.lua(PREVIEW), "the preview")
        nv.lua("vim.cmd.tabprevious() vim.cmd('Kimi cancel')")
        nv.until(lambda: not nv.lua(PREVIEW), "its end")
        assert nv.text == CART


def test_health_names_what_is_missing(workspace: Workspace, artefacts: Path) -> None:
    with neovim(workspace) as nv:
        nv.open("cart.py")
        nv.nvim.command("checkhealth kimi")
        nv.until(lambda: "it runs" in nv.text, "the report")
        (artefacts / "healthy.txt").write_text(nv.text, "utf-8")
        assert "ERROR" not in nv.text
        assert workspace.environ["KIMI_LSP_API_KEY"] not in nv.text
    with neovim(
        workspace.without_key(), also='require("kimi").setup({ command = { "no-such-server" } })\n'
    ) as nv:
        nv.nvim.command("checkhealth kimi")
        nv.until(lambda: "no-such-server" in nv.text, "the report")
        assert "pipx install" in nv.text
    with neovim(workspace.without_key(), also='vim.lsp.enable("kimi", false)\n') as nv:
        nv.nvim.command("checkhealth kimi")
        nv.until(lambda: "EMPIRIOLABS_API_KEY" in nv.text, "the report")
        assert 'vim.lsp.enable("kimi")' in nv.text


def test_subcommands_complete(nv: Neovim) -> None:
    assert nv.lua("return vim.fn.getcompletion('Kimi ex', 'cmdline')") == ["explain"]
    assert "fix" in nv.lua("return vim.fn.getcompletion('Kimi ', 'cmdline')")
    assert nv.lua("return vim.fn.getcompletion('Kimi show-request exp', 'cmdline')") == ["explain"]
