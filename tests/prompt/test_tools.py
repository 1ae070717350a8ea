"""The tools as they are declared, and what the model gives to them."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.conversation import ToolCall
from kimi_lsp.prompt import Target, refactor
from kimi_lsp.prompt.tools import (
    BadCall,
    Definition,
    ListFiles,
    ReadFile,
    SearchText,
    arguments,
    declarations,
    with_tools,
)
from kimi_lsp.text import Snapshot, Span

NUMBER = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
TEXT = {"type": "string"}
DECLARED: dict[str, dict[str, object]] = {
    "read_file": {"path": TEXT, "first_line": NUMBER, "last_line": NUMBER},
    "list_files": {"folder": TEXT},
    "search_text": {"text": TEXT, "folder": {"anyOf": [TEXT, {"type": "null"}]}},
    "outline": {"path": TEXT},
    "diagnostics": {"path": TEXT},
    "definition": {"name": TEXT},
}


def test_each_tool_is_declared_strictly() -> None:
    found = {tool.name: tool.parameters for tool in declarations()}
    assert found == {
        name: {"type": "object", "properties": takes, "required": [*takes], "additionalProperties": False}
        for name, takes in DECLARED.items()
    }
    for tool in declarations():
        assert re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_-]{2,63}", tool.name)
        assert tool.description


def test_a_prompt_with_tools_has_them_and_counts_them() -> None:
    plain = refactor(Target(Snapshot("file:///a", 1, "python", "x = 1\n"), Span(0, 1), "a.py"), "do it")
    prompt = with_tools(plain)
    assert prompt.request.tools == declarations()
    assert prompt.request.messages == plain.request.messages
    assert prompt.estimate > plain.estimate
    assert prompt.estimate == plain.estimate + prompt.shown[-1].tokens
    assert prompt.shown[-1].name == "tools"


@pytest.mark.parametrize(
    ("name", "given_", "read"),
    [
        (
            "read_file",
            '{"path": "a.py", "first_line": 3, "last_line": null}',
            ReadFile(path="a.py", first_line=3),
        ),
        ("read_file", '{"path": "a.py"}', ReadFile(path="a.py")),
        ("list_files", '{"folder": ""}', ListFiles(folder="")),
        ("search_text", ' {"folder": null, "text": "ä\\u00e4"}\n', SearchText(text="ää")),
        ("definition", '{"name": "Cart.total"}', Definition(name="Cart.total")),
    ],
)
def test_arguments_are_read(name: str, given_: str, read: object) -> None:
    assert arguments(ToolCall("1", name, given_)) == read


BAD = [
    ("delete_file", '{"path": "a.py"}', "no tool 'delete_file'; there are read_file, "),
    ("", "{}", "no tool ''"),
    ("x" * 1000, "{}", "no tool 'xxx"),
    ("read_file\n", "{}", r"no tool 'read_file\\n'"),
    ("read_file", "", "Invalid JSON"),
    ("read_file", '{"path": "a.py"', "Invalid JSON"),
    ("read_file", '"a.py"', "should be an object"),
    ("read_file", "[" * 3000, "Invalid JSON"),
    ("read_file", "null", "should be an object"),
    ("read_file", "{}", "path: Field required"),
    ("read_file", '{"path": 7}', "path: "),
    ("read_file", '{"path": null}', "path: "),
    ("read_file", '{"path": "a.py", "first_line": "3"}', "first_line: "),
    ("read_file", '{"path": "a.py", "first_line": true}', "first_line: "),
    ("read_file", '{"path": "a.py", "first_line": 1.5}', "first_line: "),
    ("read_file", '{"path": "a.py", "mode": "w"}', "mode: "),
    ("read_file", '{"path": "' + "a" * 5000 + '"}', "longer than 4,096"),
    ("read_file", '{"path": "\ud800"}', "not those of read_file"),
    ("search_text", '{"text": ["a"], "folder": null}', "text: "),
]


@pytest.mark.parametrize(("name", "given_", "why"), BAD)
def test_a_bad_call_is_said(name: str, given_: str, why: str) -> None:
    with pytest.raises(BadCall, match=why) as bad:
        arguments(ToolCall("1", name, given_))
    assert len(str(bad.value)) < 400
    assert str(bad.value).isascii()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["path", "text", "folder", "name", "first_line", "last_line", "x"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from([*DECLARED]), JSON.map(json.dumps) | st.text())
def test_whatever_is_given_is_read_or_said(name: str, given_: str) -> None:
    told = ""
    try:
        arguments(ToolCall("1", name, given_))
    except BadCall as bad:
        told = str(bad)
    assert told == "" or told.startswith("the arguments are ")
