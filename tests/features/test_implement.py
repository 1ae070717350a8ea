"""Writing what is missing: what is asked, which pictures go along, and what is refused before anything is sent."""

import asyncio
from pathlib import Path

import pytest

from kimi_lsp import features
from kimi_lsp.conversation import Image, Media, Text, Video
from kimi_lsp.features import NotSent, Phase, Source, Wish
from kimi_lsp.text import Snapshot, Span
from tests.features.test_turn import answer
from tests.support import pictures
from tests.support.scripted import Scripted

COMMENT = "# kimi: build this form, see mockups/form.png\n"
STUB = "def form() -> str:\n    ...\n"
TEXT = f"import html\n\n\n{COMMENT}{STUB}\n\ndef other() -> int:\n    return 1\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "mockups").mkdir()
    (tmp_path / "mockups" / "form.png").write_bytes(pictures.PNG)
    (tmp_path / "flow.mp4").write_bytes(pictures.MP4)
    return tmp_path


def source(root: Path, text: str = TEXT, name: str = "src/page.py") -> Source:
    return Source(Snapshot((root / name).as_uri(), 1, "python", text), root / name, (root,))


def wanted(
    root: Path, text: str = TEXT, at: str = "def form", instruction: str = "", given: tuple[str, ...] = ()
) -> Wish:
    place = text.index(at)
    return features.wish(source(root, text), Span(place, place), instruction, given)


def names(wish: Wish) -> list[str]:
    return [one.path for one in wish.media]


async def test_the_comment_is_the_instruction_and_its_picture_goes_along(root: Path) -> None:
    wish = wanted(root)
    assert wish.target.span.of(TEXT) == COMMENT + STUB
    assert wish.instruction == "build this form, see mockups/form.png"
    assert wish.media == (Media("mockups/form.png", Image("image/png", pictures.PNG)),)
    model = Scripted(
        [answer((COMMENT + STUB, 'def form() -> str:\n    return "<form>"\n'), file="src/page.py")]
    )
    phases: list[Phase] = []
    edited = await features.implement(model, wish.target, wish.instruction, phases.append, wish.media)
    assert edited.plan.apply() == TEXT.replace(COMMENT, "").replace("    ...", '    return "<form>"')
    assert edited.label == "Kimi: Implement"
    text, picture = model.asked[0].messages[-1].parts
    assert isinstance(text, Text)
    assert "<instruction>\nbuild this form, see mockups/form.png\n</instruction>" in text.text
    assert '<image path="mockups/form.png" type="image/png">' in text.text
    assert picture == Image("image/png", pictures.PNG)
    assert phases[0].sentence() == "waiting… – sending mockups/form.png (1 KiB)"
    assert all("form.png" not in phase.note for phase in phases if phase.name != "waiting")


def test_own_words_come_before_the_comment_s(root: Path) -> None:
    wish = wanted(root, instruction="Use tables. Flow: flow.mp4", given=("flow.mp4",))
    assert wish.instruction == "Use tables. Flow: flow.mp4\n\nbuild this form, see mockups/form.png"
    assert [type(one.part) for one in wish.media] == [Video, Image]


@pytest.mark.parametrize(
    ("text", "at", "meant"),
    [
        ("def one():\n    return 1\n", "return", "def one():\n    return 1"),
        ("a = 1\nb = 2\n", "b =", "b = 2\n"),
        (
            f"{COMMENT}def f():\n    a = 1\n    return a\n",
            "a = 1",
            f"{COMMENT}def f():\n    a = 1\n    return a\n",
        ),
    ],
)
def test_without_a_mark_the_place_is_the_function_or_the_line(
    text: str, at: str, meant: str, root: Path
) -> None:
    assert wanted(root, text, at).target.span.of(text) == meant


def test_an_empty_document_is_a_place_too(root: Path) -> None:
    assert wanted(root, "", "").target.span == Span(0, 0)


async def test_without_words_the_code_around_says_what_is_missing(root: Path) -> None:
    wish = wanted(root, STUB, "def")
    assert wish.instruction == ""
    model = Scripted([answer(("    ...\n", "    return ''\n"), file="src/page.py")])
    await features.implement(model, wish.target, wish.instruction, lambda _phase: None)
    assert "Write the code that is missing here" in model.asked[0].messages[-1].text


