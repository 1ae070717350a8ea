"""Every fault, as a client meets it on its socket."""

import json
from typing import Any

import httpx
import pytest

from kimi_lsp.sandbox.errors import UnknownFault
from kimi_lsp.sandbox.faults import NAMES, STATUS_FAULTS, Fault
from tests.sandbox.asking import as_edits, chat, events, message, problem, said
from tests.sandbox.conftest import Sandbox

FIX = message("fix", "x = os.sep\n", problems=[problem(1, "undefined name 'os'", "F821")])
BODY: dict[str, Any] = chat(FIX, stream=True, response_format=as_edits())


async def test_a_status_fault_is_answered_at_once(sandbox: Sandbox) -> None:
    for fault in STATUS_FAULTS:
        response = await sandbox.ask(BODY, x_sandbox_fault=fault)
        status = int(fault[:3])
        assert response.status_code == status
        assert ("retry-after" in response.headers) == (fault == "429")
        if fault == "502-html":
            assert response.headers["content-type"].startswith("text/html")
        else:
            assert response.json()["error"]["message"]
        record = (await sandbox.requests())[-1]
        assert (record["fault"], record["state"], record["status"]) == (fault, "finished", status)


async def test_retry_after_is_as_long_as_asked_for(sandbox: Sandbox) -> None:
    assert (await sandbox.ask(BODY, x_sandbox_fault="429")).headers["retry-after"] == "1"
    assert (await sandbox.ask(BODY, x_sandbox_fault="429:0.5")).headers["retry-after"] == "0.5"


async def test_a_counted_fault_ends_by_itself(sandbox: Sandbox) -> None:
    await sandbox.control(fault="503*2")
    assert [(await sandbox.ask(BODY)).status_code for _ in range(4)] == [503, 503, 200, 200]


async def test_a_fault_stays_until_it_is_taken_back(sandbox: Sandbox) -> None:
    await sandbox.control(fault="500")
    assert [(await sandbox.ask(BODY)).status_code for _ in range(3)] == [500, 500, 500]
    await sandbox.control(fault=None)
    assert (await sandbox.ask(BODY)).status_code == 200


async def test_a_fault_of_one_request_leaves_the_counted_one(sandbox: Sandbox) -> None:
    await sandbox.control(fault="503*1")
    assert (await sandbox.ask(BODY, x_sandbox_fault="401")).status_code == 401
    assert (await sandbox.ask(BODY, x_sandbox_fault="nonsense")).status_code == 400
    assert (await sandbox.ask(BODY)).status_code == 503
    assert (await sandbox.ask(BODY)).status_code == 200


@pytest.mark.parametrize("stream", [True, False])
async def test_a_cut_ends_the_body_early(sandbox: Sandbox, stream: bool) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await sandbox.ask({**BODY, "stream": stream}, x_sandbox_fault="cut")
    (record,) = await sandbox.requests()
    assert record["usage"] is None


async def test_a_cut_comes_in_the_middle_of_the_content(sandbox: Sandbox) -> None:
    lines: list[str] = []
    with pytest.raises(httpx.RemoteProtocolError):
        await read_into(lines, sandbox, "cut")
    whole = said(events((await sandbox.ask(BODY)).text), "content")
    cut = said(events("\n".join(lines)), "content")
    assert cut
    assert whole.startswith(cut)
    assert len(cut) < len(whole)


async def read_into(lines: list[str], sandbox: Sandbox, fault: str) -> None:
    headers = {"x-sandbox-fault": fault}
    async with sandbox.client.stream("POST", "/v1/chat/completions", json=BODY, headers=headers) as response:
        async for line in response.aiter_lines():
            lines.append(line)  # noqa: PERF401 (what came before the error is wanted)


async def test_a_stall_thinks_and_then_says_nothing(sandbox: Sandbox) -> None:
    headers = {"x-sandbox-fault": "stall"}
    async with sandbox.client.stream("POST", "/v1/chat/completions", json=BODY, headers=headers) as response:
        lines = response.aiter_lines()
        while "reasoning_content" not in await anext(lines):
            continue
    await sandbox.wait("disconnected")
    (record,) = await sandbox.requests()
    assert record["state"] == "disconnected"


