"""`kimi-lsp doctor`: each thing that can be wrong is named, with what to do, and nothing after it is looked at."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.cli.running import KEY, keyless, nowhere, run
from tests.support.sandboxed import Sandbox


async def test_all_is_well(kimi: Sandbox, tmp_path: Path) -> None:
    ran = await run("doctor", environ=kimi.environ, cwd=tmp_path)
    assert ran.code == 0
    assert ran.err == ""
    lines = ran.out.strip().split("\n")
    assert [line.partition(":")[0] for line in lines] == [
        "ok    version",
        "ok    settings",
        "ok    key",
        "ok    service",
        "ok    model",
    ]
    assert lines[-1].endswith("kimi-k2-7-code: 262,144 tokens, $0.95 in and $4.00 out for a million tokens")


async def test_without_a_key(tmp_path: Path) -> None:
    ran = await run("doctor", environ=keyless(nowhere()), cwd=tmp_path)
    assert ran.code == 1
    *_, last = ran.out.strip().split("\n")
    assert last.startswith("FAIL  key: No API key for Kimi was found: set the environment variable")


async def test_with_a_wrong_key(kimi: Sandbox, tmp_path: Path) -> None:
    ran = await run("doctor", environ={**kimi.environ, "KIMI_LSP_API_KEY": KEY}, cwd=tmp_path)
    assert ran.code == 1
    *_, key, service = ran.out.strip().split("\n")
    assert key == "ok    key: found"
    assert service.startswith("FAIL  service: ")
    assert "did not accept the API key" in service


async def test_without_a_service(tmp_path: Path) -> None:
    ran = await run("doctor", environ=nowhere(), cwd=tmp_path)
    assert ran.code == 1
    *_, last = ran.out.strip().split("\n")
    assert last.startswith("FAIL  service: 127.0.0.1:9 cannot be reached (connection refused)")


async def test_json(kimi: Sandbox, tmp_path: Path) -> None:
    ran = await run("doctor", "--json", environ=kimi.environ, cwd=tmp_path)
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["status"] == "ok"
    assert [finding["subject"] for finding in told["findings"]] == [
        "version",
        "settings",
        "key",
        "service",
        "model",
    ]
    assert {finding["state"] for finding in told["findings"]} == {"ok"}


async def test_json_of_a_failure(tmp_path: Path) -> None:
    ran = await run("doctor", "--json", environ=keyless(nowhere()), cwd=tmp_path)
    assert ran.code == 1
    told = json.loads(ran.out)
    assert told["status"] == "failed"
    assert told["findings"][-1]["state"] == "wrong"


async def test_a_bad_setting_is_a_note(kimi: Sandbox, tmp_path: Path) -> None:
    (tmp_path / ".kimi-lsp.toml").write_text('base_url = "https://elsewhere.example"\ncolour = 1\n', "utf-8")
    ran = await run("doctor", environ=kimi.environ, cwd=tmp_path)
    assert ran.code == 0
    notes = [line for line in ran.out.split("\n") if line.startswith("note  settings: ")]
    assert len(notes) == 2
    assert "a workspace may not set base_url" in notes[0]
    assert "colour" in notes[1]


@pytest.mark.parametrize("text", ['budget_day = "5"\n', "exclude = [\n"])
async def test_a_limit_that_cannot_be_read_is_a_failure_of_the_settings(
    text: str, kimi: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / ".kimi-lsp.toml").write_text(text, "utf-8")
    ran = await run("doctor", environ=kimi.environ, cwd=tmp_path)
    assert ran.code == 1
    last = ran.out.rstrip("\n").split("\n")[-1]
    assert last.startswith("FAIL  settings: Nothing was sent, because a limit in the settings cannot be read")
    assert await kimi.requests() == []


async def test_a_setting_cannot_steer_the_terminal(kimi: Sandbox, tmp_path: Path) -> None:
    ran = await run("doctor", environ={**kimi.environ, "KIMI_LSP_MODEL": "m\x1b[2J\u202ex"}, cwd=tmp_path)
    assert "ok    settings: m\\x1b[2J\\u202ex at http" in ran.out
    assert not {"\x1b", "\u202e"} & set(ran.out + ran.err)


async def test_a_service_cannot_steer_the_terminal(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, stream: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"error": {"message": "\x1b[2Jgone \x9b2J"}}).encode()
        stream.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n")
        stream.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
        await stream.drain()
        stream.close()
        await stream.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        environ = nowhere(KIMI_LSP_BASE_URL=f"http://127.0.0.1:{port}")
        ran = await run("doctor", environ=environ, cwd=tmp_path)
    assert ran.code == 1
    assert "gone" in ran.out
    assert "\x1b" not in ran.out
    assert "\x9b" not in ran.out
