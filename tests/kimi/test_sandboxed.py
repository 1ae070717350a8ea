"""The client against the sandbox, which was written apart from it: what is said, called, replayed and refused."""

import json
from dataclasses import replace

import pytest

from kimi_lsp.conversation import Message, Request, Schema, Text, Tool
from kimi_lsp.kimi import Client, ClientConfig, Key
from kimi_lsp.kimi.config import Protocol
from tests.kimi.conftest import collect, reply_of, streamed
from tests.sandbox.asking import ANSWER_SCHEMA, message
from tests.support.sandboxed import Sandbox

PROTOCOLS: tuple[Protocol, ...] = ("chat", "responses", "messages")
SYSTEM = Message.of("system", "You are a programmer.")
CODE = "def total(prices):\n    return rounded(sum(prices))\n"
EXPLAIN = Request((SYSTEM, Message.of("user", message("explain", CODE))))
BROKEN = message(
    "fix", "if True\n    pass\n", problems=["line 1, column 8: expected ':' [invalid-syntax, error]"]
)
FIX = Request((SYSTEM, Message.of("user", BROKEN)), Schema("edits", ANSWER_SCHEMA))
DEFINITION = Tool(
    "definition",
    "Where a name is defined.",
    {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    },
)


def client_of(kimi: Sandbox, protocol: Protocol) -> Client:
    return Client(ClientConfig(base_url=kimi.base_url, protocol=protocol), Key(kimi.api_key))


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_turn_with_tools_goes_back_as_the_sandbox_said_it(kimi: Sandbox, protocol: Protocol) -> None:
    """The sandbox refuses a thought, a signature or a call that is not byte for byte its own."""
    asked = replace(EXPLAIN, tools=(DEFINITION,))
    async with client_of(kimi, protocol) as client:
        for fault in (None, "missing-index", "duplicate-index"):
            await kimi.control(fault=fault)
            called = reply_of(await collect(client, asked)).message
            await kimi.control(fault=None)
            (call,) = called.tool_calls
            assert (call.name, json.loads(call.arguments)) == ("definition", {"name": "rounded"})
            result = Message("tool", (Text("money.py:1: def rounded(sum):"),), tool_call_id=call.id)
            told = replace(asked, messages=(*asked.messages, called, result))
            answer = reply_of(await collect(client, told)).message
            assert "`rounded` is defined in money.py, line 1" in answer.text
            more = replace(told, messages=(*told.messages, answer, Message.of("user", "And now?")))
            assert reply_of(await collect(client, more)).finish == "stop"


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_structured_answers_whatever_optional_fields_are_refused(
    kimi: Sandbox, protocol: Protocol
) -> None:
    for fault in (None, "schema-rejected", "format-rejected", "disable-formatting-rejected"):
        await kimi.control(fault=fault)
        async with client_of(kimi, protocol) as client:
            deltas = await collect(client, FIX)
        thought, text = streamed(deltas)
        assert thought
        assert json.loads(text)["edits"][0]["replace"].startswith("if True:")
        usage = reply_of(deltas).usage
        assert usage.prompt_tokens > 0
        assert not usage.estimated


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_search_is_counted_and_paid(kimi: Sandbox, protocol: Protocol) -> None:
    async with client_of(kimi, protocol) as client:
        usage = reply_of(await collect(client, replace(EXPLAIN, web_search=True))).usage
    assert usage.tool_usage == {"web_search": 1}
    assert usage.cost_usd > 0.015


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_answer_cut_by_the_limit_says_so(kimi: Sandbox, protocol: Protocol) -> None:
    async with client_of(kimi, protocol) as client:
        whole = reply_of(await collect(client, EXPLAIN)).usage.completion_tokens
        cut = reply_of(await collect(client, replace(EXPLAIN, max_tokens=whole - 2)))
    assert cut.finish == "length"
    assert cut.usage.completion_tokens == whole - 2
