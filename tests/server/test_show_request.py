"""What `kimi.showRequest` shows is what is sent, word for word; it sends nothing itself and needs no key."""

import json
import re
from typing import Any

import pytest

from kimi_lsp.features import FEATURES
from kimi_lsp.prompt.tools import declarations
from tests.server.test_never_answers import PLACE, URI, client, command, opened
from tests.support.editor import Editor, editor
from tests.support.pictures import png
from tests.support.sandboxed import Sandbox
from tests.support.swift_time import swiftly
from tests.support.talk import agreeable, talk

SOURCE = """\
import os

TOKEN = "sk-live-0123456789abcdefABCDEF0123456789"


def total(prices):
    \"\"\"Add ``prices`` up.\"\"\"
    return sum(prise for price in prices)


# kimi: build this, see form.png
"""


def fenced(markdown: str, language: str = "text") -> list[str]:
    return [found[2] for found in re.finditer(rf"(?ms)^(`{{3,}}){language}\n(.*?)\n\1$", markdown)]


def asked(ed: Editor, kind: str) -> dict[str, Any]:
    (ed.root / "form.png").write_bytes(png(3, 2))
    uri = ed.open("cart.py", SOURCE)
    match kind:
        case "implement":
            return ed.place(uri, "# kimi: build this, see form.png")
        case "refactor" | "ask":
            return ed.place(uri, "return sum", instruction="use a loop")
        case "fix" | "fixAll":
            problem = ed.diagnostic(uri, "prise", "Undefined name `prise`", source="ruff", code="F821")
            return ed.place(uri, "prise", diagnostics=[problem])
    return ed.place(uri, "return sum")


@pytest.mark.parametrize("tools", [False, True])
@pytest.mark.parametrize("kind", sorted(FEATURES.keys() - {"action"}))
async def test_what_is_shown_is_what_is_sent(kind: str, tools: bool, ed: Editor, kimi: Sandbox) -> None:
    argument = {**asked(ed, kind), "tools": tools}
    shown = await ed.run("kimi.showRequest", {**argument, "kind": kind})
    assert shown["status"] == "ok"
    assert await kimi.requests() == []
    await ed.run(f"kimi.{kind}", argument)
    body = (await kimi.requests())[0]["body"]
    sent = []
    for message in body["messages"]:
        parts = message["content"]
        sent += (
            [parts] if isinstance(parts, str) else [part["text"] for part in parts if part["type"] == "text"]
        )
    assert fenced(shown["markdown"]) == sent
    schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
    assert [json.loads(text) for text in fenced(shown["markdown"], "json")] == ([schema] if schema else [])
    assert "sk-live" not in shown["markdown"]
    assert ("An image, image/png, " in shown["markdown"]) == (kind in ("implement", "doComment"))
    for tool in declarations():
        assert (f"`{tool.name}`: {tool.description}" in shown["markdown"]) == tools
    assert len(body.get("tools", [])) == (len(declarations()) if tools else 0)


async def test_it_needs_no_key_and_tells_where_it_would_go(kimi: Sandbox, tmp_path: Any) -> None:
    keyless = {name: value for name, value in kimi.environ.items() if name != "KIMI_LSP_API_KEY"}
    async with editor(keyless, tmp_path) as ed:
        shown = await ed.run("kimi.showRequest", asked(ed, "explain"))
        assert f"to `{kimi.base_url}` (chat), for the model `kimi-k2-7-code`" in shown["markdown"]
        assert kimi.api_key not in shown["markdown"]


async def test_a_file_that_is_never_sent_is_not_shown_either(ed: Editor) -> None:
    uri = ed.open(".env", "SECRET=1\n")
    shown = await ed.run("kimi.showRequest", {"uri": uri})
    assert shown["status"] == "refused"
    assert shown["message"].startswith("Nothing was sent to the model: ")
    assert ed.messages == [f"Kimi: {shown['message']}"]


def test_a_document_that_is_not_followed_any_more_is_not_shown() -> None:
    """Nobody knows its text, and a command would send nothing of it either."""

    async def run() -> None:
        async with talk(agreeable) as talking:
            await talking.begin(client(ui={"markdown": True}))
            opened(talking)
            talking.notify(
                "textDocument/didChange",
                {
                    "textDocument": {"uri": URI, "version": 1},
                    "contentChanges": [{"range": PLACE, "text": "x"}],
                },
            )
            command(talking, "kimi.showRequest", 1)
            command(talking, "kimi.explain", 2)
            await talking.quiet()
            (shown,), (sent,) = talking.answers(1), talking.answers(2)
            assert shown["result"] == sent["result"]
            assert shown["result"]["status"] == "refused"

    swiftly(run())


async def test_a_kind_that_is_none_is_a_bad_parameter(ed: Editor) -> None:
    uri = ed.open("a.py", "x = 1\n")
    with pytest.raises(Exception, match=r"kimi\.showRequest takes one object"):
        await ed.run("kimi.showRequest", {"uri": uri, "kind": "delete"})
