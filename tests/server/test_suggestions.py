"""What a review suggested stays with its lines, is gone with them, and is offered from memory."""

from collections.abc import Sequence
from typing import Any, get_args

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kimi_lsp.edits import EditPlan, Proposal, Refusal, plan, rebase
from kimi_lsp.edits.carry import LineEdit
from kimi_lsp.features import Suggestion
from kimi_lsp.server import keeping
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.documents import Document
from kimi_lsp.server.handlers import suggestions
from kimi_lsp.server.handlers.code_action import code_action
from kimi_lsp.server.handlers.text_sync import did_change, did_close, did_open
from kimi_lsp.text import Encoding, Lines, Position, split
from tests.server.test_documents import ENCODING, PLACE

URI = "file:///a.py"
CLIENT = {"capabilities": {"workspace": {"workspaceEdit": {"documentChanges": True}}}}
Json = dict[str, Any]
TEXT = st.text(alphabet="ab \té😀\n", max_size=30)


@st.composite
def plans(draw: st.DrawFn) -> EditPlan:
    text = draw(TEXT)
    count = len(split(text))
    edits = []
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(0, count))
        last = draw(st.integers(first, min(count, first + 2)))
        new = tuple(draw(st.lists(st.text("xyé", max_size=3), max_size=2)))
        inserts = first == last
        after = inserts and first > 0 and draw(st.booleans())
        before = inserts and last < count and (not after or draw(st.booleans()))
        assume(not inserts or after or before or not count)
        edits.append(LineEdit(first, last, new, after, before))
    try:
        made = EditPlan.of(text, edits)
    except Refusal:
        made = EditPlan.of(text, ())
    assume(made.hunks)
    return made


def offered(edits: Sequence[Json], text: str, encoding: Encoding) -> str:
    """Do what an editor does with TextEdits: all of them are about the text as it is."""
    lines = Lines.of(text)

    def offset(place: Json) -> int:
        position = Position(place["line"], place["character"])
        found = lines.offset(position, encoding)
        assert lines.position(found, encoding) == position, "a place that the text does not have"
        return found

    spans = [(offset(one["range"]["start"]), offset(one["range"]["end"]), one["newText"]) for one in edits]
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@given(plans(), st.lists(st.tuples(PLACE, PLACE, TEXT), max_size=4), ENCODING)
@example(
    plan=EditPlan.of("a\nb\n", [LineEdit(1, 2, ("x",))]),
    changes=[(Position(1, 0), Position(1, 0), "new\n")],
    encoding="utf-16",
)
def test_what_stays_is_what_carrying_the_plan_comes_to(
    plan: EditPlan, changes: list[tuple[Position, Position, str]], encoding: Encoding
) -> None:
    document = Document(URI, "python", 1, plan.text)
    kept = keeping.kept(Suggestion("Better", plan), "s1", encoding)
    assert offered(kept.text_edits(), plan.text, encoding) == plan.apply()
    with document.followed() as log:
        for version, (start, end, new) in enumerate(changes, start=2):
            moved = kept.moved(document.replace(start, end, new, encoding, version))
            if moved is None:
                return
            kept = moved
        now = document.snapshot().text
        carried = rebase(plan, log.since(1) or (), now).apply()
    assert EditPlan.of(now, kept.line_edits()).apply() == carried
    assert offered(kept.text_edits(), now, encoding) == carried
    row = kept.row
    assert Lines.of(now).content(row) == Lines.of(plan.text).content(row) or changes


@given(TEXT, TEXT)
def test_a_whole_new_text_touches_only_the_lines_that_differ(before: str, after: str) -> None:
    document = Document(URI, "python", 1, before)
    replaced = document.reset(after, 2)
    old, new = split(before), split(after)
    assert new == [
        *old[: replaced.first],
        *new[replaced.first : replaced.first + replaced.new],
        *old[replaced.last :],
    ]


# What a person meets: typing elsewhere, and in the lines themselves.

SOURCE = (
    'import os\r\n\r\n\r\nclass A:\r\n\tclass B:\r\n\t\tdef größe(self):\r\n\t\t\treturn "€😀" == None\r\n'
)
IS_NONE = Proposal(
    file="", search='\t\t\treturn "€😀" == None', replace='\t\t\treturn "€😀" is None', line=None
)
NO_OS = Proposal(file="", search="import os\n\n", replace="\n", line=1)


def desk(
    *proposals: Sequence[Proposal], encoding: Encoding = "utf-16", text: str = SOURCE, **options: Any
) -> Desk:
    made = Desk({"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"})
    made.begin({**CLIENT, "initializationOptions": options})
    made.encoding = encoding
    did_open(made, {"textDocument": {"uri": URI, "languageId": "python", "version": 1, "text": text}})
    kept = [
        keeping.kept(Suggestion(f"Reason {number}", plan(text, list(one))), f"s{number}", encoding)
        for number, one in enumerate(proposals)
    ]
    made.suggestions.put(URI, kept)
    return made


def typed(made: Desk, line: int, character: int, text: str, *, to: tuple[int, int] | None = None) -> None:
    start = {"line": line, "character": character}
    end = {"line": to[0], "character": to[1]} if to else start
    document = made.documents.get(URI)
    assert document is not None
    identity = {"uri": URI, "version": document.version + 1}
    change = {"range": {"start": start, "end": end}, "text": text}
    did_change(made, {"textDocument": identity, "contentChanges": [change]})


def menu(made: Desk, line: int, *own: Json, trigger: int = 2, only: list[str] | None = None) -> list[Json]:
    place = {"line": line, "character": 0}
    params = {
        "textDocument": {"uri": URI},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": list(own), "triggerKind": trigger, **({"only": only} if only else {})},
    }
    return code_action(made, params) or []


