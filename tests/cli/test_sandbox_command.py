"""`kimi-lsp sandbox`: one line of JSON on stdout, and a signal ends it as a success."""

import json
import signal
import socket

import httpx
import pytest

from tests.cli.running import ended, nowhere, run, start

NOTICE = "kimi-lsp: this is a sandbox, not Kimi; stop it with Ctrl-C.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_announces_itself_and_ends(number: signal.Signals) -> None:
    process = await start("sandbox", "--think", "0", environ=nowhere())
    assert process.stdout is not None
    try:
        told = json.loads(await process.stdout.readline())
        assert sorted(told) == ["api_key", "base_url"]
        headers = {"Authorization": f"Bearer {told['api_key']}"}
        async with httpx.AsyncClient(base_url=told["base_url"], headers=headers) as http:
            assert (await http.get("/v1/models")).status_code == 200
    finally:
        process.send_signal(number)
    ran = await ended(process)
    assert ran.code == 0
    assert ran.out == ""
    assert ran.err == NOTICE


async def test_an_unknown_fault_lists_the_known_ones() -> None:
    ran = await run("sandbox", "--fault", "sunshine", environ=nowhere())
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("kimi-lsp: There is no fault 'sunshine'; known are 400-filter, ")
    assert ran.err.count("\n") == 1
    assert "stall" in ran.err


async def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = await run("sandbox", "--port", str(port), environ=nowhere())
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith(f"kimi-lsp: Port {port} on 127.0.0.1 cannot be used")
