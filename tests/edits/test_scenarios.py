"""Each file in `scenarios` is a story; this tells it and holds the end against what happens."""

import re
from pathlib import Path

import pytest

from kimi_lsp.edits import AnswerReader, EditPlan, Refusal, plan, rebase_text
from kimi_lsp.text import unified

FOLDER = Path(__file__).parent / "scenarios"
SCENARIOS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
_BLOCK = re.compile(r"^~~~(\w+)\n(.*?)^~~~$", re.MULTILINE | re.DOTALL)
_MARKS = str.maketrans({"¶": "\n", "␍": "\r", "→": "\t", "·": " ", "⎵": "\u00a0", "␌": "\x0c", "⊞": "\ufeff"})


def read(path: Path) -> dict[str, str]:
    return {kind: body.removesuffix("\n") for kind, body in _BLOCK.findall(path.read_text("utf-8"))}


def marked(text: str) -> str:
    """A text written with visible marks: its own line feeds only lay it out."""
    return text.replace("\n", "").translate(_MARKS)


def shown(diff: str) -> str:
    """A diff with visible marks, one row a line."""
    rows = []
    for row in re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", diff):
        bare = row.rstrip("\r\n")
        end = row[len(bare) :].replace("\r\n", "␍¶").replace("\r", "␍").replace("\n", "¶")
        if bare.startswith(("---", "+++", "@@", "\\")):
            end = ""
        body = bare.replace("\t", "→").replace("\u00a0", "⎵").replace("\x0c", "␌").replace("\ufeff", "⊞")
        stripped = body.rstrip(" ")
        rows.append(stripped + "·" * (len(body) - len(stripped)) + end if body.strip() else body + end)
    return "\n".join(rows)


def told(story: dict[str, str]) -> EditPlan:
    reader = AnswerReader()
    for piece in re.findall(r".{1,7}", story["answer"], re.DOTALL):
        reader.feed(piece)
    answer = reader.finish()
    document = marked(story["document"])
    if "saw" in story:
        return rebase_text(plan(marked(story["saw"]), answer.edits), document)
    return plan(document, answer.edits)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_story_ends_as_it_says(path: Path) -> None:
    story = read(path)
    assert ("diff" in story) != ("refusal" in story)
    if "diff" in story:
        made = told(story)
        assert shown(unified(made.text, made.apply(), "cart.py", context=1)) == story["diff"]
        return
    with pytest.raises(Refusal) as caught:
        told(story)
    assert str(caught.value) == story["refusal"]
    if "model" in story:
        assert caught.value.for_model == story["model"]


def test_there_are_stories() -> None:
    assert len(SCENARIOS) >= 15
