"""`kimi/didChangeDiagnostics`: all tools' problems in the menu, moved with the lines and never older than they are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.server.desk import Desk
from kimi_lsp.server.handlers.code_action import code_action
from kimi_lsp.server.handlers.diagnostics import did_change_diagnostics
from kimi_lsp.server.handlers.text_sync import did_change, did_close, did_open
from kimi_lsp.server.plain import InvalidParams
from kimi_lsp.text import split

URI = "file:///a.py"
TEXT = "one\ntwo\nthree\nfour\n"
Json = dict[str, Any]


def position(line: int, character: int = 0) -> Json:
    return {"line": line, "character": character}


def problem(line: int, message: str = "bad", **more: Any) -> Json:
    return {"range": {"start": position(line), "end": position(line, 3)}, "message": message, **more}


def desk(*diagnostics: Json, version: int = 1, text: str = TEXT) -> Desk:
    made = Desk({"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"})
    item = {"uri": URI, "languageId": "python", "version": 1, "text": text}
    did_open(made, {"textDocument": item})
    did_change_diagnostics(made, {"uri": URI, "version": version, "diagnostics": list(diagnostics)})
    return made


def typed(made: Desk, first: Json, last: Json, text: str, version: int = 2) -> None:
    change = {"range": {"start": first, "end": last}, "text": text}
    did_change(made, {"textDocument": {"uri": URI, "version": version}, "contentChanges": [change]})


def menu(made: Desk, line: int, *own: Json) -> list[str]:
    params = {
        "textDocument": {"uri": URI},
        "range": {"start": position(line), "end": position(line)},
        "context": {"diagnostics": list(own), "triggerKind": 2},
    }
    return [action["title"] for action in code_action(made, params) or []]


def test_a_problem_of_another_tool_is_in_the_menu() -> None:
    made = desk(problem(1, "Undefined name", source="ruff", code="F821"))
    assert menu(made, 1) == ["Kimi: Fix “Undefined name”"]
    assert menu(made, 0) == []


def test_what_the_menu_names_as_well_is_there_once() -> None:
    one = problem(1, "Undefined name", code="F821")
    assert menu(desk(one), 1, {**one, "data": 1}) == ["Kimi: Fix “Undefined name”"]
    assert menu(desk(one), 1, problem(1, "Other")) == ["Kimi: Fix “Other” and 1 more"]


def test_problems_move_with_their_lines_and_go_with_them() -> None:
    made = desk(problem(1, "here"), problem(3, "below"))
    typed(made, position(2, 0), position(2, 0), "new\r\nlines\r")
    assert (menu(made, 1), menu(made, 5), menu(made, 3)) == (["Kimi: Fix “here”"], ["Kimi: Fix “below”"], [])
    typed(made, position(1, 1), position(1, 1), "x", version=3)
    assert (menu(made, 1), menu(made, 5)) == ([], ["Kimi: Fix “below”"])


def test_what_speaks_of_another_text_is_not_taken() -> None:
    assert menu(desk(problem(1), version=2), 1) == []
    made = desk(problem(1))
    did_change(
        made, {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": "all new\nlines\n"}]}
    )
    assert menu(made, 1) == []


def test_nothing_is_kept_of_a_closed_document() -> None:
    made = desk(problem(1))
    did_close(made, {"textDocument": {"uri": URI}})
    did_change_diagnostics(made, {"uri": URI, "version": 1, "diagnostics": [problem(1)]})
    assert made.reported == {}


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"uri": URI, "version": 1},
        {"uri": URI, "version": "1", "diagnostics": []},
        {"uri": URI, "version": 1, "diagnostics": {}},
        {"uri": URI, "version": 1, "diagnostics": [1]},
        {"uri": URI, "version": 1, "diagnostics": [{"message": "no place"}]},
    ],
)
def test_what_has_another_form_changes_nothing(params: Json) -> None:
    made = desk(problem(1))
    with pytest.raises(InvalidParams):
        did_change_diagnostics(made, params)
    assert len(made.reported[URI]) == 1


PIECES = st.text(st.sampled_from("ab\n\r"), max_size=4)


@given(st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=6), st.data())
def test_a_problem_stays_on_its_line_whatever_is_typed(words: list[str], data: st.DataObject) -> None:
    text = "".join(f"{word}\n" for word in words)
    row = data.draw(st.integers(0, len(words) - 1))
    made = desk(problem(row), text=text)
    for version in range(2, 5):
        now = split(made.documents.get(URI).snapshot().text)  # type: ignore[union-attr]
        first = data.draw(st.integers(0, len(now)))
        last = data.draw(st.integers(first, len(now)))
        columns = sorted((data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))))
        typed(made, position(first, columns[0]), position(last, columns[1]), data.draw(PIECES), version)
    after = split(made.documents.get(URI).snapshot().text)  # type: ignore[union-attr]
    for kept in made.reported.get(URI, []):
        assert after[kept["range"]["start"]["line"]].rstrip("\r\n") == words[row]
