"""Starting and ending, as processes and ports see it."""

import asyncio
import json
import signal
import socket
import sys

import httpx
import pytest

from kimi_lsp.sandbox import PortTaken, UnknownFault, serve
from tests.sandbox.asking import chat

PROGRAM = """
import asyncio
from kimi_lsp.sandbox import serve
asyncio.run(serve(0, announce=lambda line: print(line, flush=True)))
print("ended")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_in_good_order_even_with_an_answer_under_way(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        about = json.loads(await process.stdout.readline())
        headers = {"x-api-key": about["api_key"]}
        async with httpx.AsyncClient(base_url=about["base_url"], headers=headers, trust_env=False) as client:
            await client.post("/sandbox/control", json={"hold": "before_content"})
            asking = asyncio.create_task(client.post("/v1/chat/completions", json=chat("Hello", stream=True)))
            await client.get("/sandbox/wait", params={"state": "held"})
            process.send_signal(number)
            with pytest.raises(httpx.HTTPError):
                await asking
        out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, out, errors) == (0, b"ended\n", b"")


async def test_it_announces_an_address_on_loopback_and_a_new_key_each_time() -> None:
    lines: list[str] = []
    for _ in range(2):
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(0, announce=told.set_result))
        lines.append(await told)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
    first, second = (json.loads(line) for line in lines)
    assert first.keys() == {"base_url", "api_key"}
    assert first["base_url"].startswith("http://127.0.0.1:")
    assert "sandbox" in first["api_key"]
    assert first["api_key"] != second["api_key"]
    assert not any("\n" in line for line in lines)


async def test_after_it_is_cancelled_nobody_listens() -> None:
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(0, announce=told.set_result))
    port = int(json.loads(await told)["base_url"].rpartition(":")[2])
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 cannot be used"):
            await serve(port)


async def test_a_port_that_does_not_exist_is_said() -> None:
    with pytest.raises(PortTaken):
        await serve(70_000)


async def test_an_unknown_fault_is_said_before_anything_listens() -> None:
    with pytest.raises(UnknownFault):
        await serve(0, fault="nonsense")


async def test_what_is_written_goes_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the second event of an answer waits until the first one is acknowledged, which takes 40 ms."""
    opened: list[socket.socket] = []
    create = socket.create_server

    def noted(address: tuple[str, int], *, backlog: int) -> socket.socket:
        opened.append(create(address, backlog=backlog))
        return opened[0]

    monkeypatch.setattr(socket, "create_server", noted)
    line: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(0, announce=line.set_result))
    try:
        await line
        assert opened[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
