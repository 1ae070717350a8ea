"""Every fault, as a client meets it on its socket, on every endpoint."""

import json
from typing import Any

import httpx
import pytest

from kimi_lsp.sandbox.errors import UnknownFault
from kimi_lsp.sandbox.faults import NAMES, STATUS_FAULTS, Fault
from tests.sandbox.asking import ANSWER_SCHEMA, message, problem
from tests.sandbox.conftest import Sandbox
from tests.sandbox.talking import TALKERS, Messages, Said, Talker, stream, talk
from tests.sandbox.test_tools import EXPLAIN as CALLING
from tests.sandbox.test_tools import offered

FIX = message("fix", "x = os.sep\n", problems=[problem(1, "undefined name 'os'", "F821")])
EXPLAIN = message("explain", "x = 1\n")


@pytest.fixture(params=TALKERS, ids=lambda one: one.__name__.lower())
def talker(request: pytest.FixtureRequest) -> Talker:
    built: Talker = request.param()
    built.say(FIX)
    return built


def body(talker: Talker, **more: Any) -> dict[str, Any]:
    return talker.body(**{"stream": True, **talker.formatted(ANSWER_SCHEMA), **more})


async def ask(sandbox: Sandbox, talker: Talker, fault: str | None = None, **more: Any) -> httpx.Response:
    headers = {"x_sandbox_fault": fault} if fault else {}
    return await sandbox.ask(body(talker, **more), endpoint=talker.endpoint, **headers)


async def answer(sandbox: Sandbox, talker: Talker, fault: str, **more: Any) -> Said:
    return await talk(
        sandbox, talker, fault=fault, **{"stream": True, **talker.formatted(ANSWER_SCHEMA), **more}
    )


async def test_a_status_fault_is_answered_at_once(sandbox: Sandbox, talker: Talker) -> None:
    for fault in STATUS_FAULTS:
        response = await ask(sandbox, talker, fault)
        status = int(fault[:3])
        assert response.status_code == status
        assert ("retry-after" in response.headers) == (fault == "429")
        if fault == "502-html":
            assert response.headers["content-type"].startswith("text/html")
        else:
            assert response.json()["error"]["message"]
            assert ("code" in response.json()["error"]) == (not isinstance(talker, Messages))
        record = (await sandbox.requests())[-1]
        assert (record["fault"], record["state"], record["status"]) == (fault, "finished", status)


async def test_a_quota_that_is_used_up_can_be_told_from_a_limit(sandbox: Sandbox, talker: Talker) -> None:
    kinds = [(await ask(sandbox, talker, name)).json()["error"]["type"] for name in ("429-bare", "429-quota")]
    assert kinds == ["rate_limit_error", "exceeded_current_quota_error"]


async def test_a_message_s_error_has_the_status_s_own_name(sandbox: Sandbox) -> None:
    talker = Messages()
    talker.say(FIX)
    kinds = {
        name: (await ask(sandbox, talker, name)).json()["error"]["type"]
        for name in STATUS_FAULTS
        if name != "502-html"
    }
    assert kinds["402"] == "billing_error"
    assert kinds["404"] == "not_found_error"
    assert kinds["503"] == "api_error"
    assert kinds["529"] == "overloaded_error"
    assert kinds["400-overflow"] == "invalid_request_error"


async def test_retry_after_is_as_long_as_asked_for(sandbox: Sandbox, talker: Talker) -> None:
    assert (await ask(sandbox, talker, "429")).headers["retry-after"] == "1"
    assert (await ask(sandbox, talker, "429:0.5")).headers["retry-after"] == "0.5"


async def test_a_counted_fault_ends_by_itself(sandbox: Sandbox, talker: Talker) -> None:
    await sandbox.control(fault="503*2")
    assert [(await ask(sandbox, talker)).status_code for _ in range(4)] == [503, 503, 200, 200]


async def test_a_fault_stays_until_it_is_taken_back(sandbox: Sandbox, talker: Talker) -> None:
    await sandbox.control(fault="500")
    assert [(await ask(sandbox, talker)).status_code for _ in range(3)] == [500, 500, 500]
    await sandbox.control(fault=None)
    assert (await ask(sandbox, talker)).status_code == 200


