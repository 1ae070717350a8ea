"""A request is put together beside the loop: a long document takes longer than a menu may wait."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any
from unittest import mock

import pytest

from kimi_lsp import features, prompt
from tests.server.test_never_answers import EDIT, client, command, opened
from tests.support.swift_time import swiftly
from tests.support.talk import agreeable, talk

WORK: Mapping[str, Callable[..., Any]] = {
    "kimi_lsp.prompt.task": prompt.task,
    "kimi_lsp.server.handlers.show_request.described": features.described,
}
"""What costs milliseconds where a document is long, by where it is called."""


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("kimi.explain", {}),
        ("kimi.refactor", {"alternatives": 3}),
        ("kimi.showRequest", {"kind": "explain"}),
        ("kimi.showRequest", {"kind": "refactor", "alternatives": 3}),
    ],
)
def test_a_request_is_put_together_beside_the_loop(name: str, more: Mapping[str, Any]) -> None:
    where: list[threading.Thread] = []

    def watched(work: Callable[..., Any]) -> Callable[..., Any]:
        def doing(*args: Any, **kwargs: Any) -> Any:
            where.append(threading.current_thread())
            return work(*args, **kwargs)

        return doing

    async def run() -> None:
        async with talk(agreeable, EDIT) as talking:
            await talking.begin(client(ui={"preview": True}))
            opened(talking)
            command(talking, name, **more)
            await talking.quiet()
            (answer,) = talking.answers(1)
            assert answer["result"]["status"] in ("ok", "refused"), answer

    with ExitStack() as patched:
        for place, work in WORK.items():
            patched.enter_context(mock.patch(place, watched(work)))
        swiftly(run())
    assert where
    assert threading.main_thread() not in where, name
