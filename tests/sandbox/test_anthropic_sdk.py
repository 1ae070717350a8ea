"""The official Anthropic client drives the third endpoint: what an independent reader of its shapes accepts, holds."""

import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic

from tests.sandbox.asking import ANSWER_SCHEMA, message, problem, put_in
from tests.sandbox.conftest import Sandbox
from tests.sandbox.pictures import encoded, png
from tests.sandbox.talking import Messages
from tests.sandbox.test_tools import DEFINITION, MONEY, READ_FILE
from tests.sandbox.test_tools import EXPLAIN as CALLING

MODEL = "kimi-k2-7-code"
TEXT = "def f():\n    return os.sep\n"
FIX = message("fix", TEXT, problems=[problem(2, "undefined name 'os'", "F821")])
FORMAT: Any = {"format": {"type": "json_schema", "schema": ANSWER_SCHEMA}}


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(base_url=sandbox.base_url, api_key=sandbox.api_key, max_retries=0) as built:
        yield built


def user(content: Any) -> Any:
    return [{"role": "user", "content": content}]


def text_of(reply: Any) -> str:
    return "".join(block.text for block in reply.content if block.type == "text")


async def test_whole_and_streamed(client: AsyncAnthropic) -> None:
    whole = await client.messages.create(
        model=MODEL, max_tokens=4096, messages=user(FIX), system="You edit.", output_config=FORMAT
    )
    assert [block.type for block in whole.content] == ["thinking", "text"]
    assert whole.stop_reason == "end_turn"
    assert put_in(TEXT, json.loads(text_of(whole))["edits"]) == f"import os\n\n\n{TEXT}"
    async with client.messages.stream(
        model=MODEL, max_tokens=4096, messages=user(FIX), system="You edit.", output_config=FORMAT
    ) as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_message()
    assert text_of(final) == text_of(whole)
    assert {"thinking", "signature", "text", "message_stop"} <= set(kinds)
    assert [block.model_dump(exclude={"parsed_output"}) for block in final.content] == [
        block.model_dump() for block in whole.content
    ]
    assert final.usage.output_tokens == whole.usage.output_tokens
    assert final.usage.cache_read_input_tokens
    assert whole.usage.input_tokens == final.usage.input_tokens + final.usage.cache_read_input_tokens


async def test_a_limit_and_a_stop_word(client: AsyncAnthropic) -> None:
    cut = await client.messages.create(model=MODEL, max_tokens=40, messages=user("Hello"))
    assert cut.stop_reason == "max_tokens"
    stopped = await client.messages.create(
        model=MODEL, max_tokens=4096, messages=user("Hello"), stop_sequences=["knows"]
    )
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "knows")
    assert text_of(stopped) == "(sandbox) The sandbox "


async def test_tools(client: AsyncAnthropic) -> None:
    tools: Any = Messages().tools(DEFINITION, READ_FILE)
    history = user(CALLING)
    results = {"total": "shop/money.py:3: def total(cart):", "tax": "Error: no"}
    for count in (2, 1):
        async with client.messages.stream(
            model=MODEL, max_tokens=4096, messages=history, tools=tools
        ) as stream:
            final = await stream.get_final_message()
        assert final.stop_reason == "tool_use"
        calls = [block for block in final.content if block.type == "tool_use"]
        assert len(calls) == count
        history.append({"role": "assistant", "content": final.content})
        history += user(
            [
                {
                    "type": "tool_result",
                    "tool_use_id": call.id,
                    "content": results.get(str(call.input.get("name")), MONEY),
                }
                for call in calls
            ]
        )
    last = await client.messages.create(model=MODEL, max_tokens=4096, messages=history, tools=tools)
    assert "`total` is defined in shop/money.py, line 3 (sandbox)" in text_of(last)
    history[1]["content"] = history[1]["content"][1:]
    with pytest.raises(anthropic.BadRequestError, match="reasoning_content is missing"):
        await client.messages.create(model=MODEL, max_tokens=4096, messages=history, tools=tools)


async def test_an_image(client: AsyncAnthropic) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": encoded(png(640, 480))}
    content = [{"type": "text", "text": "What is this?"}, {"type": "image", "source": source}]
    reply = await client.messages.create(model=MODEL, max_tokens=4096, messages=user(content))
    assert "an image, PNG, 640x480" in text_of(reply)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("400-overflow", anthropic.BadRequestError),
        ("401", anthropic.AuthenticationError),
        ("402", anthropic.APIStatusError),
        ("403", anthropic.PermissionDeniedError),
        ("404", anthropic.NotFoundError),
        ("413", anthropic.APIStatusError),
        ("429", anthropic.RateLimitError),
        ("429-quota", anthropic.RateLimitError),
        ("500", anthropic.InternalServerError),
        ("502-html", anthropic.InternalServerError),
        ("503", anthropic.InternalServerError),
        ("529", anthropic.InternalServerError),
    ],
)
async def test_errors_are_the_sdk_s_own(
    client: AsyncAnthropic, fault: str, error: type[anthropic.APIStatusError]
) -> None:
    with pytest.raises(error) as raised:
        await client.messages.create(
            model=MODEL, max_tokens=99, messages=user("Hello"), extra_headers={"x-sandbox-fault": fault}
        )
    assert raised.value.status_code == int(fault[:3])
    assert raised.value.request_id == "sandbox-1"


async def test_an_error_in_the_middle_is_raised(client: AsyncAnthropic) -> None:
    headers = {"x-sandbox-fault": "stream-error"}
    async with client.messages.stream(
        model=MODEL, max_tokens=999, messages=user("Hello"), extra_headers=headers
    ) as stream:
        with pytest.raises(anthropic.APIError, match="The provider returned an error"):
            await stream.get_final_message()


async def test_the_key_may_come_as_a_token(sandbox: Sandbox) -> None:
    async with AsyncAnthropic(base_url=sandbox.base_url, auth_token=sandbox.api_key, max_retries=0) as client:
        reply = await client.messages.create(model=MODEL, max_tokens=999, messages=user("Hello"))
        assert reply.content[0].type == "thinking"


async def test_the_models_are_listed(client: AsyncAnthropic) -> None:
    assert [model.id async for model in client.models.list()] == [MODEL]
    assert "(sandbox)" in (await client.models.retrieve(MODEL)).display_name