async def test_a_fault_of_one_request_leaves_the_counted_one(sandbox: Sandbox, talker: Talker) -> None:
    await sandbox.control(fault="503*1")
    assert (await ask(sandbox, talker, "401")).status_code == 401
    assert (await ask(sandbox, talker, "nonsense")).status_code == 400
    assert (await ask(sandbox, talker)).status_code == 503
    assert (await ask(sandbox, talker)).status_code == 200


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_cut_ends_the_body_early(sandbox: Sandbox, talker: Talker, streamed: bool) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await ask(sandbox, talker, "cut", stream=streamed)
    (record,) = await sandbox.requests()
    assert record["usage"] is None
    assert record["bill"]["completion_tokens"] > 0


async def test_a_cut_comes_in_the_middle_of_the_content(sandbox: Sandbox, talker: Talker) -> None:
    lines: list[str] = []
    with pytest.raises(httpx.RemoteProtocolError):
        await read_into(lines, sandbox, talker, "cut")
    whole = (await ask(sandbox, talker)).text
    assert "edits" in whole
    cut = said(stream("\n".join(lines)))
    assert cut
    assert said(stream(whole)).startswith(cut)
    assert len(cut) < len(said(stream(whole)))


def said(events: list[dict[str, Any]]) -> str:
    """Join the text of a stream's content, on any endpoint."""
    texts: list[str] = []
    for event in events:
        delta = (event.get("choices") or [event])[0].get("delta")
        if event.get("type") == "response.output_text.delta":
            texts.append(event["delta"])
        elif isinstance(delta, dict):
            texts.append(delta.get("content") or delta.get("text") or "")
    return "".join(texts)


async def read_into(lines: list[str], sandbox: Sandbox, talker: Talker, fault: str) -> None:
    headers = {"x-sandbox-fault": fault}
    async with sandbox.client.stream("POST", talker.endpoint, json=body(talker), headers=headers) as response:
        async for line in response.aiter_lines():
            lines.append(line)  # noqa: PERF401 (what came before the error is wanted)


async def test_a_stall_thinks_and_then_says_nothing(sandbox: Sandbox, talker: Talker) -> None:
    headers = {"x-sandbox-fault": "stall"}
    async with sandbox.client.stream("POST", talker.endpoint, json=body(talker), headers=headers) as response:
        lines = response.aiter_lines()
        while "This is" not in await anext(lines):
            continue
    await sandbox.wait("disconnected")
    (record,) = await sandbox.requests()
    assert record["state"] == "disconnected"


async def test_a_stream_of_comments_has_no_data(sandbox: Sandbox, talker: Talker) -> None:
    headers = {"x-sandbox-fault": "comments-only"}
    async with sandbox.client.stream("POST", talker.endpoint, json=body(talker), headers=headers) as response:
        lines = response.aiter_lines()
        got = [await anext(lines) for _ in range(6)]
    assert set(got) == {": ping", ""}
    await sandbox.wait("disconnected")


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_slow_first_byte_is_followed_by_the_answer(
    sandbox: Sandbox, talker: Talker, streamed: bool
) -> None:
    response = await ask(sandbox, talker, "slow-first-byte:0.01", stream=streamed)
    assert response.status_code == 200
    assert "import os" in response.text


async def test_bytes_that_are_no_text_come_in_the_middle(sandbox: Sandbox, talker: Talker) -> None:
    for streamed in (True, False):
        response = await ask(sandbox, talker, "invalid-utf8", stream=streamed)
        with pytest.raises(UnicodeDecodeError):
            response.content.decode()
    lenient = (await ask(sandbox, talker, "invalid-utf8")).content.decode(errors="replace")
    assert "\ufffd" in said(stream(lenient))


async def test_data_that_is_no_json_comes_in_the_middle(sandbox: Sandbox, talker: Talker) -> None:
    streamed = await ask(sandbox, talker, "invalid-json")
    data = [line.removeprefix("data: ") for line in streamed.text.split("\n") if line.startswith("data: ")]
    broken = [index for index, one in enumerate(data) if one != "[DONE]" and not is_json(one)]
    assert len(broken) == 1
    assert 0 < broken[0] < len(data) - 2
    whole = await ask(sandbox, talker, "invalid-json", stream=False)
    assert not is_json(whole.text)