def text_of(made: Desk) -> str:
    document = made.documents.get(URI)
    assert document is not None
    return document.snapshot().text


@pytest.mark.parametrize("encoding", get_args(Encoding))
def test_it_survives_what_is_typed_elsewhere_and_goes_with_its_lines(encoding: Encoding) -> None:
    made = desk([IS_NONE], [NO_OS], encoding=encoding)
    typed(made, 3, 0, "# é\r\n")
    typed(made, 3, 1, "!")
    (action, *_) = menu(made, 7)
    assert action["title"] == "Kimi: Apply “Reason 0”"
    (change,) = action["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 3}
    assert offered(change["edits"], text_of(made), encoding) == text_of(made).replace("== None", "is None")
    typed(made, 7, 4, "x")
    assert menu(made, 7) == []
    assert [one.id for one in made.suggestions.of(URI)] == ["s1"]
    typed(made, 0, 0, "", to=(0, 3))
    assert made.suggestions.of(URI) == ()


def test_a_menu_is_short_and_names_no_suggestion_as_a_problem() -> None:
    made = desk([IS_NONE], [NO_OS])
    (hint,) = [one.diagnostic() for one in made.suggestions.of(URI) if one.id == "s0"]
    assert (hint["severity"], hint["source"], hint["message"]) == (4, "kimi", "Reason 0")
    actions = menu(made, 6, hint)
    assert [one["title"] for one in actions] == ["Kimi: Apply “Reason 0”", "Kimi: Dismiss “Reason 0”"]
    assert actions[0]["diagnostics"] == [hint]
    assert all(one["kind"] == "quickfix.kimi.suggestion" for one in actions)
    assert menu(made, 4) == []
    error = {**hint, "source": "mypy", "message": "Bad", "severity": 1}
    titles = [one["title"] for one in menu(made, 6, hint, error, trigger=1)]
    assert titles == ["Kimi: Fix “Bad”", "Kimi: Apply “Reason 0”", "Kimi: Dismiss “Reason 0”"]
    assert menu(made, 6, hint, only=["refactor"]) == []
    assert len(menu(made, 6, hint, only=["quickfix"])) == 2


def test_a_menu_that_nobody_asked_for_has_it_only_where_its_hint_is() -> None:
    whole = Proposal(
        file="",
        search="\tclass B:\n\t\tdef größe(self):\n",
        replace="\tclass C:\n\t\tdef höhe(self):\n",
        line=None,
    )
    made = desk([whole])
    assert [len(menu(made, line)) for line in (3, 4, 5, 6)] == [0, 2, 0, 0]
    titles = [one["title"] for one in menu(made, 5, trigger=1)]
    assert titles[:2] == ["Kimi: Apply “Reason 0”", "Kimi: Dismiss “Reason 0”"]
    assert len(titles) == 3


def test_where_the_user_or_the_client_is_to_be_asked_the_action_is_a_command() -> None:
    for made in (desk([IS_NONE], preview="always"), desk([IS_NONE])):
        if made.settings.preview != "always":
            made.begin({"capabilities": {}})
        action = menu(made, 6)[0]
        assert "edit" not in action
        assert action["command"]["command"] == "kimi.applySuggestion"
        assert action["command"]["arguments"] == [{"uri": URI, "id": "s0"}]


def test_lenses_are_there_where_they_are_wanted() -> None:
    asked = {"textDocument": {"uri": URI}}
    assert suggestions.code_lens(desk([IS_NONE]), asked) is None
    lenses = suggestions.code_lens(desk([IS_NONE], suggestions="lenses"), asked)
    assert lenses is not None
    assert [(one["command"]["title"], one["command"]["command"]) for one in lenses] == [
        ("Kimi: Reason 0 – apply", "kimi.applySuggestion"),
        ("Dismiss", "kimi.dismiss"),
    ]
    assert all(one["range"]["start"] == {"line": 6, "character": 3} for one in lenses)


@pytest.mark.parametrize("encoding", get_args(Encoding))
def test_an_inline_completion_is_one_line_at_the_cursor(encoding: Encoding) -> None:
    made = desk([IS_NONE], [NO_OS], encoding=encoding)

    def at(line: int) -> Json | None:
        asked = {"textDocument": {"uri": URI}, "position": {"line": line, "character": 0}}
        return suggestions.inline_completion(made, asked)

    found = at(6)
    assert found is not None
    (item,) = found["items"]
    edits = [{"range": item["range"], "newText": item["insertText"]}]
    assert offered(edits, SOURCE, encoding) == SOURCE.replace("==", "is")
    assert at(5) is None
    assert at(0) is None, "what takes a line away is no completion of it"


def test_nothing_is_kept_of_a_document_that_is_closed_or_not_followed() -> None:
    made = desk([IS_NONE])
    did_close(made, {"textDocument": {"uri": URI}})
    assert made.suggestions.of(URI) == ()
    made = desk([IS_NONE])
    identity = {"uri": URI, "version": 1}
    did_change(made, {"textDocument": identity, "contentChanges": []})
    assert made.suggestions.of(URI) == ()
    assert menu(made, 6) == []


async def test_what_has_changed_is_told_once() -> None:
    made = desk([IS_NONE])
    await made.suggestions.changed()
    assert made.suggestions.taken() == [URI]
    typed(made, 6, 26, "\r\n# below")
    assert made.suggestions.taken() == []
    typed(made, 0, 0, "# above\r\n")
    assert made.suggestions.taken() == [URI]
