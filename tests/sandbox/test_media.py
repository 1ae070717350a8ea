"""Images and videos on all three endpoints, and what their headers say."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.sandbox import media
from kimi_lsp.sandbox.media import Unusable, from_address, from_base64
from tests.sandbox.asking import ANSWER_SCHEMA, message, put_in
from tests.sandbox.conftest import Sandbox
from tests.sandbox.pictures import encoded, gif, jpeg, png, webp
from tests.sandbox.talking import TALKERS, Chat, Messages, Responses, Talker, talk

PNG = png(640, 480)
SHOWN = f"an image, PNG, 640x480, {len(PNG):,} bytes"
FILES = {
    "image/png": [png(640, 480)],
    "image/gif": [gif(640, 480)],
    "image/jpeg": [jpeg(640, 480), jpeg(640, 480, progressive=True)],
    "image/webp": [webp(640, 480, form) for form in ("VP8", "VP8L", "VP8X")],
}


@pytest.fixture(params=TALKERS, ids=lambda one: one.__name__.lower())
def talker(request: pytest.FixtureRequest) -> Talker:
    built: Talker = request.param()
    return built


@pytest.mark.parametrize("media_type", FILES)
def test_the_size_is_read_from_the_header(media_type: str) -> None:
    for data in FILES[media_type]:
        found = from_base64("image", media_type, encoded(data))
        name = media_type.partition("/")[2].upper()
        assert str(found) == f"an image, {name}, 640x480, {len(data):,} bytes"


@given(st.sampled_from(sorted(FILES)), st.data())
def test_any_beginning_of_a_file_is_read_or_refused(media_type: str, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(FILES[media_type]))
    part = whole[: data.draw(st.integers(1, len(whole)))] + data.draw(st.binary(max_size=20))
    try:
        assert from_base64("image", media_type, encoded(part)).bytes == len(part)
    except Unusable as error:
        assert "cannot be read as" in str(error)  # noqa: PT017 (either is fine, another error is not)


@pytest.mark.parametrize(
    ("kind", "media_type", "data", "reason"),
    [
        ("image", "image/bmp", "AAAA", "unsupported type image/bmp"),
        ("image", "video/mp4", "AAAA", "unsupported type video/mp4"),
        ("video", "video/ogg", "AAAA", "unsupported type video/ogg"),
        ("image", None, "AAAA", "unsupported type None"),
        ("image", ["image/png"], "AAAA", "unsupported type"),
        ("image", "image/png", "AAA", "not valid base64"),
        ("image", "image/png", "é", "not valid base64"),
        ("image", "image/png", None, "is empty"),
        ("image", "image/png", "AAAA", "cannot be read as image/png"),
        ("image", "image/png", encoded(gif(1, 1)), "cannot be read as image/png"),
        ("image", "image/jpeg", encoded(b"\xff\xd8\xff\xd9"), "cannot be read as image/jpeg"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(
    kind: media.Kind, media_type: Any, data: Any, reason: str
) -> None:
    with pytest.raises(Unusable, match=reason):
        from_base64(kind, media_type, data)


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "LARGEST", len(PNG) - 1)
    with pytest.raises(Unusable, match="is larger than"):
        from_base64("image", "image/png", encoded(PNG))


@pytest.mark.parametrize("address", ["https://example.org/a.png", "ms://abc", "bunny://abc"])
def test_an_address_is_taken_but_not_fetched(address: str) -> None:
    assert str(from_address("image", address)) == "an image at an address, which the sandbox does not fetch"


@pytest.mark.parametrize("address", ["file:///a.png", "data:image/png,abc", "a.png", "", None, 7])
def test_other_addresses_are_refused(address: object) -> None:
    with pytest.raises(Unusable, match="without a usable url"):
        from_address("image", address)


async def test_what_was_shown_is_described_and_counted(sandbox: Sandbox, talker: Talker) -> None:
    text = message("explain", "x = 1\n")
    talker.say(text)
    without = await talk(sandbox, talker)
    talker.history.pop()
    talker.say(text, ("image", "image/png", encoded(PNG)), ("video", "video/mp4", encoded(b"a" * 1234)))
    said = await talk(sandbox, talker)
    assert f"It was shown {SHOWN} (sandbox)." in said.text
    assert "It was shown a video, MP4, 1,234 bytes (sandbox)." in said.text

    def prompt(usage: dict[str, Any]) -> int:
        names = ("prompt_tokens", "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        return sum(usage.get(name, 0) for name in names)

    assert prompt(said.usage) == prompt(without.usage) + 4000


async def test_a_question_about_an_image_gets_its_description(sandbox: Sandbox, talker: Talker) -> None:
    talker.say("What is this?", ("image", "image/png", encoded(PNG)))
    assert f"It was shown {SHOWN} (sandbox)." in (await talk(sandbox, talker)).text


async def test_what_cannot_be_used_is_rejected(sandbox: Sandbox, talker: Talker) -> None:
    for bad in (("image", "image/bmp", "AAAA"), ("image", "image/png", "%"), ("video", "video/ogg", "AAAA")):
        talker.say("What is this?", bad)
        said = await talk(sandbox, talker)
        assert said.status == 400
        assert "has a " in said.error["message"]
        talker.history.pop()


async def test_other_forms_of_the_endpoints_are_taken(sandbox: Sandbox) -> None:
    url = f"data:image/png;base64,{encoded(PNG)}"
    film = f"data:video/mp4;base64,{encoded(b'abc')}"
    forms: list[tuple[type[Talker], dict[str, Any]]] = [
        (Chat, {"type": "image_url", "image_url": url}),
        (Chat, {"type": "video_url", "video_url": {"url": film}}),
        (Responses, {"type": "input_image", "image_url": url, "detail": "auto"}),
        (Responses, {"type": "input_file", "filename": "a.mp4", "file_data": film}),
        (Messages, {"type": "image", "source": {"type": "url", "url": url}}),
    ]
    for kind, part in forms:
        talker = kind()
        talker.say("What is this?")
        talker.history[-1]["content"].append(part)
        assert "It was shown" in (await talk(sandbox, talker)).text


# A stub from a picture


async def test_a_picture_becomes_an_honest_stub(sandbox: Sandbox, talker: Talker) -> None:
    text = "import os\n\n\nclass Form:\n    pass\n"
    task = message("implement", text, selection=(2, 2), instruction="Build the login form")
    talker.say(task, ("image", "image/png", encoded(PNG)))
    said = await talk(sandbox, talker, **talker.formatted(ANSWER_SCHEMA))
    answer = json.loads(said.text)
    assert answer["summary"].startswith(f"(sandbox) Wrote a stub, built for {SHOWN}.")
    changed = put_in(text, answer["edits"])
    assert "def login_form():" in changed
    assert '"""(sandbox) Build the login form.' in changed
    assert f"Built for {SHOWN}." in changed
    assert "raise NotImplementedError" in changed
    compile(changed, "form.py", "exec")


