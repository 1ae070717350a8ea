"""The loop in which the model looks into the project before it answers."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from kimi_lsp.conversation import Message, ModelError, Reasoning, ToolCall
from kimi_lsp.edits import AnswerReader, NotAnAnswer
from kimi_lsp.features.outcome import EndlessReading, Phase
from kimi_lsp.features.reading import Told, offered, read_with_tools
from kimi_lsp.features.tools import Limits, Toolbox
from kimi_lsp.project.workspace import Workspace
from kimi_lsp.prompt import Prompt, Target, refactor
from kimi_lsp.prompt.tools import declarations, with_tools
from kimi_lsp.text import Snapshot, Span
from tests.support.calling import USED, Calling, call

TOKEN = "ghp_" + "a1B2" * 9
ANSWER = json.dumps({"summary": "Done.", "edits": []})
LOOK = (call("read_file", "functions.read_file:0", path="cart.py"),)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text("import cart\n")
    (tmp_path / "cart.py").write_text(f'KEY = "{TOKEN}"\n')
    return tmp_path


@pytest.fixture
def prompt(root: Path) -> Prompt:
    snapshot = Snapshot((root / "main.py").as_uri(), 1, "python", "import cart\n")
    return with_tools(refactor(Target(snapshot, Span(0, 11), "main.py"), "do it"))


async def told(model: Calling, prompt: Prompt, root: Path, *phases: list[Phase], **limits: int) -> Told:
    toolbox = Toolbox(Workspace((root,)), Limits(**limits))
    report = phases[0].append if phases else lambda _phase: None
    return await read_with_tools(model, prompt, report, toolbox, new_reader=AnswerReader)


async def test_an_answer_without_calls_is_the_answer(root: Path, prompt: Prompt) -> None:
    model = Calling(ANSWER)
    found = await told(model, prompt, root)
    assert found.reply.message.text == ANSWER
    assert found.prompt == prompt
    assert found.readings.usage == USED
    assert len(model.asked) == 1
    assert model.asked[0].tools == declarations()


async def test_calls_are_answered_in_order_and_the_turn_is_said_again_as_it_came(
    root: Path, prompt: Prompt
) -> None:
    calls = (
        call("read_file", "functions.read_file:0", path="cart.py"),
        ToolCall("functions.list_files:1", "list_files", ' {"folder" :""}\n'),
        ToolCall("", "rm", "-rf"),
    )
    model = Calling(calls, ANSWER)
    phases: list[Phase] = []
    found = await told(model, prompt, root, phases)
    first, second = model.asked
    turn, *results = second.messages[len(first.messages) :]
    assert second.messages[: len(first.messages)] == first.messages
    assert turn == Message("assistant", turn.parts, Reasoning("thought 1"), calls)
    assert turn.text == "I look. "
    assert [one.role for one in results] == ["tool"] * 3
    assert [one.tool_call_id for one in results] == ["functions.read_file:0", "functions.list_files:1", ""]
    assert results[0].text == 'cart.py, lines 1 to 1 of 1:\nKEY = "KIMI_SECRET_1_"\n'
    assert results[1].text == "cart.py\nmain.py"
    assert results[2].text.startswith("Error: there is no tool 'rm'")
    assert second.tools == first.tools
    assert second.answer == first.answer
    assert found.readings.usage == USED + USED
    assert [phase.note for phase in phases if phase.name == "reading"] == [
        "read_file cart.py",
        "list_files .",
        "rm",
    ]
    counted = [phase.tokens for phase in phases if phase.name in {"thinking", "writing"}]
    assert counted == sorted(counted)
    assert counted[-1] > USED.completion_tokens
    assert "reading… – read_file cart.py" in [phase.sentence() for phase in phases]


async def test_what_was_read_is_known_afterwards(root: Path, prompt: Prompt) -> None:
    found = await told(Calling(LOOK, ANSWER), prompt, root)
    assert found.prompt.redaction.restore('KEY = "KIMI_SECRET_1_"') == f'KEY = "{TOKEN}"'
    assert {path: one.text for path, one in found.readings.texts().items()} == {
        "cart.py": f'KEY = "{TOKEN}"\n'
    }
    assert found.prompt.estimate > prompt.estimate


async def test_only_the_last_turn_is_read_as_the_answer(root: Path, prompt: Prompt) -> None:
    early = json.dumps({"summary": "Not yet.", "edits": []})
    found = await told(Calling(LOOK, ANSWER, beside=early), prompt, root)
    assert found.answer().summary == "Done."


async def test_a_later_look_goes_on_from_an_earlier_one(root: Path, prompt: Prompt) -> None:
    toolbox = Toolbox(Workspace((root,)), Limits(calls=2))
    first = await read_with_tools(Calling(LOOK, ANSWER), prompt, lambda _phase: None, toolbox)
    model = Calling(LOOK, ANSWER)
    second = await read_with_tools(model, first.prompt, lambda _phase: None, toolbox, first.readings)
    assert second.readings.calls == 2
    assert model.asked[1].messages[-1].text.endswith("Give your answer now, from what you have.")
    assert second.readings.usage == USED + USED + USED + USED


@pytest.mark.parametrize("limits", [{"calls": 3}, {"turns": 3}])
async def test_a_loop_without_end_is_told_so_once_and_then_stopped(
    root: Path, prompt: Prompt, limits: dict[str, int]
) -> None:
    model = Calling(LOOK)
    with pytest.raises(
        EndlessReading, match=r"^The model was stopped: .* 3 times .* Nothing was changed"
    ) as endless:
        await told(model, prompt, root, **limits)
    assert len(model.asked) == 4
    warned = [request for request in model.asked if "Give your answer now" in request.messages[-1].text]
    assert warned == [model.asked[-1]]
    assert endless.value.usage == USED + USED + USED + USED
    assert endless.value.status == "failed"


async def test_a_model_that_heeds_the_limit_has_answered(root: Path, prompt: Prompt) -> None:
    found = await told(Calling(LOOK, LOOK, ANSWER), prompt, root, calls=2)
    assert found.reply.message.text == ANSWER


async def test_many_calls_in_one_turn_are_all_answered_but_few_are_done(root: Path, prompt: Prompt) -> None:
    calls = tuple(call("read_file", f"functions.read_file:{number}", path="cart.py") for number in range(40))
    model = Calling(calls, ANSWER)
    await told(model, prompt, root, calls=2)
    results = model.asked[1].messages[-40:]
    assert [one.tool_call_id for one in results] == [one.id for one in calls]
    assert sum(one.text.startswith("cart.py, lines") for one in results) == 2
    assert results[5].text == "Error: no further call is answered in this request"
    assert results[-1].text.endswith("Give your answer now, from what you have.")


async def test_what_is_added_to_the_conversation_is_limited(root: Path, prompt: Prompt) -> None:
    (root / "cart.py").write_text("row = 1\n" * 10_000)
    model = Calling(LOOK, LOOK, LOOK, LOOK, LOOK, ANSWER)
    with pytest.raises(EndlessReading):
        await told(model, prompt, root, tokens=5000)
    added = sum(len(message.text) for message in model.asked[-1].messages[2:])
    assert added < 5000 * 3
    assert len(model.asked) < 5


async def test_a_failure_of_the_model_passes_through(root: Path, prompt: Prompt) -> None:
    with pytest.raises(ModelError, match="no power"):
        await told(Calling(LOOK, ModelError("no power")), prompt, root)


async def test_it_is_stopped_when_the_task_is(root: Path, prompt: Prompt) -> None:
    begun = asyncio.Event()

    def report(phase: Phase) -> None:
        if phase.name == "reading":
            begun.set()

    toolbox = Toolbox(Workspace((root,)), Limits(calls=10**6, turns=10**6, tokens=10**9))
    task = asyncio.create_task(read_with_tools(Calling(LOOK), prompt, report, toolbox))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_without_tools_the_first_reply_is_the_end(prompt: Prompt) -> None:
    model = Calling(LOOK)
    found = await read_with_tools(model, prompt, lambda _phase: None, None)
    assert found.reply.message.tool_calls == LOOK
    assert len(model.asked) == 1
    with pytest.raises(NotAnAnswer):
        found.answer()


def test_tools_are_offered_where_there_is_room(root: Path, prompt: Prompt) -> None:
    toolbox = Toolbox(Workspace((root,)))
    plain = replace(prompt, request=replace(prompt.request, tools=()))
    assert offered(plain, None, 64_000) == (plain, None)
    assert offered(plain, toolbox, prompt.estimate + 200) == (plain, None)
    with_room, fitting = offered(plain, toolbox, 64_000)
    assert with_room.request.tools == declarations()
    assert fitting == toolbox
    _, narrow = offered(plain, toolbox, with_room.estimate + 1000)
    assert narrow is not None
    assert narrow.limits.tokens == 1000
