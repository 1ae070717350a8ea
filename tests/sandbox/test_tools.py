"""Tools on all three endpoints: what is called, what is made of the results, and what must come back unchanged."""

import copy
import json
from typing import Any

import pytest

from tests.sandbox.asking import ANSWER_SCHEMA, message, problem, put_in
from tests.sandbox.conftest import Sandbox
from tests.sandbox.talking import TALKERS, Chat, Messages, Said, Talker, talk

WHOLE = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
DEFINITION: tuple[str, dict[str, Any]] = (
    "definition",
    {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
)
READ_FILE: tuple[str, dict[str, Any]] = (
    "read_file",
    {
        "type": "object",
        "properties": {"path": {"type": "string"}, "first_line": WHOLE, "last_line": WHOLE},
        "required": ["path", "first_line", "last_line"],
    },
)
TEXT = """from shop.money import total

def bill(cart):
    return total(cart) + tax(cart)
"""
EXPLAIN = message("explain", TEXT, selection=(3, 4))
MONEY = '''shop/money.py, lines 3 to 6 of 6:
def total(cart):
    """Add up."""
    return sum(cart)
'''


@pytest.fixture(params=TALKERS, ids=lambda one: one.__name__.lower())
def talker(request: pytest.FixtureRequest) -> Talker:
    built: Talker = request.param()
    return built


def offered(talker: Talker, *more: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"tools": talker.tools(DEFINITION, READ_FILE, *more)}


async def go_on(sandbox: Sandbox, talker: Talker, said: Said, *results: str, **more: Any) -> Said:
    """Replay a turn with the results of its calls, in order, and ask again."""
    talker.replay(said)
    talker.answer({call[0]: result for call, result in zip(said.calls, results, strict=True)})
    return await talk(sandbox, talker, **more)


@pytest.mark.parametrize("stream", [True, False])
async def test_names_are_looked_up_then_read_then_told(
    sandbox: Sandbox, talker: Talker, stream: bool
) -> None:
    more = {**offered(talker), "stream": stream}
    talker.say(EXPLAIN)
    first = await talk(sandbox, talker, **more)
    assert first.finish == "tool_calls"
    assert first.text == ""
    assert [call[1:] for call in first.calls] == [
        ("definition", {"name": "total"}),
        ("definition", {"name": "tax"}),
    ]
    assert len({call[0] for call in first.calls}) == 2
    places = ("shop/money.py:3: def total(cart):", "Error: nothing here is named tax.")
    second = await go_on(sandbox, talker, first, *places, **more)
    assert [call[1:] for call in second.calls] == [
        ("read_file", {"path": "shop/money.py", "first_line": 3, "last_line": 22})
    ]
    last = await go_on(sandbox, talker, second, MONEY, **more)
    assert last.finish == "stop"
    assert (
        "- `total` is defined in shop/money.py, line 3 (sandbox): `def total(cart):`, “Add up.”" in last.text
    )
    assert "- `tax` was looked up and not found (sandbox): Error: nothing here is named tax." in last.text


async def test_the_same_tools_come_to_the_same_everywhere(sandbox: Sandbox) -> None:
    results = []
    for kind in TALKERS:
        talker: Talker = kind()
        more = offered(talker)
        talker.say(EXPLAIN)
        first = await talk(sandbox, talker, **more)
        places = ("shop/money.py:3: def total(cart):", "shop/tax.py:1: def tax(cart):")
        second = await go_on(sandbox, talker, first, *places, **more)
        last = await go_on(sandbox, talker, second, MONEY, "Error: no such file", **more)
        results.append((first.results, second.results, last.results, last.usage["cost_usd"]))
        assert len(second.calls) == 2
    assert results[0] == results[1] == results[2]


async def test_without_parallel_calls_there_is_one_at_a_time(sandbox: Sandbox) -> None:
    for kind in TALKERS:
        talker: Talker = kind()
        one: dict[str, Any] = {"parallel_tool_calls": False}
        if kind is Messages:
            one = {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}
        talker.say(EXPLAIN)
        said = await talk(sandbox, talker, **offered(talker), **one)
        assert [call[2]["name"] for call in said.calls] == ["total"]
        said = await go_on(sandbox, talker, said, "Error: no", **offered(talker), **one)
        assert [call[2]["name"] for call in said.calls] == ["tax"]


async def test_nothing_is_called_that_may_not_be_or_is_not_offered(sandbox: Sandbox) -> None:
    for kind in TALKERS:
        talker: Talker = kind()
        talker.say(EXPLAIN)
        none: Any = {"type": "none"} if kind is Messages else "none"
        assert (await talk(sandbox, talker, **offered(talker), tool_choice=none)).calls == []
        assert (await talk(sandbox, talker, tools=talker.tools(READ_FILE))).calls == []
        assert (await talk(sandbox, talker)).calls == []


async def test_a_fix_imports_from_where_a_tool_found_the_name(sandbox: Sandbox, talker: Talker) -> None:
    text = "def bill(cart):\n    return total(cart)\n"
    more = {**offered(talker), **talker.formatted(ANSWER_SCHEMA)}
    talker.say(message("fix", text, problems=[problem(2, "undefined name 'total'", "F821")]))
    first = await talk(sandbox, talker, **more)
    assert [call[1:] for call in first.calls] == [("definition", {"name": "total"})]
    second = await go_on(sandbox, talker, first, "shop/money.py:3: def total(cart):", **more)
    last = await go_on(sandbox, talker, second, MONEY, **more)
    answer = json.loads(last.text)
    assert put_in(text, answer["edits"]) == f"from shop.money import total\n\n\n{text}"
    assert "`total` is defined in shop/money.py, line 3 (sandbox)" in answer["summary"]


@pytest.mark.parametrize(
    "place",
    [
        "shop/money.py:3:     def total(self):",
        "shop/money.js:3: function total() {",
        "my-shop/money.py:3: def total():",
        "Error: not found",
        "",
    ],
)
async def test_a_fix_imports_nothing_that_is_not_at_the_top_of_a_module(sandbox: Sandbox, place: str) -> None:
    talker = Chat()
    more = {"tools": talker.tools(DEFINITION), **talker.formatted(ANSWER_SCHEMA)}
    talker.say(message("fix", "total()\n", problems=[problem(1, "undefined name 'total'", "F821")]))
    first = await talk(sandbox, talker, **more)
    last = await go_on(sandbox, talker, first, place, **more)
    assert json.loads(last.text)["edits"] == []


async def test_a_refactoring_looks_up_what_the_instruction_quotes(sandbox: Sandbox, talker: Talker) -> None:
    talker.say(message("refactor", TEXT, instruction="Write a docstring as `Basket` has one, not `bill`."))
    said = await talk(sandbox, talker, **offered(talker))
    assert [call[1:] for call in said.calls] == [("definition", {"name": "Basket"})]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import os\nos.getcwd()\nprint(len([]))\n", []),
        ("from collections import Counter\nCounter()\n", []),
        ("from shop import total as t\n\nt()\n", ["total"]),
        ("from . import a, b\n", ["a", "b"]),
        ("def f(g):\n    g()\n    for h in g: h()\n", []),
        ("class A: pass\nA()\nlater()\n", ["later"]),
        ("try: pass\nexcept ValueError as e: e()\n", []),
        ("not python", []),
    ],
)
async def test_only_names_from_elsewhere_are_looked_up(sandbox: Sandbox, text: str, names: list[str]) -> None:
    talker = Chat()
    talker.say(message("explain", text))
    said = await talk(sandbox, talker, **offered(talker))
    assert [call[2]["name"] for call in said.calls] == names


