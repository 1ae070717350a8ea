"""Which files a text refers to, and that no text makes the search fail or slow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.prompt.mentions import Mention, mentions


def paths(text: str) -> list[str]:
    return [one.path for one in mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Build this form, see mockups/form.png", ["mockups/form.png"]),
        ("see mockups/form.png.", ["mockups/form.png"]),
        ("see ./a.PNG, ../b.jpeg; c.webp!", ["./a.PNG", "../b.jpeg", "c.webp"]),
        ("(as in mockups/form.png)", ["mockups/form.png"]),
        ("like @mockups/form.png", ["mockups/form.png"]),
        ("mockups/form.png's header, 'list view.gif' and its footer", ["mockups/form.png", "list view.gif"]),
        ('see "my mockups/login form.png"', ["my mockups/login form.png"]),
        ("“a.png” and «b.png»", ["a.png", "b.png"]),
        ("![the form](mockups/form.png)", ["mockups/form.png"]),
        ("![](<my mockups/form.png> 'Form')", ["my mockups/form.png"]),
        ('![a](my form.jpg "Form")', ["my form.jpg"]),
        ("C:\\shots\\a.png and C:/shots/b.png", ["C:\\shots\\a.png", "C:/shots/b.png"]),
        ("src/ünï/画面.png", ["src/ünï/画面.png"]),
        ("a.png b.png a.png", ["a.png", "b.png"]),
        ("the flow is in demo.mp4 and demo.mov", ["demo.mp4", "demo.mov"]),
        ("form.svg", ["form.svg"]),
    ],
)
def test_these_are_references(text: str, expected: list[str]) -> None:
    assert paths(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all .png files",
        "every *.png in assets",
        "assets/*.jpg",
        "png, jpeg",
        "form.pngs",
        "module.png.py",
        "https://example.com/a.png",
        "https://example.com/(a)/b.png, or so",
        "![x](https://example.com/a.png)",
        "data:image/png;base64,a.png",
        "`see https://example.com/a.png`",
    ],
)
def test_these_are_none(text: str) -> None:
    assert paths(text) == []


def test_a_name_in_backquotes_is_not_surely_meant() -> None:
    assert mentions("rename `logo.png` to `new.png`") == (
        Mention("logo.png", sure=False),
        Mention("new.png", sure=False),
    )
    assert mentions("`a.png`, I mean a.png") == (Mention("a.png", sure=True),)


def test_at_most_eight() -> None:
    text = " ".join(f"{number}.png" for number in range(20))
    assert paths(text) == [f"{number}.png" for number in range(8)]


PIECES = st.sampled_from(
    [
        "a",
        "form",
        ".png",
        ".jpg",
        "/",
        "\\",
        " ",
        "\n",
        '"',
        "'",
        "`",
        "(",
        ")",
        "![",
        "](",
        "<",
        ">",
        "://",
        "@",
        ":",
        "é",
        "\0",
        "*",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_what_is_found_stands_in_the_text(text: str) -> None:
    found = mentions(text)
    assert len(found) <= 8
    assert len({one.path for one in found}) == len(found)
    for one in found:
        assert one.path in text
        assert not one.path.isspace()
        assert "\n" not in one.path


@given(st.text(alphabet="ab/._-é", min_size=1).map(lambda stem: f"x{stem}x.png"))
def test_a_path_alone_is_found_as_it_is_written(path: str) -> None:
    for text in (path, f"see {path}.", f'"{path}"', f"![]({path})", f"`{path}`"):
        assert paths(text) == [path]


@pytest.mark.parametrize(
    "piece", ["a", "![", "'a", '"x.pn', "`", "![a](", "a.png'", "a://", "@", ".png", "\\", "<"]
)
def test_no_long_text_is_slow(piece: str) -> None:
    # A search that is not linear would not come back within the test's time.
    assert len(mentions(piece * 100_000)) <= 8
