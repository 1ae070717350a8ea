"""A request in which the model reads files first, over a real socket: what is said again is what came."""

import json
from pathlib import Path

from kimi_lsp.edits import AnswerReader
from kimi_lsp.features.reading import read_with_tools
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.project.workspace import Workspace
from kimi_lsp.prompt import Target, refactor
from kimi_lsp.prompt.tools import with_tools
from kimi_lsp.text import Snapshot, Span
from tests.kimi.conftest import MakeClient
from tests.kimi.server import DONE, Server, delta, event, streams

THOUGHT = " I need the cart –\n\tétude\u2028 \U0001f6d2 first.\r\n"
CALLS = (
    ("functions.read_file:7", "read_file", '{"path":"cart.py" , "first_line":null,"last_line" : null}'),
    ("search_text:8/ü", "search_text", '{"text":"total", "folder":null}\n'),
    ("functions.nothing:9", "nothing", "{broken"),
)
ANSWER = json.dumps({"summary": "Done.", "edits": []})


def pieces(number: int) -> list[bytes]:
    """Return the events in which one call comes: its id and name, then its arguments in two halves."""
    identity, name, arguments = CALLS[number]
    head = {"index": number, "id": identity, "type": "function", "function": {"name": name, "arguments": ""}}
    half = len(arguments) // 2
    rest = [
        {"index": number, "function": {"arguments": part}} for part in (arguments[:half], arguments[half:])
    ]
    return [delta(tool_calls=[piece]) for piece in (head, *rest)]


def usage(prompt: int, completion: int) -> bytes:
    return event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}})


async def test_the_turn_goes_back_byte_for_byte(tmp_path: Path, server: Server, make: MakeClient) -> None:
    (tmp_path / "cart.py").write_text("total = 1\n")
    thoughts = [delta(reasoning_content=THOUGHT[start : start + 5]) for start in range(0, len(THOUGHT), 5)]
    calls = [one for number in range(len(CALLS)) for one in pieces(number)]
    server.plays(
        streams(*thoughts, delta(content="I look."), *calls, delta("tool_calls"), usage(1000, 50), DONE),
        streams(delta(reasoning_content="Now."), delta(content=ANSWER), delta("stop"), usage(1200, 40), DONE),
    )
    snapshot = Snapshot((tmp_path / "main.py").as_uri(), 1, "python", "import cart\n")
    prompt = with_tools(refactor(Target(snapshot, Span(0, 11), "main.py"), "do it"))

    told = await read_with_tools(
        make(), prompt, lambda _phase: None, Toolbox(Workspace((tmp_path,))), new_reader=AnswerReader
    )

    first, second = (request.json for request in server.requests)
    before = len(first["messages"])
    assert second["messages"][:before] == first["messages"]
    turn, *results = second["messages"][before:]
    assert turn == {
        "role": "assistant",
        "content": "I look.",
        "reasoning_content": THOUGHT,
        "tool_calls": [
            {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}
            for identity, name, arguments in CALLS
        ],
    }
    assert [(one["role"], one["tool_call_id"]) for one in results] == [
        ("tool", identity) for identity, _, _ in CALLS
    ]
    assert results[0]["content"] == "cart.py, lines 1 to 1 of 1:\ntotal = 1\n"
    assert results[1]["content"] == "cart.py:1: total = 1"
    assert results[2]["content"].startswith("Error: there is no tool 'nothing'")
    for body in (first, second):
        assert [tool["function"]["name"] for tool in body["tools"]] == [
            tool.name for tool in prompt.request.tools
        ]
        assert "tool_choice" not in body
    assert first["tools"] == second["tools"]
    assert (told.readings.usage.prompt_tokens, told.readings.usage.completion_tokens) == (2200, 90)
    assert told.answer().summary == "Done."
