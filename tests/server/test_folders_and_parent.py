"""The folders of the workspace and the editor's own process: what happens when either goes."""

import asyncio
import sys
from pathlib import Path

from tests.support.swift_time import swiftly
from tests.support.talk import agreeable, talk
from tests.support.wire import wire


def folder(path: Path) -> dict[str, str]:
    path.mkdir()
    (path / ".kimi-lsp.toml").write_text(f'exclude = ["{path.name}/*"]\n', "utf-8")
    return {"uri": path.as_uri(), "name": path.name}


def test_the_settings_are_those_of_the_folder_that_is_first_now(tmp_path: Path) -> None:
    one, two = folder(tmp_path / "one"), folder(tmp_path / "two")

    async def run() -> None:
        async with talk(agreeable) as talking:
            await talking.begin(
                {"capabilities": {}, "rootUri": one["uri"], "workspaceFolders": [one], "processId": None}
            )
            server = talking.full
            assert list(server.settings.exclude) == ["one/*"]

            async def change(added: list[dict[str, str]], removed: list[dict[str, str]]) -> None:
                event = {"added": added, "removed": removed}
                talking.notify("workspace/didChangeWorkspaceFolders", {"event": event})
                await asyncio.sleep(1)

            await change([two], [])
            assert list(server.settings.exclude) == ["one/*"]
            assert list(server.roots) == [tmp_path / "one", tmp_path / "two"]
            await change([], [one])
            assert list(server.settings.exclude) == ["two/*"]
            assert list(server.roots) == [tmp_path / "two"]
            await change([], [two])
            assert list(server.settings.exclude) == []
            assert list(server.roots) == []
            await change([one], [])
            assert list(server.settings.exclude) == ["one/*"]
            talking.nothing_is_left()

    swiftly(run())


def test_what_the_editor_set_outlives_a_change_of_folders(tmp_path: Path) -> None:
    one = folder(tmp_path / "one")

    async def run() -> None:
        async with talk(agreeable) as talking:
            await talking.begin({"capabilities": {}, "initializationOptions": {"code_actions": "off"}})
            pushed = {"settings": {"kimi": {"max_tokens": 4321}}}
            talking.notify("workspace/didChangeConfiguration", pushed)
            talking.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [one], "removed": []}})
            await asyncio.sleep(1)
            settings = talking.full.settings
            assert (settings.exclude, settings.max_tokens, settings.code_actions) == (("one/*",), 4321, "off")

    swiftly(run())


async def test_the_server_ends_when_the_editors_process_is_gone() -> None:
    editor = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
    assert await editor.wait() == 0
    async with wire() as server:
        await server.initialize(processId=editor.pid)
        assert await server.process.wait() == 1


async def test_the_server_stays_while_the_editors_process_lives() -> None:
    editor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    try:
        async with wire() as server:
            await server.initialize(processId=editor.pid)
            await server.alive()
            assert await server.end() == 0
    finally:
        await editor.communicate(b"\n")
