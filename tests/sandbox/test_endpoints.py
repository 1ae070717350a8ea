"""What holds on all three endpoints, and that the same conversation comes to the same on each."""

import json
from typing import Any

import pytest

from kimi_lsp.sandbox.tokens import count
from tests.sandbox.asking import ANSWER_SCHEMA, message, problem, put_in
from tests.sandbox.conftest import Sandbox
from tests.sandbox.talking import TALKERS, Chat, Messages, Responses, Said, Talker, talk

TEXT = "def f():\n    return os.sep + 'é🐍'\n"
FIX = message("fix", TEXT, problems=[problem(2, "undefined name 'os'", "F821")])
EXPLAIN = message("explain", TEXT, selection=(1, 2))


@pytest.fixture(params=TALKERS, ids=lambda one: one.__name__.lower())
def talker(request: pytest.FixtureRequest) -> Talker:
    built: Talker = request.param()
    return built


async def on_all(
    sandbox: Sandbox, text: str, schema: dict[str, Any] | None = None, **more: Any
) -> list[Said]:
    said: list[Said] = []
    for kind in TALKERS:
        talker: Talker = kind()
        talker.say(text)
        wanted = talker.formatted(schema) if schema else {}
        said.append(await talk(sandbox, talker, **wanted, **more))
    return said


@pytest.mark.parametrize("stream", [True, False])
async def test_the_same_conversation_comes_to_the_same_everywhere(sandbox: Sandbox, stream: bool) -> None:
    for text, schema in ((FIX, ANSWER_SCHEMA), (EXPLAIN, None), ("Hello", None)):
        chat, responses, messages = await on_all(sandbox, text, schema, stream=stream)
        assert chat.results == responses.results == messages.results
        assert chat.reasoning.startswith("This is the kimi-lsp sandbox")
        prompts = {
            chat.usage["prompt_tokens"],
            responses.usage["input_tokens"],
            messages.usage["input_tokens"] + messages.usage["cache_read_input_tokens"],
        }
        assert len(prompts) == 1
        assert len({one.usage["cost_usd"] for one in (chat, responses, messages)}) == 1


async def test_both_ways_of_answering_say_the_same(sandbox: Sandbox, talker: Talker) -> None:
    talker.say(FIX)
    wanted = talker.formatted(ANSWER_SCHEMA)
    whole = await talk(sandbox, talker, **wanted)
    streamed = await talk(sandbox, talker, stream=True, **wanted)
    assert streamed.results == whole.results
    answer = json.loads(whole.text)
    assert answer["summary"] == "(sandbox) Added `import os`."
    assert put_in(TEXT, answer["edits"]).startswith("import os\n")


async def test_an_answer_is_cut_at_the_limit(sandbox: Sandbox, talker: Talker) -> None:
    talker.say(EXPLAIN)
    full = await talk(sandbox, talker)
    limit = count(full.reasoning) + 7
    for stream in (True, False):
        cut = await talk(sandbox, talker, stream=stream, **{talker.limit: limit})
        assert cut.finish == "length"
        assert cut.reasoning == full.reasoning
        assert cut.text
        assert full.text.startswith(cut.text)
    nothing = await talk(sandbox, talker, stream=True, **{talker.limit: 3})
    assert (nothing.text, nothing.finish) == ("", "length")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"temperature": 0.2}, "invalid temperature: only 1 is allowed for this model"),
        ({"thinking": {"type": "disabled"}}, "invalid thinking: only type=enabled is allowed"),
        ({"enable_thinking": False}, "invalid thinking"),
        ({"tool_web_search": "yes"}, "tool_web_search must be a boolean"),
        ({"stream": 1}, "stream must be a boolean"),
        ({"tools": {}}, "tools must be a list of at most 128"),
    ],
)
async def test_what_the_service_rejects_is_rejected_everywhere(
    sandbox: Sandbox, talker: Talker, more: dict[str, Any], reason: str
) -> None:
    talker.say(FIX)
    said = await talk(sandbox, talker, **more)
    assert said.status == 400
    assert reason in said.error["message"]
    assert said.error["type"] == "invalid_request_error"


@pytest.mark.parametrize("limit", [0, 131_073, -1, True, "10", 1.5])
async def test_a_limit_out_of_range_is_rejected(sandbox: Sandbox, talker: Talker, limit: object) -> None:
    talker.say("Hello")
    said = await talk(sandbox, talker, **{talker.limit: limit})
    assert said.status == 400
    assert f"{talker.limit} must be a whole number from 1 to 131072" in said.error["message"]


async def test_prompt_and_answer_share_the_context(sandbox: Sandbox, talker: Talker) -> None:
    talker.say("x" * 4 * (262_144 - 16_384))
    said = await talk(sandbox, talker)
    assert said.status == 400
    assert said.error["message"] == "Your request exceeded model token limit : 262144"


@pytest.mark.parametrize(
    ("kind", "field"), [(Chat, "stop"), (Responses, "stop"), (Messages, "stop_sequences")]
)
async def test_four_stop_words_are_taken_and_no_more(
    sandbox: Sandbox, kind: type[Talker], field: str
) -> None:
    talker = kind()
    talker.say(EXPLAIN)
    said = await talk(sandbox, talker, **{field: ["1", "2", "3", "Its docstring"]})
    assert said.finish == "stop"
    assert said.text == "### `f()` (sandbox)\n\nA function on lines "
    assert (await talk(sandbox, talker, **{field: ["a"] * 5})).status == 400


