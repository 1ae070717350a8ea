"""Each feature comes to the same over all three endpoints: the same text or edit, the same tokens, the same cost."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from kimi_lsp.connect import open_model
from kimi_lsp.features import FEATURES, Edited
from kimi_lsp.project.settings import Settings
from kimi_lsp.prompt import Kind
from tests.cli.running import run
from tests.endpoints.overheard import Overheard, replayed
from tests.endpoints.shop import (
    CART,
    CHECKED,
    FORM,
    GUARDED,
    PLAIN,
    PROTOCOLS,
    THINGS,
    TOTAL,
    WAYS,
    Layout,
    Protocol,
    ask,
    came_to,
    opened,
    with_crlf,
    with_tabs,
)
from tests.support import pictures
from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox, sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Endpoint:
    """One endpoint, with a sandbox of its own, so that all sandboxes have the same history."""

    protocol: Protocol
    kimi: Sandbox
    model: Overheard

    @property
    def environ(self) -> dict[str, str]:
        return {**self.kimi.environ, "KIMI_LSP_PROTOCOL": self.protocol}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoints() -> AsyncGenerator[list[Endpoint], None]:
    async with AsyncExitStack() as stack:
        running = await asyncio.gather(*(stack.enter_async_context(sandbox()) for _ in PROTOCOLS))
        made = []
        for protocol, kimi in zip(PROTOCOLS, running, strict=True):
            model = await open_model(Settings(base_url=kimi.base_url, protocol=protocol), kimi.environ)
            stack.push_async_callback(model.close)
            made.append(Endpoint(protocol, kimi, Overheard(model)))
        yield made


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("feature", THINGS)
async def test_a_feature_comes_to_the_same(
    feature: Kind, way: str, endpoints: list[Endpoint], tmp_path: Path
) -> None:
    file = opened(tmp_path / "project")
    results: list[tuple[object, ...]] = []
    for one in endpoints:
        before = len(await one.kimi.requests())
        one.model.turns.clear()
        result = await ask(one.model, file, feature, WAYS[way])
        asked = (await one.kimi.requests())[before:]

        results.append((came_to(result), getattr(result, "summary", ""), result.usage, len(asked)))
        assert not result.usage.estimated
        _billed(asked, result.usage)
        _said_again(one, asked)
        for request in asked:
            sent = json.dumps(request["body"])
            assert request["status"] == 200
            assert (base64.b64encode(pictures.PNG).decode() in sent) is (feature == "implement")
            assert ("tools" in request["body"]) is (way == "tools")
            assert request["body"].get("tool_web_search", False) is (way == "search")
        looked = way == "tools" and THINGS[feature].looks
        assert [bool(turn.calls) for turn in one.model.turns] == ([True, True, False] if looked else [False])
    assert results[1:] == results[:1] * 2, results
    assert came_to(result) != CART
    assert result.usage.tool_usage == ({"web_search": 1} if way == "search" else {})


@pytest.mark.parametrize("layout", [with_crlf, with_tabs])
@pytest.mark.parametrize("feature", THINGS)
async def test_line_ends_and_tabs_change_nothing_else(
    feature: Kind, layout: Layout, endpoints: list[Endpoint], tmp_path: Path
) -> None:
    """The sandbox's own answers: the same words and the same edits, in the file's own line ends and indentation."""
    plain, other = opened(tmp_path / "plain"), opened(tmp_path / "other", layout)
    for one in endpoints:
        usual = await ask(one.model, plain, feature, PLAIN)
        result = await ask(one.model, other, feature, PLAIN, layout=layout)
        if isinstance(usual, Edited) and isinstance(result, Edited):
            assert result.plan.apply() == layout(usual.plan.apply())
            assert result.summary == usual.summary
        else:
            assert layout(came_to(usual)) == layout(came_to(result).replace("\r\n", "\n"))


async def test_every_feature_is_asked_for() -> None:
    assert THINGS.keys() == FEATURES.keys()


def _billed(asked: list[dict[str, Any]], usage: Any) -> None:
    """The sandbox's own account of the requests is what the user is told."""
    bills = [request["bill"] for request in asked]
    assert usage.prompt_tokens == sum(bill["prompt_tokens"] for bill in bills)
    assert usage.completion_tokens == sum(bill["completion_tokens"] for bill in bills)
    assert usage.cost_usd == pytest.approx(sum(bill["cost_usd"] for bill in bills), abs=1e-12)


