"""The log file that a setting names, whichever layer names it."""

from pathlib import Path

from tests.support.editor import editor
from tests.support.sandboxed import Sandbox


async def test_the_editor_names_it(kimi: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "editor.log"
    async with editor(kimi.environ, tmp_path, logFile=str(file)) as ed:
        await ed.run("kimi.cancel", {})
        assert file.exists()


async def test_the_users_own_file_names_it(kimi: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "user.log"
    (tmp_path / "kimi-lsp").mkdir()
    (tmp_path / "kimi-lsp" / "config.toml").write_text(f"log_file = '{file}'\n", "utf-8")
    async with editor({**kimi.environ, "XDG_CONFIG_HOME": str(tmp_path)}, tmp_path) as ed:
        await ed.run("kimi.cancel", {})
        assert file.exists()
