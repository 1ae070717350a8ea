"""Each file in `scenarios` is a story; this tells it with a scripted model and holds the end against what happens."""

from pathlib import Path

import pytest

from kimi_lsp.features import FEATURES
from tests.features.stories import PATHS, Story
from tests.support.scripted import Scripted

HARD = {"CRLF", "tabs", "not ASCII", "nested classes"}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
async def test_a_story_ends_as_it_says(path: Path, tmp_path: Path) -> None:
    story = Story.read(path)
    model = Scripted(story.all("answer"))
    story.ends_in(await story.told(model, tmp_path))
    story.was_asked([request.messages[-1].text for request in model.asked])


@pytest.mark.parametrize("kind", FEATURES)
def test_every_feature_has_its_hard_cases(kind: str) -> None:
    """A feature of the table has stories with each of them, in two languages, of which the model was asked."""
    stories = [one for one in map(Story.read, PATHS) if one.kind == kind and one.all("answer")]
    assert HARD - {case for one in stories for case in one.hard} == set()
    assert len({one.language for one in stories}) >= 2
