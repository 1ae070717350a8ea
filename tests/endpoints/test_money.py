"""What was spent is what the service would bill: the ledger against the sandbox's own account, over a mixed run.

Where an answer ends the service's own figures are in it, and the ledger has them to the last nanodollar. Where it is
cut, by the user or by a failure, nobody tells the client what it cost, so the ledger holds an estimate and says so.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from kimi_lsp.connect import open_model, spent
from kimi_lsp.features import FeatureError
from kimi_lsp.kimi import KimiError
from kimi_lsp.kimi.ledger import Row
from kimi_lsp.project.settings import Settings
from tests.cli.running import run
from tests.endpoints.counted import reached
from tests.endpoints.overheard import Overheard
from tests.endpoints.shop import PLAIN, PROTOCOLS, SEARCH, TOOLS, TOTAL, Protocol, Way, ask, opened
from tests.support.editor import editor
from tests.support.sandboxed import Sandbox

NEAR = 0.05
"""How far the estimate of a prompt may be off: both count characters, and the sandbox marks of turns besides."""
CUT = {"cut": "StreamCut", "stream-error": "ServiceFault"}
UNPAID = {"500": "ServiceFault", "402": "NoCredit"}
COUNTED = {"empty-length": "OutOfTokens", "refusal": "ContentRefused"}


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


async def test_a_mixed_run_costs_what_the_sandbox_counts(kimi: Sandbox, tmp_path: Path) -> None:
    file = opened(tmp_path / "project")
    for protocol in PROTOCOLS:
        await _mixed(kimi, protocol, file)
    rows = await _paid(kimi)
    for row, request in rows:
        _agrees(row, request)
    assert {row.protocol for row, _ in rows} == set(PROTOCOLS)

    await _in_an_editor(kimi, "responses", tmp_path / "one")
    await _in_an_editor(kimi, "messages", tmp_path / "two")
    more = (await _paid(kimi))[len(rows) :]
    assert [row.outcome for row, _ in more] == [*["finished"] * 3, "cancelled"] * 2
    for row, request in more:
        # What is on its way to a server when its user stops it was generated, and is not heard.
        _agrees(row, request, unheard=row.outcome == "cancelled")

    ledger = await spent(Settings(), kimi.environ)
    account = (await kimi.http.get("/sandbox/spend")).json()
    cost = ledger.total.nanodollars / 1e9
    assert account["cost_usd"] > 0.1
    assert cost == pytest.approx(account["cost_usd"], abs=0.005)
    assert ledger.total.searches == account["tool_usage"]["web_search"]
    assert ledger.total.lost == 0

    printed = json.loads((await run("usage", "--json", environ=kimi.environ, cwd=tmp_path)).out)["total"]
    assert printed["cost_usd"] == cost
    assert printed["searches"] == ledger.total.searches
    assert printed["estimated"] == sum(row.estimated for row in ledger.rows) > 0


async def _paid(kimi: Sandbox) -> list[tuple[Row, dict[str, Any]]]:
    """Return what was written down beside what the sandbox noted, in the order in which it was asked."""
    ledger = await spent(Settings(), kimi.environ)
    billed = [request for request in await kimi.requests() if request["bill"]]
    unpaid = [row for row in ledger.rows if not row.nanodollars]
    assert {row.outcome for row in unpaid} == {"failed"}
    assert len(unpaid) == len(UNPAID) * len(PROTOCOLS)
    return list(zip([row for row in ledger.rows if row.nanodollars], billed, strict=True))


def _agrees(row: Row, request: dict[str, Any], *, unheard: bool = False) -> None:
    bill = request["bill"]
    assert row.estimated is (request["usage"] is None)
    if not row.estimated:
        assert row.nanodollars == round(bill["cost_usd"] * 1e9)
        assert (row.prompt_tokens, row.completion_tokens) == (
            bill["prompt_tokens"],
            bill["completion_tokens"],
        )
        assert row.tool_usage == bill["tool_usage"]
        return
    assert row.outcome in ("cancelled", "failed")
    assert row.prompt_tokens == pytest.approx(bill["prompt_tokens"], rel=NEAR)
    least = 0 if unheard else bill["completion_tokens"] - 2
    assert least <= row.completion_tokens <= bill["completion_tokens"] + 2


async def _mixed(kimi: Sandbox, protocol: Protocol, file: Path) -> None:
    """Ask over one endpoint for what ends well, what is stopped, and what fails in each of the ways that cost."""
    model = await open_model(Settings(base_url=kimi.base_url, protocol=protocol), kimi.environ)
    heard = Overheard(model)
    await ask(heard, file, "fix", PLAIN)
    await ask(heard, file, "explain", TOOLS)
    await ask(heard, file, "refactor", SEARCH)
    await ask(heard, file, "implement", PLAIN)
    await _stopped(kimi, heard, file, PLAIN, "in_content")
    await _stopped(kimi, heard, file, TOOLS, "before_content", turn=2)
    await _stopped(kimi, heard, file, SEARCH, "in_content")
    for fault, name in {**CUT, **UNPAID, **COUNTED}.items():
        await kimi.control(fault=fault)
        with pytest.raises((KimiError, FeatureError)) as failure:
            await ask(heard, file, "explain", PLAIN)
        assert type(failure.value).__name__ == name
    await kimi.control(fault="not-json-answer")
    with pytest.raises(FeatureError):
        await ask(heard, file, "fix", PLAIN)
    await kimi.control(fault=None)
    await model.close()


async def _stopped(kimi: Sandbox, heard: Overheard, file: Path, way: Way, hold: str, turn: int = 1) -> None:
    """Cancel in the middle of a turn, once all that the sandbox had said by then was heard."""
    ended, before = await reached(kimi, "disconnected"), await reached(kimi, "held")
    await kimi.control(hold=hold)
    asking = asyncio.ensure_future(ask(heard, file, "explain", way))
    for number in range(1, turn + 1):
        if number > 1:
            await kimi.release()
        await kimi.wait("held", before + number)
    (held,) = [request for request in await kimi.requests() if request["held"]]
    await heard.heard(held["bill"]["completion_tokens"])
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await kimi.wait("disconnected", ended + 1)
    await kimi.control(hold=None)


async def _in_an_editor(kimi: Sandbox, protocol: Protocol, root: Path) -> None:
    """Ask from a server process of its own: once to the end, once stopped by the user."""
    file = opened(root)
    async with editor({**kimi.environ, "KIMI_LSP_PROTOCOL": protocol}, root, commands="attached") as ed:
        uri = ed.open("shop/cart.py", file.read_text("utf-8"))
        assert (await ed.run("kimi.explain", ed.place(uri, TOTAL, tools=True)))["status"] == "ok"
        ended = await reached(kimi, "disconnected")
        await kimi.control(hold="in_content")
        _, answer = ed.start("kimi.explain", ed.place(uri, TOTAL, search=True))
        await kimi.wait("held", await reached(kimi, "held") + 1)
        await ed.run("kimi.cancel", {})
        assert (await answer)["status"] == "cancelled"
        await kimi.wait("disconnected", ended + 1)
        await kimi.control(hold=None)
