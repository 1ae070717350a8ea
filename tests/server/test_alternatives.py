"""Several answers side by side in one preview: each is asked for and paid by itself, and one of them is made."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pygls.exceptions import JsonRpcException

from kimi_lsp.prompt import WAYS
from tests.server.test_for_plugins import between
from tests.support.answering import Answering
from tests.support.editor import Editor, editor

SOURCE = "def one():\n    return 1\n"
Json = dict[str, Any]


def answer(number: str, summary: str = "Shifted.") -> Json:
    edit = {"file": "a.py", "search": "    return 1\n", "replace": f"    return {number}\n", "line": None}
    return {"summary": summary, "edits": [edit], "files": []}


@pytest_asyncio.fixture
async def model() -> AsyncGenerator[Answering, None]:
    scripted = Answering()
    async with scripted.listening():
        yield scripted


@pytest_asyncio.fixture
async def ed(model: Answering, tmp_path: Path) -> AsyncGenerator[Editor, None]:
    async with editor(model.environ, tmp_path, ui={"preview": True}, preview="never") as running:
        yield running


def answering(ed: Editor, *answers: Any) -> None:
    left = list(answers)

    async def preview(_preview: Json) -> Any:
        return left.pop(0)

    ed.preview = preview


async def refactor(ed: Editor, uri: str, count: Any = 3) -> Any:
    return await ed.run("kimi.refactor", ed.place(uri, SOURCE, instruction="shift", alternatives=count))


def ends(shown: Json) -> list[str]:
    return [one["files"][0]["after"].rpartition(" ")[2].strip() for one in shown["alternatives"]]


async def test_the_one_that_the_user_chooses_is_made_and_all_are_paid(ed: Editor, model: Answering) -> None:
    model.answers(answer("10"), answer("20"), answer("30"))
    uri = ed.put("a.py", SOURCE)

    async def choose(shown: Json) -> Json:
        return {"action": "accept", "alternative": ends(shown).index("20")}

    ed.preview = choose
    told = await refactor(ed, uri)
    assert told["status"] == "ok", told
    assert ed.buffers[uri] == SOURCE.replace("1", "20")
    (shown,) = ed.previews
    assert sorted(ends(shown)) == ["10", "20", "30"]
    assert [list(one) for one in shown["alternatives"]] == [between(r"each answer as `\{(.*?)\}`")] * 3
    assert shown["files"] == shown["alternatives"][0]["files"]
    assert len(model.asked) == 3
    costs = [float(one["cost"].rpartition("$")[2]) for one in shown["alternatives"]]
    assert float(shown["cost"].rpartition("$")[2]) == pytest.approx(sum(costs), abs=0.0002)
    assert shown["cost"] in told["message"]
    assert any("3 alternatives, each a request that is paid for" in str(one) for one in ed.progress)
    # They differ in the words that ask for another way, and in nothing else.
    bodies = [json.dumps(one) for one in model.asked]
    for way in WAYS[1:]:
        (asking,) = (body for body in bodies if way in body)
        assert asking.replace(f"\\\\n\\\\n{way}", "").replace(f"\\n\\n{way}", "") in bodies


async def test_another_answer_is_asked_of_the_one_that_is_meant(ed: Editor, model: Answering) -> None:
    model.answers(answer("10"), answer("20"), answer("40"))
    uri = ed.put("a.py", SOURCE)
    answering(ed, {"action": "again", "alternative": 1, "remark": "more"}, {"action": "accept"})
    assert (await refactor(ed, uri, 2))["status"] == "ok"
    # Who asked for another answer sees it, whatever the setting says.
    first, second = ed.previews
    assert "alternatives" not in second
    assert ed.buffers[uri] == second["files"][0]["after"] == SOURCE.replace("1", "40")
    *_, said, remark = model.asked[2]["messages"]
    assert f"return {ends(first)[1]}" in str(said)
    assert "more" in str(remark)


@pytest.mark.parametrize("number", [3, -1, True, "1", None], ids=str)
async def test_an_alternative_that_was_not_there_changes_nothing(
    number: Any, ed: Editor, model: Answering
) -> None:
    model.answers(answer("10"), answer("20"), answer("30"))
    uri = ed.put("a.py", SOURCE)
    answering(ed, {"action": "accept", "alternative": number})
    assert (await refactor(ed, uri))["status"] == "refused"
    assert ed.buffers[uri] == SOURCE
    assert ed.asked == []


async def test_equal_answers_are_shown_once_and_failed_ones_not_at_all(ed: Editor, model: Answering) -> None:
    nothing = {"summary": "Fine as it is.", "edits": [], "files": []}
    model.answers(answer("10"), answer("10"), nothing)
    uri = ed.put("a.py", SOURCE)
    answering(ed, {"action": "accept"})
    told = await refactor(ed, uri)
    assert ed.buffers[uri] == SOURCE.replace("1", "10")
    assert told["status"] == "ok"
    (shown,) = ed.previews
    assert "alternatives" not in shown
    # One is left, and all three are paid.
    assert shown["cost"].startswith("300 in")
    assert len(model.asked) == 3


async def test_where_all_fail_one_sentence_says_why(ed: Editor, model: Answering) -> None:
    nothing = {"summary": "Fine as it is.", "edits": [], "files": []}
    model.answers(nothing, nothing)
    uri = ed.put("a.py", SOURCE)
    told = await refactor(ed, uri, 2)
    assert told == {"status": "refused", "message": "Fine as it is."}
    assert ed.messages == ["Kimi: Fine as it is."]


async def test_a_client_without_previews_gets_the_first(model: Answering, tmp_path: Path) -> None:
    model.answers(answer("10"))
    async with editor(model.environ, tmp_path, preview="never") as plain:
        uri = plain.put("a.py", SOURCE)
        assert (await refactor(plain, uri))["status"] == "ok"
        assert plain.buffers[uri] == SOURCE.replace("1", "10")
        assert len(model.asked) == 1


@pytest.mark.parametrize("count", [0, 4, -1, "x", None, []], ids=str)
async def test_no_more_than_three(count: Any, ed: Editor, model: Answering) -> None:
    uri = ed.put("a.py", SOURCE)
    with pytest.raises(JsonRpcException) as wrong:
        await refactor(ed, uri, count)
    assert wrong.value.code == -32602
    assert model.asked == []


async def test_cancelling_closes_all_of_them(ed: Editor, model: Answering) -> None:
    model.answers(answer("10"), answer("20"), answer("30"))
    model.gate.clear()
    uri = ed.put("a.py", SOURCE)
    _, asking = ed.start("kimi.refactor", ed.place(uri, SOURCE, instruction="shift", alternatives=3))
    await model.came.wait()
    await ed.run("kimi.cancel", {"uri": uri})
    assert (await asking)["status"] == "cancelled"
    assert ed.previews == []
    model.gate.set()


async def test_what_would_be_sent_is_shown_with_the_price_of_all(ed: Editor, model: Answering) -> None:
    uri = ed.put("a.py", SOURCE)
    place = ed.place(uri, SOURCE, instruction="shift", kind="refactor")
    one, three = [
        (await ed.run("kimi.showRequest", {**place, "alternatives": count}))["markdown"] for count in (1, 3)
    ]
    assert "for 3 requests together" in three
    assert all(way in three for way in WAYS[1:])
    assert "requests together" not in one
    assert not any(way in one for way in WAYS[1:])
    assert model.asked == []