def _said_again(one: Endpoint, asked: list[dict[str, Any]]) -> None:
    """Each request says all turns before it again: the thought byte for byte, the calls under the ids they came with.

    The sandbox holds its clients to the same, and a request that does not keep to it is answered 400.
    """
    for number, request in enumerate(asked):
        assert replayed(request["endpoint"], request["body"]) == one.model.turns[:number]
    assert len(one.model.turns) == len(asked)
    assert all(turn.thought for turn in one.model.turns)


async def test_an_editor_gets_the_same(endpoints: list[Endpoint], tmp_path: Path) -> None:
    told = await asyncio.gather(*(_edited(one, tmp_path / one.protocol) for one in endpoints))
    assert told[1:] == told[:1] * 2, told
    answers, buffer = told[0]
    assert {name: answer["status"] for name, answer in answers.items()} == dict.fromkeys(answers, "ok")
    assert "`rounded` is defined in shop/money.py, line 4 (sandbox)" in answers["explain"]["markdown"]
    assert "1 web search, $" in answers["refactor"]["message"]
    assert "import json\n" in buffer
    assert "from shop.money import rounded\n" in buffer
    assert "if not order:" in buffer
    assert "an image, PNG" in buffer


async def _edited(one: Endpoint, root: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """Ask for everything in one session of an editor; return what was answered, and the buffer at the end."""
    file = opened(root)
    async with editor(one.environ, root, commands="attached", ui={"markdown": True}) as ed:
        uri = ed.open("shop/cart.py", file.read_text("utf-8"))
        answers = {
            "plain fix": await ed.run("kimi.fix", _undefined(ed, uri, "json")),
            "fix": await ed.run("kimi.fix", {**_undefined(ed, uri, "rounded"), "tools": True}),
            "explain": await ed.run("kimi.explain", ed.place(uri, TOTAL, tools=True)),
            "refactor": await ed.run(
                "kimi.refactor", ed.place(uri, CHECKED, instruction=GUARDED, search=True)
            ),
            "implement": await ed.run("kimi.implement", ed.place(uri, FORM, images=["form.png"])),
        }
        assert ed.messages == []
        return answers, ed.buffers[uri]


def _undefined(ed: Editor, uri: str, name: str) -> dict[str, Any]:
    place: dict[str, Any] = ed.place(uri, name)
    found = {"range": place["range"], "message": f"Undefined name `{name}`", "severity": 1, "code": "F821"}
    return {**place, "diagnostics": [found]}


async def test_a_terminal_gets_the_same(endpoints: list[Endpoint], tmp_path: Path) -> None:
    told = await asyncio.gather(*(_printed(one, tmp_path / one.protocol) for one in endpoints))
    assert told[1:] == told[:1] * 2, told
    printed = told[0]
    assert {name: answer["status"] for name, answer in printed.items()} == dict.fromkeys(printed, "ok")
    assert "`rounded` is defined in shop/money.py, line 4 (sandbox)" in printed["explain"]["markdown"]
    assert "+from shop.money import rounded\n" in printed["fix"]["diff"]
    assert printed["refactor"]["usage"]["tool_usage"] == {"web_search": 1}
    assert "an image, PNG" in printed["implement"]["diff"]


async def _printed(one: Endpoint, root: Path) -> dict[str, Any]:
    file = opened(root)
    commands = {
        "explain": ("--lines", _lines(TOTAL), "--tools"),
        "fix": (
            "--line",
            _lines("rounded").partition("-")[0],
            "--message",
            "Undefined name `rounded`",
            "--tools",
        ),
        "refactor": ("--lines", _lines(CHECKED), "--instruction", GUARDED, "--search"),
        "implement": ("--lines", _lines(FORM), "--image", str(root / "form.png")),
    }
    told = {}
    for command, options in commands.items():
        ran = await run(command, str(file), *options, "--json", environ=one.environ, cwd=root)
        assert ran.err == ""
        told[command] = json.loads(ran.out)
    assert file.read_bytes() == CART.encode()
    return told


def _lines(part: str) -> str:
    first = CART[: CART.index(part)].count("\n") + 1
    return f"{first}-{first + part.rstrip().count(chr(10))}"
