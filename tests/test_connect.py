"""A model from the settings: its books, its budgets and limits, and what is kept of the service's listing."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
import stamina

from kimi_lsp.connect import Connected, open_model, spent
from kimi_lsp.conversation import Message, Reply, Request, TextDelta
from kimi_lsp.kimi import BadSetting, BeyondContext, CatalogEntry, LimitUnread, OverBudget, Unreachable
from kimi_lsp.kimi.catalog_file import load, store
from kimi_lsp.project.settings import Settings
from kimi_lsp.project.settings import load as load_settings
from tests.kimi.books import NOON, Hands, outcomes
from tests.kimi.conftest import SECRET
from tests.kimi.server import GOOD, HEAD, Peer, Server, answers, delta

CODE = Request((Message.of("user", "x" * 3000),), max_tokens=1000, kind="fix", language="python")
LISTING = {"id": "kimi-k2-7-code", "context_window": 100_000, "pricing": {"input": 2, "output": 8}}


class Service(Server):
    """Answers a POST by its scripts, and a GET with a listing; both are journalled."""

    def __init__(self) -> None:
        super().__init__()
        self.listed = 0
        self.listing_asked = asyncio.Event()
        self.script = GOOD
        self.plays(self.both)

    async def both(self, peer: Peer) -> None:
        if self.requests[-1].line.startswith("GET"):
            self.listed += 1
            self.listing_asked.set()
            await answers("200 OK", LISTING)(peer)
        else:
            await self.script(peer)


@pytest_asyncio.fixture
async def service() -> AsyncGenerator[Service, None]:
    running = Service()
    async with running.listening():
        yield running


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    return {"KIMI_LSP_API_KEY": SECRET, "KIMI_LSP_STATE": str(tmp_path / "state")}


def settings(service: Server, **more: object) -> Settings:
    return Settings.model_validate({"base_url": service.url, **more})


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


async def ask(model: Connected) -> Reply:
    *_, last = [delta async for delta in model.stream(CODE)]
    assert isinstance(last, Reply)
    return last


async def test_a_connection_keeps_books(service: Service, environ: Mapping[str, str], tmp_path: Path) -> None:
    model = await open_model(settings(service), environ)
    await ask(model)
    await model.close()
    assert len(outcomes(tmp_path / "state")) == 1
    found = await spent(settings(service, budget_day=1.0), environ)
    assert (found.today.requests, found.models[0].name) == (
        1,
        f"kimi-k2-7-code at {service.url.removeprefix('http://')}",
    )
    assert found.left[0].name == "budget_day"


async def test_a_budget_of_the_settings_refuses(service: Service, environ: Mapping[str, str]) -> None:
    model = await open_model(settings(service, budget_request=0.001), environ)
    with pytest.raises(OverBudget):
        await ask(model)
    await model.close()
    assert not any(request.line.startswith("POST") for request in service.requests)


async def test_the_listing_is_asked_for_once_a_day_and_only_beside_a_request(
    service: Service, environ: Mapping[str, str], tmp_path: Path
) -> None:
    hands = Hands()
    model = await open_model(settings(service), environ, hands.clock)
    assert service.requests == []
    await ask(model)
    await service.listing_asked.wait()
    await asyncio.gather(*([model._asking] if model._asking else []))
    await ask(model)
    await model.close()
    kept = load(tmp_path / "state", service.url, "kimi-k2-7-code")
    assert kept is not None
    assert (kept.entry.context_tokens, kept.entry.input_usd, kept.at) == (100_000, 2.0, NOON)

    other = await open_model(settings(service), environ, hands.clock)
    reply = await ask(other)
    assert reply.usage.cost_usd == pytest.approx((1000 * 2 + 500 * 8) / 1e6)
    assert service.listed == 1
    hands.now += 86_400
    await ask(other)
    if other._asking:
        await other._asking
    await other.close()
    assert service.listed == 2


async def test_an_old_entry_is_used_until_there_is_a_new_one(
    service: Service, environ: Mapping[str, str], tmp_path: Path
) -> None:
    old = replace(CatalogEntry(), context_tokens=1500)
    store(tmp_path / "state", service.url, old, NOON)
    model = await open_model(settings(service), environ, Hands(NOON + 10 * 86_400).clock)
    with pytest.raises(BeyondContext, match=r"more than the 1,500 that kimi-k2-7-code reads"):
        await ask(model)
    await model.close()


async def test_closing_ends_the_asking_too(service: Service, environ: Mapping[str, str]) -> None:
    service.plays(service.holding(HEAD, delta(content="a")))
    model = await open_model(settings(service), environ)
    async with aclosing(model.stream(CODE)) as deltas:
        assert await anext(deltas) == TextDelta("a")
    await model.close()
    assert model._asking is not None
    assert model._asking.done()


async def test_a_service_that_cannot_be_reached_is_told_once(environ: Mapping[str, str]) -> None:
    model = await open_model(
        Settings(base_url="http://127.0.0.1:9", api_key_command=()), environ, Hands().clock
    )
    with pytest.raises(Unreachable):
        await model.catalog()
    await model.close()


@pytest.mark.parametrize(
    ("given", "requests", "tokens"),
    [
        ({"base_url": "https://api.empiriolabs.ai"}, 50, 2_000_000),
        ({"base_url": "https://api.empiriolabs.ai/v1", "requests_per_minute": 10}, 10, 2_000_000),
        ({"base_url": "http://127.0.0.1:9"}, None, None),
        ({"base_url": "https://other.example", "tokens_per_minute": 5000}, None, 5000),
    ],
)
async def test_limits_are_the_service_s_own_or_the_user_s(
    given: dict[str, object], requests: int | None, tokens: int | None, environ: Mapping[str, str]
) -> None:
    model = await open_model(Settings.model_validate(given), environ)
    assert (model._door.limits.requests, model._door.limits.tokens) == (requests, tokens)
    await model.close()


async def test_a_limit_of_the_settings_holds_back(
    service: Service, environ: Mapping[str, str], tmp_path: Path
) -> None:
    hands = Hands()
    store(tmp_path / "state", service.url, CatalogEntry(), NOON)
    model = await open_model(settings(service, requests_per_minute=2), environ, hands.clock)
    for _ in range(2):
        await ask(model)
    assert hands.slept == []
    await ask(model)
    assert hands.now > NOON + 60
    await model.close()


async def test_the_key_is_nowhere_in_the_state(
    service: Service, environ: Mapping[str, str], tmp_path: Path
) -> None:
    model = await open_model(settings(service), environ)
    await ask(model)
    await model.close()
    for file in (tmp_path / "state").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert SECRET.encode() not in data
            assert json.dumps(CODE.messages[0].text).encode()[1:-1] not in data


async def test_without_a_usable_address_there_is_no_model(tmp_path: Path) -> None:
    """No key is even looked for, and so nothing is sent anywhere."""
    ran = tmp_path / "ran"
    given = Settings(api_key_command=(sys.executable, "-c", f"open({str(ran)!r}, 'w'); print('key')"))
    with pytest.raises(BadSetting, match="base_url"):
        await open_model(given.model_copy(update={"base_url": ""}), {"KIMI_LSP_STATE": str(tmp_path)})
    assert not ran.exists()


async def test_with_a_limit_that_cannot_be_read_there_is_no_model(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    user = tmp_path / "config.toml"
    command = json.dumps([sys.executable, "-c", f"open({str(ran)!r}, 'w'); print('key')"])
    user.write_text(f'budget_day = "5"\napi_key_command = {command}\n')
    given = load_settings(user_file=user).settings
    with pytest.raises(LimitUnread, match=r"^Nothing was sent, .*config\.toml: budget_day is not usable: "):
        await open_model(given, {"KIMI_LSP_STATE": str(tmp_path)})
    assert not ran.exists()
