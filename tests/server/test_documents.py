"""The line array behaves like the text that the editor has, whatever is typed."""

import gc
import weakref
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.server.documents import Document, Documents
from kimi_lsp.text import Encoding, Lines, Position, split
from tests.server.test_never_answers import EDIT, URI, client, command, opened
from tests.server.test_never_answers import PLACE as PLACE_OF_TWO
from tests.support.swift_time import swiftly
from tests.support.talk import agreeable, talk

TEXT = st.text(alphabet="ab \t\r\n\f\x0b\x1c\x85\u2028é😀e\u0301", max_size=40)
PLACE = st.builds(Position, st.integers(0, 12), st.integers(0, 12))
ENCODING = st.sampled_from(get_args(Encoding))


def expected(text: str, start: Position, end: Position, new: str, encoding: Encoding) -> str:
    lines = Lines.of(text)
    first, last = sorted((lines.offset(start, encoding), lines.offset(end, encoding)))
    return text[:first] + new + text[last:]


@given(TEXT, st.lists(st.tuples(PLACE, PLACE, TEXT), max_size=6), ENCODING)
def test_incremental_changes_equal_changes_of_the_whole_text(
    text: str, changes: list[tuple[Position, Position, str]], encoding: Encoding
) -> None:
    document = Document("file:///a.py", "python", 1, text)
    for version, (start, end, new) in enumerate(changes, start=2):
        text = expected(text, start, end, new, encoding)
        document.replace(start, end, new, encoding, version)
        assert document.snapshot().text == text
        assert document._lines == split(text)


@given(TEXT, st.lists(st.tuples(PLACE, PLACE, TEXT), max_size=6), ENCODING)
def test_the_log_leads_from_the_snapshot_to_the_present(
    text: str, changes: list[tuple[Position, Position, str]], encoding: Encoding
) -> None:
    document = Document("file:///a.py", "python", 1, text)
    with document.followed() as log:
        for version, (start, end, new) in enumerate(changes, start=2):
            if version % 3 == 0:
                document.reset(new, version)
            else:
                document.replace(start, end, new, encoding, version)
        told = log.since(1)
    assert told is not None
    for change in told:
        text = change.apply(text)
    assert text == document.snapshot().text


@given(st.lists(st.tuples(st.integers(0, 30), TEXT), max_size=20), st.integers(1, 4))
def test_the_log_holds_wherever_the_lines_are_that_change(changes: list[tuple[int, str]], rest: int) -> None:
    text = "".join(f"line {number}\r\n" for number in range(30))
    document = Document("file:///a.py", "python", 1, text)
    for number, (line, new) in enumerate(changes):
        version = number + 2
        # Some changes come while nobody follows; the place that was known then must not be believed later.
        if number % rest == 0:
            with document.followed() as log:
                before = document.snapshot().text
                document.replace(Position(line, 0), Position(line + 1, 3), new, "utf-16", version)
                (told,) = log.since(version - 1) or ()
            assert told.apply(before) == document.snapshot().text
        else:
            document.replace(Position(line, 0), Position(line, 2), new, "utf-16", version)


@given(TEXT, st.integers(0, 12), st.integers(0, 12), st.integers(0, 3))
def test_the_lines_near_a_place_are_those_of_the_document(
    text: str, first: int, more: int, margin: int
) -> None:
    document = Document("file:///a.py", "python", 7, text)
    top, part = document.near(first, first + more, margin)
    lines = split(text)
    assert part.text == "".join(lines[top : first + more + margin + 1])
    assert top == max(0, min(first, len(lines)) - margin)
    assert (part.uri, part.language, part.version) == ("file:///a.py", "python", 7)


def test_a_log_does_not_reach_back_before_its_first_follower() -> None:
    document = Document("file:///a.py", "python", 1, "a\n")
    document.reset("b\n", 2)
    with document.followed() as log:
        assert log.since(1) is None
        assert log.since(2) == ()


def test_a_snapshot_stays_as_it_was() -> None:
    document = Document("file:///a.py", "python", 1, "a\n")
    before = document.snapshot()
    document.replace(Position(0, 0), Position(0, 1), "b", "utf-16", 2)
    assert (before.text, before.version) == ("a\n", 1)
    assert (document.snapshot().text, document.snapshot().version) == ("b\n", 2)


@pytest.mark.parametrize("end", ["\f", "\x0b", "\x1c", "\x85", "\u2028"])
def test_only_newlines_end_a_line(end: str) -> None:
    document = Document("file:///a.py", "python", 1, f"one{end}still one\ntwo\n")
    document.replace(Position(1, 0), Position(1, 3), "TWO", "utf-16", 2)
    assert document.snapshot().text == f"one{end}still one\nTWO\n"


def test_a_column_past_the_end_does_not_split_a_crlf() -> None:
    document = Document("file:///a.py", "python", 1, "one\r\ntwo\r\n")
    document.replace(Position(0, 99), Position(0, 99), "!", "utf-16", 2)
    assert document.snapshot().text == "one!\r\ntwo\r\n"


async def test_whoever_waits_for_a_change_is_woken_by_it() -> None:
    import asyncio

    document = Document("file:///a.py", "python", 1, "")
    waiting: asyncio.Task[Any] = asyncio.ensure_future(document.changed())
    await asyncio.sleep(0)
    assert not waiting.done()
    document.reset("a", 2)
    await waiting


def test_closing_forgets_the_document() -> None:
    documents = Documents()
    documents.open("file:///a.py", "python", 1, "x = 1\n")
    documents.close("file:///a.py")
    documents.close("file:///a.py")
    assert documents.get("file:///a.py") is None
    assert len(documents) == 0


def test_nothing_is_kept_of_a_closed_document_and_no_second_copy_of_an_open_one() -> None:
    async def run() -> None:
        async with talk(agreeable, EDIT) as talking:
            await talking.begin(client())
            opened(talking)
            change = {"range": PLACE_OF_TWO, "text": "two"}
            changed = {"uri": URI, "version": 2}
            talking.notify("textDocument/didChange", {"textDocument": changed, "contentChanges": [change]})
            where = {"textDocument": {"uri": URI}, "range": PLACE_OF_TWO}
            talking.request(
                5, "textDocument/codeAction", {**where, "context": {"diagnostics": [], "triggerKind": 1}}
            )
            for identity, name in ((1, "kimi.explain"), (2, "kimi.refactor")):
                command(talking, name, identity)
                await talking.quiet()
            assert [one["result"]["status"] for one in (*talking.answers(1), *talking.answers(2))] == [
                "ok",
                "refused",
            ]
            assert talking.answers(5)[0]["result"]
            document = talking.front.desk.documents.get(URI)
            assert document is not None
            kept = weakref.ref(document)
            del document
            assert not talking.full.workspace.text_documents
            talking.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
            await talking.quiet()
            gc.collect()
            assert kept() is None

    swiftly(run())


@given(st.lists(st.integers(0, 6), min_size=1))
def test_a_version_that_does_not_grow_ends_the_following_until_all_text_comes(versions: list[int]) -> None:
    document = Document("file:///a.py", "python", 0, "x\n")
    grew = True
    for version in versions:
        grew = grew and version > document.version
        assert document.follows(version) is grew
        if grew:
            document.replace(Position(0, 0), Position(0, 0), "y", "utf-16", version)
    document.reset("z\n", 3)
    assert document.in_step


def test_a_log_is_lost_with_the_order_of_the_versions() -> None:
    document = Document("file:///a.py", "python", 5, "x\n")
    with document.followed() as log:
        assert log.since(5) == ()
        document.follows(5)
        document.reset("y\n", 5)
        assert log.since(5) is None
