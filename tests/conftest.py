"""Fixtures that many rooms' tests share: a sandbox on a real socket, and an editor with a
real server process; each ends with its test.

Property tests run the same examples every time or, for `make fuzz`, many new ones.
"""

import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest_asyncio
from hypothesis import settings

from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox, sandbox

settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("fuzz", max_examples=20_000, deadline=None)
settings.register_profile("wire", max_examples=400, deadline=None)
settings.load_profile("gate")

# A shell that runs the tests in the background has them ignore SIGINT, and all that they start would, too.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest_asyncio.fixture
async def kimi() -> AsyncGenerator[Sandbox, None]:
    async with sandbox() as running:
        yield running


@pytest_asyncio.fixture
async def ed(kimi: Sandbox, tmp_path: Path) -> AsyncGenerator[Editor, None]:
    async with editor(kimi.environ, tmp_path) as running:
        yield running
