"""The menu looks at the lines near a place only, and offers what it would if it looked at the whole document."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from kimi_lsp.project.gap import gap
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.handlers.code_action import code_action
from kimi_lsp.text import Lines, Position, Snapshot, Span

LINE = st.sampled_from(
    [
        "def f(x):",
        "    '''Doc.",
        "    more'''",
        "    pass",
        "    return x",
        "x = 1  # TODO: more",
        "# kimi: write it",
        "# a comment",
        "/* opened",
        "closed */",
        "@decorated",
        "",
        "function g() {",
        "}",
        "é = '😀'",
    ]
)
FILLER = st.tuples(LINE, st.integers(0, 300)).map(lambda one: [one[0]] * one[1])
TEXT = st.tuples(FILLER, st.lists(LINE, min_size=1, max_size=12), FILLER)


@given(TEXT, st.integers(0, 620), st.integers(0, 8), st.integers(0, 60))
@example((["# a comment"] * 39, ["def f(x):", "    pass"], ["# a comment"] * 39), 40, 4, 0)
@example((["x = 1"] * 300, ["# kimi: write it"] * 12, ["x = 1"] * 300), 305, 0, 6)
@example((["x = 1"] * 300, ["x = 1"], []), 620, 0, 0)
def test_implement_or_do_is_offered_where_something_is_wanted(
    parts: tuple[list[str], list[str], list[str]], row: int, column: int, more: int
) -> None:
    lines = [line for part in parts for line in part]
    # A run of decorators is followed as far as it goes, which no menu needs to.
    text = "\n".join("x = 1" if line == "@decorated" and lines.count(line) > 9 else line for line in lines)
    start, end = Position(row, column), Position(row + more, column)
    desk = Desk({})
    desk.documents.open("file:///a.py", "python", 1, text)
    whole = Lines.of(text)
    span = Span(whole.offset(start, desk.encoding), whole.offset(end, desk.encoding))
    found = gap(Snapshot("file:///a.py", 1, "python", text), span)
    offered = [title.partition("“")[0] for title in titles(desk, start, end)]
    is_done = found is not None and bool(found.wish) and not found.unwritten
    assert ("Kimi: Do " in offered) is is_done
    assert ("Kimi: Implement" in offered) is (found is not None and not is_done)


def titles(desk: Desk, start: Position, end: Position) -> list[str]:
    range_: dict[str, Any] = {"start": start._asdict(), "end": end._asdict()}
    params = {"textDocument": {"uri": "file:///a.py"}, "range": range_}
    menu = code_action(desk, {**params, "context": {"diagnostics": [], "triggerKind": 1}})
    return [action["title"] for action in menu or []]
