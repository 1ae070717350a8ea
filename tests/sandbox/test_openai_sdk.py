"""The official OpenAI client drives two of the endpoints: what an independent reader of these shapes accepts, holds."""

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk
from pydantic import BaseModel, ConfigDict

from tests.sandbox.asking import as_edits, message, problem, put_in
from tests.sandbox.conftest import Sandbox
from tests.sandbox.pictures import encoded, png
from tests.sandbox.talking import Chat, Responses
from tests.sandbox.test_tools import DEFINITION, MONEY, READ_FILE
from tests.sandbox.test_tools import EXPLAIN as CALLING

MODEL = "kimi-k2-7-code"
TEXT = "def f():\n    return os.sep\n"
FIX = message("fix", TEXT, problems=[problem(2, "undefined name 'os'", "F821")])
PICTURE = f"data:image/png;base64,{encoded(png(640, 480))}"


class Edit(BaseModel):
    model_config = ConfigDict(extra="forbid")
    file: str
    search: str
    replace: str
    line: int | None


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    summary: str
    edits: list[Edit]


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(
        base_url=f"{sandbox.base_url}/v1", api_key=sandbox.api_key, max_retries=0
    ) as built:
        yield built


def user(text: str) -> Any:
    return [{"role": "system", "content": "You answer in JSON."}, {"role": "user", "content": text}]


def fixed(text: str) -> str:
    answer = Answer.model_validate_json(text)
    return put_in(TEXT, [edit.model_dump() for edit in answer.edits])


# Chat


async def test_chat_whole_and_streamed(client: AsyncOpenAI) -> None:
    wanted: Any = as_edits()
    whole = await client.chat.completions.create(model=MODEL, messages=user(FIX), response_format=wanted)
    assert fixed(whole.choices[0].message.content or "") == f"import os\n\n\n{TEXT}"
    assert whole.usage is not None
    assert whole.usage.completion_tokens_details is not None
    assert whole.usage.model_extra == {"cached_tokens": 0, "cost_usd": pytest.approx(0.0004, rel=1)}
    stream = await client.chat.completions.create(
        model=MODEL,
        messages=user(FIX),
        stream=True,
        response_format=wanted,
        stream_options={"include_usage": True},
    )
    chunks: list[ChatCompletionChunk] = [chunk async for chunk in stream]
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1])
    assert said == whole.choices[0].message.content
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == whole.usage.total_tokens


async def test_chat_by_the_strict_helper(client: AsyncOpenAI) -> None:
    async with client.chat.completions.stream(
        model=MODEL, messages=user(FIX), response_format=Answer
    ) as stream:
        kinds = {event.type async for event in stream}
        final = await stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    parsed = final.choices[0].message.parsed
    assert parsed is not None
    assert parsed.summary == "(sandbox) Added `import os`."


async def test_chat_with_tools(client: AsyncOpenAI) -> None:
    tools: Any = Chat().tools(DEFINITION, READ_FILE)
    messages = user(CALLING)
    results = {
        '{"name": "total"}': "shop/money.py:3: def total(cart):",
        '{"name": "tax"}': "Error: no",
    }
    for _ in range(2):
        async with client.chat.completions.stream(model=MODEL, messages=messages, tools=tools) as stream:
            async for _event in stream:
                continue
            message = (await stream.get_final_completion()).choices[0].message
        assert message.tool_calls
        # The SDK keeps the thought as an extra field; it has to go back with the calls.
        replay = message.model_dump(exclude_none=True, exclude={"parsed"})
        replay["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.function.name, "arguments": call.function.arguments},
            }
            for call in message.tool_calls
        ]
        replay.pop("content", None)
        messages.append(replay)
        messages += [
            {"role": "tool", "tool_call_id": call.id, "content": results.get(call.function.arguments, MONEY)}
            for call in message.tool_calls
        ]
    last = await client.chat.completions.create(model=MODEL, messages=messages, tools=tools)
    assert "`total` is defined in shop/money.py, line 3 (sandbox)" in (last.choices[0].message.content or "")
    del messages[2]["reasoning_content"]
    with pytest.raises(openai.BadRequestError, match="reasoning_content is missing"):
        await client.chat.completions.create(model=MODEL, messages=messages, tools=tools)


async def test_chat_in_any_json_and_with_an_image(client: AsyncOpenAI) -> None:
    content: Any = [
        {"type": "text", "text": "What is this, as JSON?"},
        {"type": "image_url", "image_url": {"url": PICTURE}},
    ]
    reply = await client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": content}], response_format={"type": "json_object"}
    )
    assert "an image, PNG, 640x480" in json.loads(reply.choices[0].message.content or "")["answer"]


