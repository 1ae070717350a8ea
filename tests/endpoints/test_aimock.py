"""Our client against aimock, which neither we nor the sandbox had a part in: thoughts, calls, and its chaos."""

import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import stamina

from kimi_lsp import kimi as errors
from kimi_lsp.connect import open_model
from kimi_lsp.conversation import ModelError
from kimi_lsp.features import FeatureError, NotUnderstood
from kimi_lsp.project.settings import Settings
from tests.endpoints.overheard import Overheard
from tests.endpoints.shop import CART, FIXED, PLAIN, PROTOCOLS, TOOLS, Protocol, ask, came_to, opened
from tests.kimi.books import Hands
from tests.support.aimock import Aimock, aimock

pytestmark = [pytest.mark.aimock, pytest.mark.asyncio(loop_scope="module")]

KEY = "sk-empiriolabs-Yw52aTz19RkQ"
HEAD = '"""The cart, in €."""\n'
EDIT = {"file": "shop/cart.py", "search": HEAD, "replace": f"{HEAD}\nimport json\n", "line": 1}
ANSWER: dict[str, Any] = {
    "match": {},
    "response": {
        "content": json.dumps({"summary": "Imported json.", "edits": [EDIT]}),
        "reasoning": "So – “json”\tit is.\n",
    },
}
CALL: dict[str, Any] = {
    "match": {"hasToolResult": False},
    "response": {
        "reasoning": "Hm, what is\n  in there – 🛒?\n",
        "toolCalls": [
            {
                "id": "functions.read_file:7",
                "name": "read_file",
                "arguments": '{"path": "shop/money.py", "first_line": 1, "last_line" : null}',
            },
            {"id": "functions.outline:8", "name": "outline", "arguments": '{"path": "shop/money.py"}'},
        ],
    },
}


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mock() -> AsyncGenerator[Aimock, None]:
    async with aimock() as running:
        yield running


@asynccontextmanager
async def connected(
    mock: Aimock, protocol: Protocol, state: Path, **timers: float
) -> AsyncGenerator[Overheard, None]:
    given = {"base_url": mock.base_url, "protocol": protocol, "first_data_timeout": 50.0, **timers}
    environ = {"KIMI_LSP_API_KEY": KEY, "KIMI_LSP_STATE": str(state)}
    # The pause that it asks for after too many requests passes at once.
    model = await open_model(Settings.model_validate(given), environ, Hands().clock)
    try:
        yield Overheard(model)
    finally:
        await model.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_answer_becomes_an_edit(protocol: Protocol, mock: Aimock, tmp_path: Path) -> None:
    await mock.says(ANSWER)
    file = opened(tmp_path / "project")
    async with connected(mock, protocol, tmp_path / "state") as model:
        result = await ask(model, file, "fix", PLAIN)
    assert came_to(result) == FIXED
    assert [turn.thought for turn in model.turns] == [ANSWER["response"]["reasoning"]]
    assert result.usage.prompt_tokens > 0
    assert result.usage.completion_tokens > 0
    (request,) = await mock.requests()
    assert KEY not in json.dumps(request["body"])


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_calls_are_answered_under_their_ids(protocol: Protocol, mock: Aimock, tmp_path: Path) -> None:
    """Its journal has all requests in the form of chat, and keeps the thought of a chat only."""
    await mock.says(CALL, ANSWER)
    file = opened(tmp_path / "project")
    async with connected(mock, protocol, tmp_path / "state") as model:
        assert came_to(await ask(model, file, "fix", TOOLS)) == FIXED
    said = CALL["response"]
    assert [turn.thought for turn in model.turns] == [said["reasoning"], ANSWER["response"]["reasoning"]]
    first, second = [request["body"]["messages"] for request in await mock.requests()]
    assert second[: len(first)] == first
    more = second[len(first) :]
    # Of a response it makes one turn for each call.
    calls = [call for turn in more for call in turn.get("tool_calls", ())]
    assert [(call["id"], json.loads(call["function"]["arguments"])) for call in calls] == [
        (call["id"], json.loads(call["arguments"])) for call in said["toolCalls"]
    ]
    results = [turn for turn in more if turn["role"] == "tool"]
    assert [one["tool_call_id"] for one in results] == [call["id"] for call in said["toolCalls"]]
    assert results[0]["content"].startswith("shop/money.py, lines 1 to 6 of 6:\n")
    assert "4: function rounded" in results[1]["content"]
    if protocol == "chat":
        assert more[0]["reasoning_content"] == said["reasoning"]
        assert [call["function"]["arguments"] for call in calls] == [
            call["arguments"] for call in said["toolCalls"]
        ]


CHAOS: dict[str, tuple[dict[str, float], type[Exception], int]] = {
    "drop": ({"dropRate": 1}, errors.ServiceFault, 3),
    "too many": ({"rateLimitRate": 1}, errors.RateLimited, 3),
    "disconnect": ({"disconnectRate": 1}, errors.Unreachable, 3),
    "malformed": ({"malformedRate": 1}, errors.GarbledStream, 1),
    "latency": ({"latencyMs": 30_000}, errors.NoFirstData, 1),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("chaos", CHAOS)
async def test_chaos_is_one_sentence(chaos: str, protocol: Protocol, mock: Aimock, tmp_path: Path) -> None:
    rates, expected, requests = CHAOS[chaos]
    await mock.says(ANSWER)
    file = opened(tmp_path / "project")
    timers = {"first_data_timeout": 1.0} if chaos == "latency" else {}
    async with connected(mock, protocol, tmp_path / "state", **timers) as model:
        await mock.breaks(**rates)
        await _fails(model, file, expected)
        # What it delays it notes when it wakes up.
        assert len(await mock.requests()) == (0 if chaos == "latency" else requests)
        await mock.breaks()
        assert came_to(await ask(model, file, "fix", PLAIN)) == FIXED
    assert file.read_bytes() == CART.encode()


def failing(status: int, kind: str) -> dict[str, Any]:
    return {"match": {}, "response": {"error": {"message": "No.", "type": kind}, "status": status}}


BROKEN: dict[str, tuple[dict[str, Any], type[Exception], int]] = {
    # With some time between the pieces, so that the first ones are on their way before it breaks off.
    "truncated": ({**ANSWER, "truncateAfterChunks": 5, "chunkSize": 8, "latency": 20}, errors.StreamCut, 1),
    "no credit": (failing(402, "billing_error"), errors.NoCredit, 1),
    "overloaded": (failing(529, "overloaded_error"), errors.Overloaded, 3),
    "prose": ({"match": {}, "response": {"content": "It is fine.", "reasoning": "Hm."}}, NotUnderstood, 2),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("fault", BROKEN)
async def test_a_scripted_fault_is_one_sentence(
    fault: str, protocol: Protocol, mock: Aimock, tmp_path: Path
) -> None:
    fixture, expected, requests = BROKEN[fault]
    await mock.says(fixture)
    file = opened(tmp_path / "project")
    async with connected(mock, protocol, tmp_path / "state") as model:
        await _fails(model, file, expected)
        assert len(await mock.requests()) == requests
        await mock.says(ANSWER)
        assert came_to(await ask(model, file, "fix", PLAIN)) == FIXED


async def _fails(model: Overheard, file: Path, expected: type[Exception]) -> None:
    with pytest.raises((ModelError, FeatureError)) as failure:
        await ask(model, file, "fix", PLAIN)
    assert type(failure.value) is expected, failure.value
    said = str(failure.value)
    assert "\n" not in said
    assert KEY not in said
