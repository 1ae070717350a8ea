"""The edits that fit, offered with their number and the reason for the others."""

import json
from pathlib import Path
from typing import Any

import pytest

from kimi_lsp import features
from kimi_lsp.features import Edited, NotUnderstood, Refused, Source
from kimi_lsp.text import Snapshot, Span
from tests.support.scripted import USED, Scripted

TEXT = "".join(f"line {number} = {number}\n" for number in range(1, 14))


def edit(number: int, *, good: bool = True, file: str = "a.py", new: str = "other") -> dict[str, Any]:
    search = f"line {number} = {number if good else 'wrong'}"
    return {"file": file, "search": search, "replace": new, "line": None}


async def refused(tmp_path: Path, *edits: dict[str, Any], files: list[Any] | None = None) -> Refused:
    told = json.dumps({"summary": "Done.", "edits": edits, "files": files or []})
    path = tmp_path / "a.py"
    source = Source(Snapshot(path.as_uri(), 1, "plaintext", TEXT), path, (tmp_path,))
    target = features.target(source, Span(0, 0))
    with pytest.raises(Refused) as caught:
        await features.refactor(
            Scripted([told, told]), target, "do it", lambda _phase: None, features.file_scope(source)
        )
    return caught.value


def sentence(edited: Edited | None) -> str:
    assert edited is not None
    assert edited.partial is not None
    return edited.partial.sentence


async def test_one_of_several_does_not_fit(tmp_path: Path) -> None:
    error = await refused(tmp_path, edit(1), edit(2), edit(3, good=False))
    assert sentence(error.fitting).startswith("2 of 3 edits fit; the third does not: the lines")
    assert error.fitting is not None
    assert error.fitting.plan.apply() == TEXT.replace("line 1 = 1\n", "other\n").replace(
        "line 2 = 2\n", "other\n"
    )
    assert error.fitting.usage == USED + USED
    assert str(error).startswith("Nothing was changed: ")


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([edit(1), edit(2, good=False)], "1 of 2 edits fits; the second does not: "),
        ([edit(1), edit(2, good=False), edit(3, good=False)], "1 of 3 edits fits; 2 do not, the second for one: "),
        ([*map(edit, range(1, 11)), edit(11, good=False)], "10 of 11 edits fit; number 11 does not: "),
        (
            [edit(1), edit(2, file="b.py")],
            "1 of 2 edits fits; the second does not: the model wanted to edit b.py, which it was not shown.",
        ),
        ([edit(1), edit(2), edit(2, new="more")], "1 of 3 edits fits; 2 do not, the second for one: two edits"),
    ],
)  # fmt: skip
async def test_the_sentence_names_numbers_and_a_reason(
    edits: list[dict[str, Any]], said: str, tmp_path: Path
) -> None:
    assert sentence((await refused(tmp_path, *edits)).fitting).startswith(said)


async def test_nothing_is_offered_where_nothing_fits_or_files_come_and_go(tmp_path: Path) -> None:
    assert (await refused(tmp_path, edit(1, good=False))).fitting is None
    gone = [{"action": "delete", "path": "none.py", "new_path": None, "text": None}]
    assert (await refused(tmp_path, edit(1), files=gone)).fitting is None
    new = {**edit(2, file="new.txt"), "search": ""}
    assert (await refused(tmp_path, edit(1), edit(3, good=False), new)).fitting is None


async def test_an_answer_that_cannot_be_read_offers_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    target = features.target(Source(Snapshot(path.as_uri(), 1, "", TEXT), path, (tmp_path,)), Span(0, 0))
    with pytest.raises(NotUnderstood):
        await features.refactor(Scripted(["no", "no"]), target, "", lambda _phase: None)