# Responses


async def test_responses_whole(client: AsyncOpenAI) -> None:
    reply = await client.responses.create(
        model=MODEL, input="Hello", instructions="You help.", max_output_tokens=900
    )
    assert reply.status == "completed"
    assert reply.output_text.startswith("(sandbox) The sandbox knows only")
    assert [item.type for item in reply.output] == ["reasoning", "message"]
    assert reply.usage is not None
    assert reply.usage.output_tokens_details.reasoning_tokens > 0
    cut = await client.responses.create(model=MODEL, input="Hello", max_output_tokens=40)
    assert cut.status == "incomplete"
    assert cut.incomplete_details is not None
    assert cut.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize("summary", [None, "auto"])
async def test_responses_by_the_strict_helper(client: AsyncOpenAI, summary: Any) -> None:
    reasoning: Any = {"summary": summary} if summary else openai.omit
    async with client.responses.stream(
        model=MODEL, input=FIX, text_format=Answer, reasoning=reasoning
    ) as stream:
        kinds: list[str] = [event.type async for event in stream]
        final = await stream.get_final_response()
    assert final.output_parsed is not None
    assert final.output_parsed.summary == "(sandbox) Added `import os`."
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    thought = "response.reasoning_summary_text.delta" if summary else "response.reasoning_text.delta"
    assert kinds.index(thought) < kinds.index("response.output_text.delta")


async def test_responses_with_tools(client: AsyncOpenAI) -> None:
    tools: Any = Responses().tools(DEFINITION, READ_FILE)
    for tool in tools:
        tool["strict"] = True
    history: list[Any] = [{"role": "user", "content": CALLING}]
    results = {
        '{"name": "total"}': "shop/money.py:3: def total(cart):",
        '{"name": "tax"}': "Error: no",
    }
    for count in (2, 1):
        async with client.responses.stream(model=MODEL, input=history, tools=tools) as stream:
            async for _event in stream:
                continue
            final = await stream.get_final_response()
        calls = [item for item in final.output if item.type == "function_call"]
        assert len(calls) == count
        history += [item.to_dict() for item in final.output]
        history += [
            {
                "type": "function_call_output",
                "call_id": call.call_id,
                "output": results.get(call.arguments, MONEY),
            }
            for call in calls
        ]
    last = await client.responses.create(model=MODEL, input=history, tools=tools)
    assert "`total` is defined in shop/money.py, line 3 (sandbox)" in last.output_text
    with pytest.raises(openai.BadRequestError, match="reasoning_content is missing"):
        await client.responses.create(
            model=MODEL, input=[item for item in history if item.get("type") != "reasoning"], tools=tools
        )


async def test_responses_with_an_image(client: AsyncOpenAI) -> None:
    content: Any = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": PICTURE, "detail": "auto"},
    ]
    reply = await client.responses.create(model=MODEL, input=[{"role": "user", "content": content}])
    assert "an image, PNG, 640x480" in reply.output_text


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("400-overflow", openai.BadRequestError),
        ("401", openai.AuthenticationError),
        ("402", openai.APIStatusError),
        ("403", openai.PermissionDeniedError),
        ("404", openai.NotFoundError),
        ("429", openai.RateLimitError),
        ("429-quota", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("502-html", openai.InternalServerError),
        ("503", openai.InternalServerError),
        ("529", openai.InternalServerError),
    ],
)
async def test_errors_are_the_sdk_s_own(
    client: AsyncOpenAI, fault: str, error: type[openai.APIStatusError]
) -> None:
    headers = {"x-sandbox-fault": fault}
    with pytest.raises(error) as chat:
        await client.chat.completions.create(model=MODEL, messages=user("Hello"), extra_headers=headers)
    with pytest.raises(error) as responses:
        await client.responses.create(model=MODEL, input="Hello", extra_headers=headers)
    assert chat.value.status_code == responses.value.status_code == int(fault[:3])
    assert chat.value.request_id == "sandbox-1"


async def test_an_error_in_the_middle_is_raised(client: AsyncOpenAI) -> None:
    headers = {"x-sandbox-fault": "stream-error"}
    stream = await client.chat.completions.create(
        model=MODEL, messages=user("Hello"), stream=True, extra_headers=headers
    )
    with pytest.raises(openai.APIError, match="The provider returned an error"):
        [chunk async for chunk in stream]


async def test_the_models_are_listed(client: AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == [MODEL]
    assert (await client.models.retrieve(MODEL)).owned_by == "kimi-lsp-sandbox"
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("kimi-k3")