# What must come back as it was said


async def called(sandbox: Sandbox, talker: Talker) -> Said:
    talker.say(EXPLAIN)
    said = await talk(sandbox, talker, **offered(talker))
    said.raw = copy.deepcopy(said.raw)
    return said


def thought(talker: Talker, said: Said, change: str | None) -> None:
    """Change what was thought before a turn, or take it away."""
    if isinstance(talker, Chat):
        message = said.raw["choices"][0]["message"]
        message["reasoning_content"] = None if change is None else message["reasoning_content"] + change
    elif isinstance(talker, Messages):
        content = said.raw["content"]
        content[:1] = [] if change is None else [{**content[0], "thinking": content[0]["thinking"] + change}]
    else:
        output = said.raw["output"]
        if change is None:
            del output[0]
        else:
            output[0]["content"][0]["text"] += change


async def test_a_thought_that_is_missing_is_named(sandbox: Sandbox, talker: Talker) -> None:
    said = await called(sandbox, talker)
    thought(talker, said, None)
    answer = await go_on(sandbox, talker, said, "Error: no", "Error: no", **offered(talker))
    assert answer.status == 400
    index = 2
    index = 1 if isinstance(talker, Messages) else index
    assert answer.error["message"] == (
        "thinking is enabled but reasoning_content is missing in assistant tool call message "
        f"at index {index}"
    )


@pytest.mark.parametrize("change", [" ", ".", "\n", "é"])
async def test_a_thought_that_differs_by_a_byte_is_rejected(
    sandbox: Sandbox, talker: Talker, change: str
) -> None:
    said = await called(sandbox, talker)
    thought(talker, said, change)
    answer = await go_on(sandbox, talker, said, "Error: no", "Error: no", **offered(talker))
    assert answer.status == 400
    assert "reasoning_content" in answer.error["message"] or "signature" in answer.error["message"]


