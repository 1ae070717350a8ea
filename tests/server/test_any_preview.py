"""Any answer to a preview: an edit is made only where it was accepted in plain words, and only of what was accepted.

An answer that means another request is the user's, and each one of these costs one request and no more.
"""

import asyncio
import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.test_never_answers import URI, client, command
from tests.server.test_unbreakable import junk, places
from tests.support.swift_time import swiftly
from tests.support.talk import Json, Talk, agreeable, talk

TEXT = "one\ntwo\nthree\nfour\nfive\n"
EDITS = (("two", "TWO"), ("four", "FOUR"))
"""Two hunks: what is found, and what stands there afterwards."""
ANSWER = json.dumps(
    {
        "summary": "s",
        "edits": [{"file": "a.py", "search": old, "replace": new, "line": 0} for old, new in EDITS],
    }
)

well_formed: st.SearchStrategy[Json] = st.one_of(
    st.just({"action": "reject"}),
    st.builds(
        lambda remark: {"action": "again", "remark": remark}, st.sampled_from(["", "shorter", "\ud800"])
    ),
    st.just({"action": "accept"}),
    st.builds(
        lambda hunks: {"action": "accept", "hunks": {URI: hunks}},
        st.lists(st.integers(0, len(EDITS) - 1), max_size=3),
    ),
    st.just({"action": "accept", "alternative": 0, "remark": "", "hunks": None}),
)


WORDS: Sequence[Any] = ("Accept", "accept ", "", None, True, ["accept"], "apply")
NUMBERS: Sequence[Any] = (1, -1, True, 0.0, "0", None)
REMARKS: Sequence[Any] = (None, 1, ["x"], {})
OWN_HUNKS: Sequence[Any] = ([True], [0.0], [2], [-1], ["0"], [0, None], None, 0, "0", {})
HUNKS: Sequence[Any] = ({}, [], "", 0, False, {"file:///nowhere/b.py": [0]})
NEAR_MISSES: Sequence[Json] = [
    *({"action": one} for one in WORDS),
    *({"action": "accept", "alternative": one} for one in NUMBERS),
    *({"action": "again", "remark": one} for one in REMARKS),
    *({"action": "accept", "hunks": {URI: one}} for one in OWN_HUNKS),
    *({"action": "accept", "hunks": one} for one in HUNKS),
]
"""Each as good as accepted, or as asked for again, and neither."""


@st.composite
def decisions(draw: st.DrawFn) -> Any:
    """Return the `result` of a preview's answer, well formed or with something wrong in one of its places."""
    manner = draw(st.sampled_from(["well", "well", "nearly", "nearly", "mutated", "junk"]))
    if manner == "junk":
        return draw(junk)
    decision = copy.deepcopy(draw(st.sampled_from(NEAR_MISSES) if manner == "nearly" else well_formed))
    if manner != "mutated":
        return decision
    *path, last = draw(st.sampled_from(list(places(decision))))
    holder: Any = decision
    for name in path:
        holder = holder[name]
    if draw(st.booleans()) or isinstance(holder, list):
        holder[last] = draw(junk)
    else:
        holder[draw(st.sampled_from(["hunks", "alternative", "remark", "action", "", URI]))] = draw(junk)
    return decision


@dataclass(frozen=True)
class Meant:
    """What an answer says by the letter of the README."""

    kind: str
    """`accept`, `again`, `reject` or `odd`."""
    hunks: frozenset[int] = frozenset()


def is_number(value: Any, of: range) -> bool:
    return type(value) is int and value in of


def meant(decision: Any) -> Meant:
    if not isinstance(decision, dict):
        return Meant("odd")
    action = decision.get("action")
    if action == "reject":
        return Meant("reject")
    if not is_number(decision.get("alternative", 0), range(1)):
        return Meant("odd")
    if action == "again":
        return Meant("again" if isinstance(decision.get("remark", ""), str) else "odd")
    if action != "accept":
        return Meant("odd")
    hunks = decision.get("hunks")
    if hunks is None:
        return Meant("accept", frozenset(range(len(EDITS))))
    wanted = hunks.get(URI) if isinstance(hunks, dict) else None
    if not isinstance(wanted, list) or not all(is_number(one, range(len(EDITS))) for one in wanted):
        return Meant("odd")
    return Meant("accept", frozenset(wanted))