async def test_a_stream_of_comments_has_no_data(sandbox: Sandbox) -> None:
    headers = {"x-sandbox-fault": "comments-only"}
    async with sandbox.client.stream("POST", "/v1/chat/completions", json=BODY, headers=headers) as response:
        lines = response.aiter_lines()
        got = [await anext(lines) for _ in range(6)]
    assert set(got) == {": ping", ""}
    await sandbox.wait("disconnected")


@pytest.mark.parametrize("stream", [True, False])
async def test_a_slow_first_byte_is_followed_by_the_answer(sandbox: Sandbox, stream: bool) -> None:
    response = await sandbox.ask({**BODY, "stream": stream}, x_sandbox_fault="slow-first-byte:0.01")
    assert response.status_code == 200
    assert "import os" in response.text


async def test_bytes_that_are_no_text_come_in_the_middle(sandbox: Sandbox) -> None:
    for stream in (True, False):
        response = await sandbox.ask({**BODY, "stream": stream}, x_sandbox_fault="invalid-utf8")
        with pytest.raises(UnicodeDecodeError):
            response.content.decode()


async def test_data_that_is_no_json_comes_in_the_middle(sandbox: Sandbox) -> None:
    streamed = await sandbox.ask(BODY, x_sandbox_fault="invalid-json")
    data = [line.removeprefix("data: ") for line in streamed.text.split("\n") if line.startswith("data: ")]
    broken = [index for index, one in enumerate(data) if one != "[DONE]" and not is_json(one)]
    assert len(broken) == 1
    assert 0 < broken[0] < len(data) - 2
    whole = await sandbox.ask({**BODY, "stream": False}, x_sandbox_fault="invalid-json")
    assert not is_json(whole.text)


async def test_an_error_can_come_in_the_middle_of_a_stream(sandbox: Sandbox) -> None:
    *chunks, last = events((await sandbox.ask(BODY, x_sandbox_fault="stream-error")).text)
    assert said(chunks, "content")
    assert last["error"]["code"] == "upstream_error"
    assert "choices" not in last


async def spoken(sandbox: Sandbox, fault: str) -> str:
    response = await sandbox.ask(BODY, x_sandbox_fault=fault)
    return said(events(response.text), "content")


async def test_the_answer_can_be_prose(sandbox: Sandbox) -> None:
    content = await spoken(sandbox, "not-json-answer")
    assert "(sandbox)" in content
    assert "{" not in content


async def test_the_answer_can_be_half_of_the_json(sandbox: Sandbox) -> None:
    content = await spoken(sandbox, "truncated-json")
    assert content.startswith('{"summary"')
    assert not is_json(content)


async def test_the_answer_can_stand_in_a_fence(sandbox: Sandbox) -> None:
    head, json_text, _ = (await spoken(sandbox, "fenced-json")).split("```")
    assert head
    assert json.loads(json_text.removeprefix("json"))["edits"]


async def test_the_answer_can_have_another_shape(sandbox: Sandbox) -> None:
    assert not {"summary", "edits"} & json.loads(await spoken(sandbox, "wrong-schema")).keys()


async def test_the_answer_can_be_thought_only(sandbox: Sandbox) -> None:
    chunks = events((await sandbox.ask(BODY, x_sandbox_fault="empty-length")).text)
    assert said(chunks, "content") == ""
    assert said(chunks, "reasoning_content")
    assert chunks[-3]["choices"][0]["finish_reason"] == "length"
    usage = chunks[-2]["usage"]
    assert usage["completion_tokens"] == usage["completion_tokens_details"]["reasoning_tokens"] > 0


async def test_free_text_is_not_touched_by_faults_of_json(sandbox: Sandbox) -> None:
    body = chat(message("explain", "x = 1\n"))
    plain = (await sandbox.ask(body)).json()["choices"]
    for fault in ("not-json-answer", "truncated-json", "fenced-json", "wrong-schema"):
        assert (await sandbox.ask(body, x_sandbox_fault=fault)).json()["choices"] == plain


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_read_with_seconds_and_a_count(name: str) -> None:
    assert Fault.parse(name) == Fault(name)
    assert Fault.parse(f"{name}*3") == Fault(name, left=3)
    assert Fault.parse(f"{name}:0.5*2") == Fault(name, 0.5, 2)


@pytest.mark.parametrize(
    "spelling", ["", "418", "401*", "401*0", "401*-1", "401:x", "401 ", "CUT", "401*1*1"]
)
def test_other_spellings_are_unknown(spelling: str) -> None:
    with pytest.raises(UnknownFault):
        Fault.parse(spelling)


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
