"""Our client against every fault of the sandbox, over every endpoint: one sentence, nothing changed, and the next works."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import stamina

from kimi_lsp import kimi as errors
from kimi_lsp.connect import Connected, open_model
from kimi_lsp.conversation import ModelError
from kimi_lsp.features import EndlessReading, FeatureError, NotUnderstood
from kimi_lsp.project.settings import Settings
from kimi_lsp.sandbox.faults import NAMES
from tests.endpoints.counted import all_ended, reached
from tests.endpoints.shop import CART, FIXED, PLAIN, PROTOCOLS, TOOLS, Protocol, Way, ask, came_to, opened
from tests.support.sandboxed import Sandbox, sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 1.0
"""Seconds for the timer that a slow fault runs into; the other timers are far longer than any test."""
ONCE, ASKED_AGAIN, REPAIRED = 1, 3, 2


@dataclass(frozen=True)
class Expected:
    """How a fault ends: an edit, or this error."""

    error: type[Exception] | None
    requests: int = ONCE
    """That the sandbox gets: one more for each retry before the first byte, none after it."""
    spelling: str = ""
    """How the fault is asked for, where its name alone would make the test slow."""
    way: Way = PLAIN
    timer: str = ""
    """The setting that ends it."""


FAULTS: dict[str, Expected] = {
    "400-filter": Expected(errors.ContentRefused),
    "400-overflow": Expected(errors.ContextOverflow),
    "401": Expected(errors.KeyRejected),
    "402": Expected(errors.NoCredit),
    "403": Expected(errors.KeyRejected),
    "404": Expected(errors.ModelNotFound),
    "413": Expected(errors.RequestTooLarge),
    "429": Expected(errors.RateLimited, ASKED_AGAIN, spelling="429:0"),
    "429-bare": Expected(errors.RateLimited, ASKED_AGAIN),
    "429-quota": Expected(errors.QuotaUsed),
    "500": Expected(errors.ServiceFault, ASKED_AGAIN),
    "502-html": Expected(errors.ServiceFault, ASKED_AGAIN),
    "503": Expected(errors.Overloaded, ASKED_AGAIN),
    "529": Expected(errors.Overloaded, ASKED_AGAIN),
    "slow-first-byte": Expected(
        errors.NoFirstData, spelling="slow-first-byte:600", timer="first_data_timeout"
    ),
    "stall": Expected(errors.WentSilent, timer="idle_timeout"),
    "cut": Expected(errors.StreamCut),
    "comments-only": Expected(errors.NoFirstData, timer="first_data_timeout"),
    "invalid-utf8": Expected(errors.GarbledStream),
    "invalid-json": Expected(errors.GarbledStream),
    "stream-error": Expected(errors.ServiceFault),
    "missing-index": Expected(None),
    "duplicate-index": Expected(None),
    "not-json-answer": Expected(NotUnderstood, REPAIRED),
    "truncated-json": Expected(NotUnderstood, REPAIRED),
    "fenced-json": Expected(None),
    "wrong-schema": Expected(NotUnderstood, REPAIRED),
    "empty-length": Expected(errors.OutOfTokens),
    "refusal": Expected(errors.ContentRefused),
    "tool-loop": Expected(EndlessReading, 9, way=TOOLS),
    "schema-rejected": Expected(None, 2),
    "format-rejected": Expected(None, 3),
    "disable-formatting-rejected": Expected(None, 2),
}
"""What is the same over all endpoints."""
ELSEWHERE: dict[tuple[str, Protocol], Expected] = {
    # It has no way to ask for any JSON, so there is one step less to go down.
    ("format-rejected", "messages"): Expected(None, 2),
}
"""Where an endpoint differs."""


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Retries come at once; their number stays ours."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kimi() -> AsyncGenerator[Sandbox, None]:
    async with sandbox() as running:
        yield running


async def test_every_fault_of_the_sandbox_has_its_line() -> None:
    assert set(FAULTS) == set(NAMES)
    assert {fault for fault, _ in ELSEWHERE} <= set(NAMES)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("fault", NAMES)
async def test_a_fault_ends_as_it_should(
    fault: str, protocol: Protocol, kimi: Sandbox, tmp_path: Path
) -> None:
    expected = ELSEWHERE.get((fault, protocol), FAULTS[fault])
    file = opened(tmp_path / "project")
    before = await reached(kimi, "open")
    async with AsyncExitStack() as stack:
        model = await _opened(kimi, protocol, expected.timer, tmp_path / "state")
        stack.push_async_callback(model.close)
        await kimi.control(fault=expected.spelling or fault)
        stack.push_async_callback(kimi.control, fault=None)

        if expected.error is None:
            assert came_to(await ask(model, file, "fix", expected.way)) == FIXED
        else:
            with pytest.raises((ModelError, FeatureError)) as failure:
                await ask(model, file, "fix", expected.way)
            assert type(failure.value) is expected.error
            _is_one_sentence(str(failure.value), kimi)
        assert file.read_bytes() == CART.encode()
        assert await reached(kimi, "open") - before == expected.requests

        await kimi.control(fault=None)
        assert came_to(await ask(model, file, "fix", PLAIN)) == FIXED
        await all_ended(kimi)


async def _opened(kimi: Sandbox, protocol: Protocol, timer: str, state: Path) -> Connected:
    timers = dict.fromkeys(("first_data_timeout", "idle_timeout", "total_timeout"), 50.0)
    given = {**timers, timer: PATIENCE} if timer else timers
    settings = Settings.model_validate({"base_url": kimi.base_url, "protocol": protocol, **given})
    return await open_model(settings, {**kimi.environ, "KIMI_LSP_STATE": str(state)})


def _is_one_sentence(said: str, kimi: Sandbox) -> None:
    assert said == said.strip()
    assert said.endswith((".", "”"))
    assert "\n" not in said
    assert kimi.api_key not in said
    assert "Traceback" not in said