def edited(talking: Talk) -> str:
    """Return the text after all edits that the client was asked for."""
    lines = TEXT.split("\n")
    for one in talking.asked("workspace/applyEdit"):
        (change,) = one["params"]["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": URI, "version": 1}
        for edit in reversed(change["edits"]):
            start, end = edit["range"]["start"], edit["range"]["end"]
            before = "\n".join([*lines[: start["line"]], lines[start["line"]][: start["character"]]])
            after = "\n".join([lines[end["line"]][end["character"] :], *lines[end["line"] + 1 :]])
            lines = (before + edit["newText"] + after).split("\n")
    return "\n".join(lines)


def wanted(hunks: frozenset[int]) -> str:
    text = TEXT
    for number in hunks:
        text = text.replace(*EDITS[number])
    return text


@given(st.lists(decisions(), min_size=1, max_size=4), st.booleans())
def test_only_what_was_accepted_is_made(answers: Sequence[Any], again_at_the_end: bool) -> None:
    decide([*answers, {"action": "again"} if again_at_the_end else {"action": "accept"}])


@pytest.mark.parametrize("decision", NEAR_MISSES, ids=json.dumps)
def test_what_is_nearly_a_word_is_none(decision: Json) -> None:
    assert meant(decision).kind == "odd"
    decide([decision])


def decide(answers: Sequence[Any]) -> None:
    """Answer one preview after another, and hold what was made and asked against what that meant."""

    async def run() -> None:
        left = [*answers]
        said: list[Any] = []

        def client_answers(question: Json) -> Any:
            if question["method"] != "kimi/preview":
                return agreeable(question)
            if not left:
                return {"jsonrpc": "2.0", "id": question["id"], "result": {"action": "reject"}}
            said.append(left.pop(0))
            return {"jsonrpc": "2.0", "id": question["id"], "result": copy.deepcopy(said[-1])}

        async with talk(client_answers, ANSWER) as talking:
            await talking.begin(client(preview="always", ui={"preview": True}))
            item = {"uri": URI, "languageId": "plaintext", "version": 1, "text": TEXT}
            talking.notify("textDocument/didOpen", {"textDocument": item})
            command(talking, "kimi.refactor")
            await talking.quiet()
            (answer,) = talking.answers(1)
            judged = [meant(one) for one in said]
            assert all(one.kind == "again" for one in judged[:-1]), said
            assert talking.model.asked == 1 + sum(one.kind == "again" for one in judged), said
            last = judged[-1] if left else Meant("reject") if judged[-1].kind == "again" else judged[-1]
            assert edited(talking) == wanted(last.hunks), said
            status = answer["result"]["status"]
            if last.kind != "accept":
                assert status == "refused", said
                assert not talking.asked("workspace/applyEdit"), said
            if last.kind == "odd":
                assert "cannot be read" in answer["result"]["message"], said
            talking.nothing_is_left()

    swiftly(run())


@given(st.lists(decisions(), min_size=2, max_size=2))
def test_an_answer_that_comes_twice_counts_once(answers: list[Any]) -> None:
    async def run() -> None:
        first, second = answers

        def client_answers(question: Json) -> Any:
            if question["method"] != "kimi/preview" or talking.asked("kimi/preview")[1:]:
                return agreeable({**question, "method": "reject"})
            message = {"jsonrpc": "2.0", "id": question["id"], "result": second}
            asyncio.get_running_loop().call_soon(
                lambda: asyncio.get_running_loop().call_soon(talking.send, message)
            )
            return {**message, "result": first}

        async with talk(client_answers, ANSWER) as talking:
            await talking.begin(client(preview="always", ui={"preview": True}))
            item = {"uri": URI, "languageId": "plaintext", "version": 1, "text": TEXT}
            talking.notify("textDocument/didOpen", {"textDocument": item})
            command(talking, "kimi.refactor")
            await talking.quiet()
            assert talking.model.asked == 1 + (meant(first).kind == "again")
            assert edited(talking) == wanted(meant(first).hunks)
            assert len(talking.answers(1)) == 1
            talking.nothing_is_left()

    swiftly(run())