async def test_a_forced_call_is_rejected(sandbox: Sandbox) -> None:
    forced: list[tuple[type[Talker], Any, str]] = [
        (Chat, "required", "required"),
        (Chat, {"type": "function", "function": {"name": "abc"}}, "specified"),
        (Responses, "required", "required"),
        (Responses, {"type": "function", "name": "abc"}, "specified"),
        (Messages, {"type": "any"}, "required"),
        (Messages, {"type": "tool", "name": "abc"}, "specified"),
    ]
    for kind, choice, spelling in forced:
        talker = kind()
        talker.say(FIX)
        said = await talk(sandbox, talker, tool_choice=choice)
        assert said.status == 400
        assert said.error["message"] == f"tool_choice '{spelling}' is incompatible with thinking enabled"


async def test_a_schema_outside_of_the_subset_is_rejected(sandbox: Sandbox, talker: Talker) -> None:
    talker.say(FIX)
    said = await talk(sandbox, talker, **talker.formatted({"type": "object", "oneOf": []}))
    assert said.status == 400
    assert "keyword oneOf is not supported" in said.error["message"]
    assert talker.format_field in said.error["message"]


async def test_any_json_needs_the_word_in_the_prompt(sandbox: Sandbox, talker: Talker) -> None:
    talker.say(EXPLAIN)
    taken = await talk(sandbox, talker, **talker.formatted(None))
    assert json.loads(taken.text)["answer"].startswith("### `f()` (sandbox)")
    wordless = {name: "You explain." for name in ("instructions", "system") if name in talker.body()}
    if not wordless:
        talker.history[0]["content"] = "You explain."
    said = await talk(sandbox, talker, **talker.formatted(None), **wordless)
    assert said.status == 400
    assert "needs the word 'json'" in said.error["message"]


async def test_a_search_is_counted_and_said_not_to_have_been_made(sandbox: Sandbox, talker: Talker) -> None:
    talker.say(EXPLAIN)
    without = await talk(sandbox, talker)
    said = await talk(sandbox, talker, tool_web_search=True, stream=True)
    assert "(sandbox: no web was searched; one search is counted)" in said.text
    assert said.usage["tool_usage"] == {"web_search": 1}
    assert "tool_usage" not in without.usage
    words = count(said.text) - count(without.text)
    assert said.usage["cost_usd"] == pytest.approx(without.usage["cost_usd"] + 0.015 + words * 4e-6)
    talker.say(FIX)
    talker.history.pop(-2)
    edited = await talk(sandbox, talker, tool_web_search=True, **talker.formatted(ANSWER_SCHEMA))
    assert "no web was searched" in json.loads(edited.text)["summary"]


def cached(usage: dict[str, Any]) -> Any:
    details: dict[str, int] = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    return details.get("cached_tokens") or usage.get("cache_read_input_tokens") or 0


async def test_what_an_earlier_prompt_began_with_is_cached(sandbox: Sandbox, talker: Talker) -> None:
    talker.say("x" * 4000)
    assert cached((await talk(sandbox, talker)).usage) == 0
    assert cached((await talk(sandbox, talker)).usage) > 1000
    talker.history[-1:] = []
    talker.say("x" * 2000 + "y" * 2000)
    half = await talk(sandbox, talker)
    assert 500 < cached(half.usage) < 520


async def test_an_unknown_model_is_not_found(sandbox: Sandbox, talker: Talker) -> None:
    talker.say("Hello")
    said = await talk(sandbox, talker, model="kimi-k3")
    assert said.status == 404
    assert said.error["message"] == "Not found the model kimi-k3 or Permission denied"


async def test_an_error_has_the_endpoint_s_own_shape(sandbox: Sandbox) -> None:
    for kind in TALKERS:
        response = await sandbox.ask({}, endpoint=kind.endpoint)
        assert response.status_code == 400
        if kind is Messages:
            assert response.json()["type"] == "error"
            assert set(response.json()["error"]) == {"type", "message"}
        else:
            assert set(response.json()["error"]) == {"message", "type", "param", "code"}
        assert response.headers["x-request-id"] == response.headers["request-id"]


async def test_a_message_needs_a_limit(sandbox: Sandbox) -> None:
    talker = Messages()
    talker.say("Hello")
    said = await talk(sandbox, talker, max_tokens=None)
    assert (said.status, said.error["message"]) == (400, "max_tokens: Field required")


async def test_no_response_is_kept(sandbox: Sandbox) -> None:
    talker = Responses()
    talker.say("Hello")
    assert (await talk(sandbox, talker, previous_response_id="resp_1")).status == 400


async def test_a_thought_is_shown_as_a_summary_where_one_is_asked_for(sandbox: Sandbox) -> None:
    talker = Responses()
    talker.say("Hello")
    plain = await talk(sandbox, talker, stream=True)
    summed = await talk(sandbox, talker, stream=True, reasoning={"summary": "auto"})
    assert plain.reasoning == summed.reasoning
    assert [list(one.raw["output"][0]) for one in (plain, summed)] == [
        ["type", "id", "summary", "content"],
        ["type", "id", "summary"],
    ]
    sealed = await talk(sandbox, talker, include=["reasoning.encrypted_content"])
    assert sealed.raw["output"][0]["encrypted_content"].startswith("sandbox-")
