"""Each file in `scenarios` is a story; this tells it with a scripted model and holds the end against what happens."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from kimi_lsp import features
from kimi_lsp.edits import CreateFile, EditFile
from kimi_lsp.features import FEATURES, Asking, Edited, Explained, FeatureError, Refused, Source, Wanted
from kimi_lsp.text import Diagnostic, Snapshot, Span, unified
from tests.support.scripted import Scripted

FOLDER = Path(__file__).parent / "scenarios"
SCENARIOS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
_BLOCK = re.compile(r"^~~~(\w+)([^\n]*)\n(.*?)^~~~$", re.MULTILINE | re.DOTALL)

Story = dict[str, list[tuple[str, str]]]


def read(path: Path) -> Story:
    story: Story = {}
    for kind, words, body in _BLOCK.findall(path.read_text("utf-8")):
        story.setdefault(kind, []).append((words.strip(), body))
    return story


def placed(source: str, words: Sequence[str]) -> tuple[str, Span]:
    if "crlf" in words:
        source = source.replace("\n", "\r\n")
    marks = [mark for mark in "«»‸" if mark in source]
    assert marks in (["«", "»"], ["‸"])
    start = source.index(marks[0])
    text = source.replace(marks[0], "", 1)
    end = text.index("»") if len(marks) == 2 else start
    return text.replace("»", "", 1), Span(start, end)


async def told(story: Story, model: Scripted, folder: Path) -> Edited | Explained:
    words, source = story["source"][0]
    language, *rest = words.split()
    text, span = placed(source, rest)
    path = folder / named(rest)
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, body in story.get("beside", []):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(body, "utf-8")
    source_of = Source(Snapshot(path.as_uri(), 1, language, text), path, (folder,))
    kind, words = next((kind, story[kind][0][1].strip()) for kind in FEATURES if kind in story)
    found = [Diagnostic(span, line) for line in words.split("\n")] if kind.startswith("fix") else []
    operations = frozenset(("create", "rename", "delete"))
    asking = Asking(source_of, span, "" if found else words, (), tuple(found), operations)
    wanted = Wanted(kind, FEATURES[kind].wish(asking))
    return await features.perform(model, wanted, lambda _phase: None)


def named(words: Sequence[str]) -> str:
    return next((word for word in words if "." in word), "shop.txt")


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_a_story_ends_as_it_says(path: Path, tmp_path: Path) -> None:
    story = read(path)
    model = Scripted([body for _, body in story.get("answer", [])])
    assert len({"diff", "sentence", "text"} & story.keys()) == 1
    name = named(story["source"][0][0].split())
    if "text" in story:
        explained = await told(story, model, tmp_path)
        assert isinstance(explained, Explained)
        assert explained.markdown == story["text"][0][1].strip()
    elif "diff" in story:
        edited = await told(story, model, tmp_path)
        assert isinstance(edited, Edited)
        assert edited.told() == story.get("files", [("", "")])[0][1].strip()
        new = [
            (step.path, step.text.replace("\r", "␍")) for step in edited.files if isinstance(step, CreateFile)
        ]
        assert new == story.get("new", [])
        plans = {one.path: one.plan for one in edited.files if isinstance(one, EditFile)}
        plans = plans if edited.files else {name: edited.plan}
        diff = "".join(unified(plan.text, plan.apply(), path, context=1) for path, plan in plans.items())
        assert diff.replace("\r", "␍") == story["diff"][0][1]
    else:
        with pytest.raises(FeatureError) as caught:
            await told(story, model, tmp_path)
        assert str(caught.value) == story["sentence"][0][1].strip()
        fitting = caught.value.fitting if isinstance(caught.value, Refused) else None
        offered = fitting.partial.sentence if fitting and fitting.partial else ""
        assert offered == story.get("offer", [("", "")])[0][1].strip()
    assert len(model.asked) == len(story.get("answer", []))
    for shown in story.get("shown", []):
        assert shown[1].strip() in model.asked[0].messages[-1].text
    if "selection" in story:
        assert f">\n{story['selection'][0][1]}</selection>" in model.asked[0].messages[-1].text


def test_there_are_stories() -> None:
    assert len(SCENARIOS) >= 7