async def test_a_block_keeps_its_signature(sandbox: Sandbox) -> None:
    talker = Messages()
    said = await called(sandbox, talker)
    said.raw["content"][0]["signature"] = ""
    answer = await go_on(sandbox, talker, said, "Error: no", "Error: no", **offered(talker))
    assert answer.status == 400
    assert "signature" in answer.error["message"]


async def test_a_turn_without_calls_needs_its_thought_too(sandbox: Sandbox, talker: Talker) -> None:
    talker.say("Hello")
    said = await talk(sandbox, talker)
    talker.replay(said)
    talker.say("And again?")
    assert (await talk(sandbox, talker)).status == 200
    for change in (None, "!"):
        del talker.history[1 + isinstance(talker, Chat) :]
        altered = copy.deepcopy(said)
        thought(talker, altered, change)
        talker.replay(altered)
        talker.say("And again?")
        answer = await talk(sandbox, talker)
        assert answer.status == 400
        assert "reasoning_content" in answer.error["message"] or "signature" in answer.error["message"]


async def test_an_id_that_was_never_given_is_named(sandbox: Sandbox, talker: Talker) -> None:
    said = await called(sandbox, talker)
    text = json.dumps(said.raw).replace("functions.definition:", "call_")
    said.raw = json.loads(text)
    said.calls = [(one.replace("functions.definition:", "call_"), *more) for one, *more in said.calls]
    answer = await go_on(sandbox, talker, said, "Error: no", "Error: no", **offered(talker))
    assert answer.status == 400
    assert f"unknown tool call id '{said.calls[0][0]}'" in answer.error["message"]


async def test_a_call_whose_arguments_were_changed_is_named(sandbox: Sandbox, talker: Talker) -> None:
    said = await called(sandbox, talker)
    said.raw = json.loads(json.dumps(said.raw).replace("total", "other").replace("TOTAL", "total"))
    restored = said.reasoning
    if isinstance(talker, Chat):
        said.raw["choices"][0]["message"]["reasoning_content"] = restored
    elif isinstance(talker, Messages):
        said.raw["content"][0]["thinking"] = restored
    else:
        said.raw["output"][0]["content"][0]["text"] = restored
    answer = await go_on(sandbox, talker, said, "Error: no", "Error: no", **offered(talker))
    assert answer.status == 400
    assert f"has changed the tool call '{said.calls[0][0]}'" in answer.error["message"]


async def test_every_call_needs_a_result_and_every_result_a_call(sandbox: Sandbox, talker: Talker) -> None:
    said = await called(sandbox, talker)
    first, second = (call[0] for call in said.calls)
    talker.replay(said)
    before = len(talker.history)
    talker.answer({first: "Error: no"})
    answer = await talk(sandbox, talker, **offered(talker))
    assert answer.status == 400
    assert f"without a result are: {second}" in answer.error["message"]
    del talker.history[before:]
    talker.answer({first: "a", second: "b", "functions.definition:99": "c"})
    answer = await talk(sandbox, talker, **offered(talker))
    assert answer.status == 400
    assert (
        "a tool_call_id that no tool call before it has: 'functions.definition:99'" in answer.error["message"]
    )


async def test_a_loop_of_calls_never_ends(sandbox: Sandbox, talker: Talker) -> None:
    talker.say("Hello")
    for stream in (True, False, True):
        said = await talk(sandbox, talker, fault="tool-loop", stream=stream, **offered(talker))
        assert [call[1:] for call in said.calls] == [("definition", {"name": "(sandbox)"})]
        talker.replay(said)
        talker.answer({said.calls[0][0]: "Error: no"})
    assert (await talk(sandbox, talker, fault="tool-loop")).calls == []


@pytest.mark.parametrize("name", ["ab", "1abc", "a b c", "x" * 65])
async def test_a_tool_s_name_has_the_service_s_form(sandbox: Sandbox, talker: Talker, name: str) -> None:
    talker.say("Hello")
    answer = await talk(sandbox, talker, tools=talker.tools((name, DEFINITION[1])))
    assert answer.status == 400
    assert "function name is invalid" in answer.error["message"]


async def test_a_tool_s_parameters_are_in_the_subset(sandbox: Sandbox, talker: Talker) -> None:
    talker.say("Hello")
    answer = await talk(sandbox, talker, tools=talker.tools(("look", {"type": "object", "not": {}})))
    assert answer.status == 400
    assert "keyword not is not supported" in answer.error["message"]
