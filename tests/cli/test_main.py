"""The command line itself: versions, helps, what is wrong use, and how `serve` comes to its connection."""

import asyncio
import json
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp import __version__
from kimi_lsp.cli import exit_codes
from tests.cli.running import ended, nowhere, run, start

COMMANDS = ("serve", "explain", "refactor", "fix", "doctor", "demo", "sandbox")


async def test_the_version_is_all_that_is_printed() -> None:
    ran = await run("--version", environ=nowhere())
    assert (ran.code, ran.out, ran.err) == (0, f"kimi-lsp {__version__}\n", "")


async def test_the_version_loads_nothing_heavy() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "importtime", "-m", "kimi_lsp", "--version",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ,
    )  # fmt: skip
    ran = await ended(process)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.err.split("\n")}
    assert "argparse" in loaded
    assert not loaded & {"pygls", "lsprotocol", "httpx", "pydantic", "starlette", "uvicorn"}


async def test_help_names_the_commands_and_the_exit_codes() -> None:
    ran = await run("--help", environ=nowhere())
    assert ran.code == 0
    for command in COMMANDS:
        assert f"\n    {command} " in ran.out
    assert exit_codes.EPILOG.strip() in ran.out


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_command_has_a_help(command: str) -> None:
    ran = await run(command, "--help", environ=nowhere())
    assert ran.code == 0
    assert ran.out.startswith(f"usage: kimi-lsp {command} ")
    assert ran.err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bake",),
        ("explain",),
        ("explain", "cart.py"),
        ("fix", "cart.py"),
        ("explain", "cart.py", "--lines", "1", "--apply"),
        ("serve", "--stdio", "--tcp", "127.0.0.1:0"),
        ("sandbox", "--port", "many"),
    ],
)
async def test_wrong_use_ends_with_2(arguments: tuple[str, ...]) -> None:
    ran = await run(*arguments, environ=nowhere())
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("usage: kimi-lsp")


def test_the_epilog_names_the_codes() -> None:
    codes = {value for name, value in vars(exit_codes).items() if name.isupper() and name != "EPILOG"}
    assert {int(code) for code in re.findall(r"(?m)^  (\d+) ", exit_codes.EPILOG)} == codes


@pytest.mark.parametrize("address", ["0.0.0.0:0", "192.0.2.1:0", "example.com:0", "[::]:0"])
async def test_serve_does_not_listen_to_others(address: str) -> None:
    ran = await run("serve", "--tcp", address, environ=nowhere())
    assert ran.code == 2
    assert ran.out == ""
    assert "is not a loopback address; say --allow-remote" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:²"])
async def test_serve_needs_a_port(address: str) -> None:
    ran = await run("serve", "--tcp", address, environ=nowhere())
    assert ran.code == 2
    assert ran.err == f"kimi-lsp: --tcp takes HOST:PORT, not {address!r}\n"


async def test_serve_on_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = await run("serve", "--tcp", address, environ=nowhere())
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith(f"kimi-lsp: {address} cannot be listened on: ")
    assert ran.err.count("\n") == 1


async def test_serve_over_tcp_serves_one_client(tmp_path: Path) -> None:
    process = await start("serve", "--tcp", "127.0.0.1:0", environ=nowhere())
    assert process.stderr is not None
    told = (await process.stderr.readline()).decode()
    found = re.fullmatch(r"kimi-lsp: listening on 127\.0\.0\.1:(\d+)\n", told)
    assert found, told
    reader, writer = await asyncio.open_connection("127.0.0.1", int(found[1]))
    try:
        send(writer, 1, "initialize", {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}})
        assert (await answer(reader, 1))["result"]["serverInfo"]["name"] == "kimi-lsp"
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", int(found[1]))
        send(writer, 2, "shutdown", None)
        assert (await answer(reader, 2))["result"] is None
        send(writer, None, "exit", None)
        ran = await ended(process)
    finally:
        writer.close()
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def send(writer: asyncio.StreamWriter, identity: int | None, method: str, params: Any) -> None:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    body = json.dumps(message if identity is None else {**message, "id": identity}).encode()
    writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


async def answer(reader: asyncio.StreamReader, identity: int) -> Any:
    while True:
        length = 0
        while (line := await reader.readline()).strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        assert length, "the server closed the connection"
        message = json.loads(await reader.readexactly(length))
        if message.get("id") == identity and "method" not in message:
            return message