@pytest.mark.parametrize(
    ("text", "selection", "after"),
    [
        ("def a():\n    x = 1\n", (2, 2), "def a():\n    x = 1\n\n    def parse_csv():"),
        ("x = 1\ny = 2\n", (1, 1), "x = 1\n\ndef parse_csv():"),
        ("x = 1\n", None, "x = 1\n\ndef parse_csv():"),
        ("x = 1\n# Kimi: parse it\n", (2, 2), "x = 1\ndef parse_csv():"),
        ("x = 1\r\n", None, "x = 1\r\n\r\ndef parse_csv():\r\n"),
    ],
)
async def test_a_stub_stands_where_it_was_wanted(
    sandbox: Sandbox, text: str, selection: tuple[int, int] | None, after: str
) -> None:
    talker = Chat()
    task = message("implement", text, selection=selection, instruction='Parse "CSV" \\ """')
    talker.say(task)
    said = await talk(sandbox, talker, **talker.formatted(ANSWER_SCHEMA))
    changed = put_in(text, json.loads(said.text)["edits"])
    assert changed.startswith(after)
    compile(changed, "stub.py", "exec")


async def test_a_picture_has_the_name_that_its_section_gives(sandbox: Sandbox) -> None:
    talker = Chat()
    named = '\n<image path="docs/form.png" type="image/png">\nNumber 1.\n</image>\n'
    named += '\n<video path="a.mp4" type="video/mp4">\nNumber 2.\n</video>\n'
    film = ("video", "video/mp4", encoded(b"abc"))
    talker.say(message("implement", "x = 1\n") + named, ("image", "image/png", encoded(PNG)), film)
    answer = json.loads((await talk(sandbox, talker, **talker.formatted(ANSWER_SCHEMA))).text)
    assert f"built for docs/form.png, {SHOWN}; a.mp4, a video, MP4, 3 bytes." in answer["summary"]
    assert f"Built for docs/form.png, {SHOWN}" in answer["edits"][0]["replace"]


@pytest.mark.parametrize(
    ("language", "stub"),
    [
        ("html", "<!-- (sandbox) A b - > form: built from the text alone -->"),
        ("css", "/* (sandbox) A b -- > form: built from the text alone */"),
        ("yaml", "# (sandbox) A b -- > form: built from the text alone"),
    ],
)
async def test_other_languages_get_a_comment(sandbox: Sandbox, language: str, stub: str) -> None:
    talker = Chat()
    task = message("implement", "a\n\nb\n", selection=(2, 2), instruction="A b -- > form", language=language)
    talker.say(task)
    said = await talk(sandbox, talker, **talker.formatted(ANSWER_SCHEMA))
    assert put_in("a\n\nb\n", json.loads(said.text)["edits"]) == f"a\n{stub}\nb\n"