async def test_an_error_can_come_in_the_middle_of_a_stream(sandbox: Sandbox, talker: Talker) -> None:
    *events, last = stream((await ask(sandbox, talker, "stream-error")).text)
    assert said(events)
    about = last if last.get("type") == "error" and "error" not in last else last["error"]
    assert about["message"] == "The provider returned an error."
    assert "choices" not in last


async def test_the_numbers_of_a_stream_can_be_missing_or_all_alike(sandbox: Sandbox) -> None:
    for kind in TALKERS:
        talker: Talker = kind()
        talker.say(CALLING)
        for fault, values in (("missing-index", set[int]()), ("duplicate-index", {0})):
            response = await ask(sandbox, talker, fault, **offered(talker))
            found = {number for event in stream(response.text) for number in numbers(event)}
            assert found == values
            assert response.text.count("definition") >= 2


def numbers(value: Any) -> list[Any]:
    """Return all indexes in an event."""
    if isinstance(value, list):
        return [number for item in value for number in numbers(item)]
    if not isinstance(value, dict):
        return []
    names = ("index", "output_index", "content_index", "summary_index", "sequence_number")
    own = [value[name] for name in names if name in value]
    return own + [number for item in value.values() for number in numbers(item)]


async def test_the_answer_can_be_prose(sandbox: Sandbox, talker: Talker) -> None:
    content = (await answer(sandbox, talker, "not-json-answer")).text
    assert "(sandbox)" in content
    assert "{" not in content


async def test_the_answer_can_be_half_of_the_json(sandbox: Sandbox, talker: Talker) -> None:
    content = (await answer(sandbox, talker, "truncated-json")).text
    assert content.startswith('{"summary"')
    assert not is_json(content)


async def test_the_answer_can_stand_in_a_fence(sandbox: Sandbox, talker: Talker) -> None:
    head, json_text, _ = (await answer(sandbox, talker, "fenced-json")).text.split("```")
    assert head
    assert json.loads(json_text.removeprefix("json"))["edits"]


async def test_the_answer_can_have_another_shape(sandbox: Sandbox, talker: Talker) -> None:
    assert not {"summary", "edits"} & json.loads((await answer(sandbox, talker, "wrong-schema")).text).keys()


@pytest.mark.parametrize("streamed", [True, False])
async def test_the_answer_can_be_thought_only(sandbox: Sandbox, talker: Talker, streamed: bool) -> None:
    empty = await answer(sandbox, talker, "empty-length", stream=streamed)
    assert (empty.text, empty.finish) == ("", "length")
    assert empty.reasoning


@pytest.mark.parametrize("streamed", [True, False])
async def test_the_answer_can_be_a_refusal(sandbox: Sandbox, talker: Talker, streamed: bool) -> None:
    refused = await answer(sandbox, talker, "refusal", stream=streamed)
    assert refused.finish == "content_filter"
    whole = await ask(sandbox, talker, "refusal", stream=False)
    assert "(sandbox) I cannot help with that." in whole.text


async def test_free_text_is_not_touched_by_faults_of_json(sandbox: Sandbox, talker: Talker) -> None:
    talker.history.pop()
    talker.say(EXPLAIN)
    plain = await talk(sandbox, talker)
    for fault in ("not-json-answer", "truncated-json", "fenced-json", "wrong-schema"):
        assert (await talk(sandbox, talker, fault=fault)).results == plain.results


async def test_a_schema_can_be_rejected_by_its_field(sandbox: Sandbox, talker: Talker) -> None:
    refused = await answer(sandbox, talker, "schema-rejected")
    assert refused.status == 400
    assert refused.error["message"] == (
        f"Invalid request: {talker.format_field} of the type json_schema is not supported"
    )
    assert (await talk(sandbox, talker, fault="schema-rejected", **talker.formatted(None))).status == 200
    refused = await talk(sandbox, talker, fault="format-rejected", **talker.formatted(None))
    assert refused.status == 400
    assert talker.format_field in refused.error["message"]
    assert (await talk(sandbox, talker, fault="format-rejected")).status == 200


async def test_the_gateway_s_own_field_can_be_rejected(sandbox: Sandbox, talker: Talker) -> None:
    fault = "disable-formatting-rejected"
    refused = await answer(sandbox, talker, fault, disable_formatting=True)
    assert refused.status == 400
    assert "disable_formatting is not supported" in refused.error["message"]
    assert (await answer(sandbox, talker, fault)).status == 200


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
