"""Every request that the sandbox begins to answer ends in its journal, whatever becomes of the connection."""

import asyncio
from typing import Any

import pytest

from kimi_lsp.sandbox.bill import Bill
from kimi_lsp.sandbox.control import Control
from kimi_lsp.sandbox.journal import Journal
from kimi_lsp.sandbox.playing import Play, Playing


async def nothing_comes() -> Any:
    await asyncio.Event().wait()


async def nobody_is_there(_message: Any) -> None:
    raise OSError("the client is gone")


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_goes_before_its_going_is_told_has_disconnected(*, stream: bool) -> None:
    control = Control(0, None)
    journal = Journal(control.clock, "sk-sandbox")
    record = journal.open("chat", {})
    play = Play((), {"usage": {}}, stream, 0, None, b"", Bill(1, 10, 5))
    with pytest.raises(OSError, match="gone"):
        await Playing(play, record, control, journal)({"type": "http"}, nothing_comes, nobody_is_there)
    assert record.state == "disconnected"
    assert journal.reached["disconnected"] == 1
