"""The features' stories over all endpoints of the sandbox, which for once says what a story has the model say."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from kimi_lsp.connect import open_model
from kimi_lsp.conversation import Model
from kimi_lsp.project.settings import Settings
from kimi_lsp.sandbox import service
from kimi_lsp.sandbox.answer import Answer
from kimi_lsp.sandbox.asked import Asked
from tests.endpoints.shop import PROTOCOLS, Protocol
from tests.features.stories import PATHS, Story
from tests.support.sandboxed import sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def models() -> AsyncGenerator[Mapping[Protocol, Model], None]:
    async with AsyncExitStack() as stack:
        kimi = await stack.enter_async_context(sandbox())
        made = {}
        for protocol in PROTOCOLS:
            made[protocol] = await open_model(
                Settings(base_url=kimi.base_url, protocol=protocol), kimi.environ
            )
            stack.push_async_callback(made[protocol].close)
        yield made


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
async def test_a_story_ends_the_same_over_each_endpoint(
    path: Path, models: Mapping[Protocol, Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story.read(path)
    for protocol, model in models.items():
        asked: list[Asked] = []

        def think(request: Asked, asked: list[Asked] = asked) -> Answer:
            asked.append(request)
            return _said(story.all("answer")[len(asked) - 1])

        monkeypatch.setattr(service, "think_through", think)
        folder = tmp_path / protocol
        folder.mkdir()
        story.ends_in(await story.told(model, folder))
        story.was_asked([one.turns[-1].text for one in asked])


def _said(text: str) -> Answer:
    """Return an answer as the sandbox holds it before it is spelled."""
    if not text.startswith("{"):
        return Answer("It reads a script.", text.rstrip("\n"))
    told = json.loads(text)
    edits = tuple(told.pop("edits", ()))
    return Answer("It reads a script.", told.pop("summary"), edits, more=told)