@pytest.mark.parametrize(
    ("instruction", "said"),
    [
        ("as in none.png", "There is no file none.png in the workspace"),
        ("as in mockups/form.svg", "There is no file mockups/form.svg"),
        ("as in secret/a.png", "secret/a.png is excluded by .kimiignore."),
        ("as in fake.png", "fake.png has the name of a PNG picture"),
        ("as in drawing.svg", "export this one as a PNG"),
        ("as in ../outside.png", "is outside of the workspace"),
    ],
)
def test_a_picture_that_is_meant_and_cannot_be_sent_is_a_refusal(
    instruction: str, said: str, root: Path
) -> None:
    inner = root / "inner"
    (inner / "src").mkdir(parents=True)
    (inner / "secret").mkdir()
    (inner / "secret" / "a.png").write_bytes(pictures.PNG)
    (inner / ".kimiignore").write_text("secret/\n", "utf-8")
    (inner / "fake.png").write_bytes(b"no picture")
    (inner / "drawing.svg").write_text("<svg/>", "utf-8")
    (root / "outside.png").write_bytes(pictures.PNG)
    for words, given in ((instruction, ()), ("", (instruction.removeprefix("as in "),))):
        with pytest.raises(NotSent) as refused:
            wanted(inner, STUB, "def", words, given)
        assert said in str(refused.value)
        assert "Nothing was sent to the model" in str(refused.value)
    with pytest.raises(NotSent):
        wanted(inner, f"# kimi: {instruction}\n{STUB}", "def")


def test_a_name_in_backquotes_or_in_a_todo_may_be_missing(root: Path) -> None:
    assert names(wanted(root, STUB, "def", "rename `old.png`, see `mockups/form.png`")) == [
        "mockups/form.png"
    ]
    todo = f"# TODO: mockups/form.png, then none.png\n{STUB}"
    assert names(wanted(root, todo, "def")) == ["mockups/form.png"]
    assert wanted(root, todo, "def").instruction == ""
    # Said twice, once surely, it is meant.
    with pytest.raises(NotSent):
        wanted(root, STUB, "def", "`old.png`: see old.png")


def test_paths_count_from_the_document_first(root: Path) -> None:
    (root / "src").mkdir()
    (root / "src" / "near.png").write_bytes(pictures.PNG)
    (root / "near.png").write_bytes(pictures.png(3, 3))
    assert names(wanted(root, STUB, "def", "near.png")) == ["src/near.png"]
    assert names(wanted(root, STUB, "def", "![x](../near.png)")) == ["near.png"]
    assert names(wanted(root, STUB, "def", given=(str(root / "near.png"),))) == ["near.png"]


def test_a_file_that_is_kept_back_is_no_place_and_no_picture_is_read_for_it(root: Path) -> None:
    with pytest.raises(NotSent, match="never sent"):
        features.wish(source(root, STUB, ".env"), Span(0, 0), "", ("flow.mp4",))


def test_a_buffer_without_a_file_has_no_pictures_but_those_of_the_workspace(root: Path) -> None:
    buffer = Source(Snapshot("untitled:Untitled-1", 1, "python", STUB), None, (root,))
    assert names(features.wish(buffer, Span(0, 0), "see mockups/form.png")) == ["mockups/form.png"]
    alone = Source(Snapshot("untitled:Untitled-1", 1, "python", STUB), None)
    with pytest.raises(NotSent):
        features.wish(alone, Span(0, 0), "see mockups/form.png")


async def test_explaining_and_refactoring_take_pictures_too(root: Path) -> None:
    media = await asyncio.to_thread(features.attached, source(root), ["mockups/form.png"])
    target = features.target(source(root), Span(0, 0))
    model = Scripted(["It is a form.", answer(("import html\n", "import json\n"), file="src/page.py")])
    phases: list[Phase] = []
    await features.explain(model, target, phases.append, media)
    await features.refactor(model, target, "Do it.", phases.append, media=media)
    assert [request.messages[-1].parts[1] for request in model.asked] == [media[0].part] * 2
    assert [phase.note for phase in phases if phase.name == "waiting"] == [
        "sending mockups/form.png (1 KiB)"
    ] * 2
