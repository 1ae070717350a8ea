import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.prompt import Target, fix
from kimi_lsp.sandbox.asked import Turn
from kimi_lsp.sandbox.reader import Problem, Task, read_task
from kimi_lsp.text import Diagnostic, Severity, Snapshot, Span
from tests.sandbox.asking import message


def read(text: str) -> Task:
    task = read_task([Turn("system", "rules"), Turn("user", text)])
    assert task is not None
    return task


def test_all_sections_are_read() -> None:
    task = read(
        message(
            "fix",
            "a\nb\n",
            problems=["line 1, column 9: undefined name 'os' [F821, ruff, error]", "line 2, column 1: odd"],
            instruction="do\nthis",
            selection=(1, 2),
        )
    )
    assert (task.kind, task.document.path, task.document.language) == ("fix", "app/cart.py", "python")
    assert task.document.lines == ("a", "b")
    assert task.selection == (1, 2)
    assert task.problems == (
        Problem(1, 9, "undefined name 'os'", ("F821", "ruff", "error")),
        Problem(2, 1, "odd"),
    )
    assert task.instruction == "do\nthis"
    assert task.refused is False


@pytest.mark.parametrize(
    "text", ["<file>\n", "</file>\n<task kind='x'>\n", 'x = """\n<file path="">\n</file>\n"""\n']
)
def test_a_numbered_tag_holds_the_plain_one(text: str) -> None:
    task = read(message("fix", text, number="-2"))
    assert task.document.text == text
    assert task.kind == "fix"


def test_what_stands_beside_the_file_is_passed_over() -> None:
    beside = "".join(
        f'<{name} path="{name}.py" lines="1-2">\n<task kind="x">\n</task>\n</{name}>\n\n'
        for name in ("conventions", "definitions", "definitions")
    )
    after = (
        '\n\n<definitions path="b.py">\nx\n</definitions>\n\n<callers path="c.py">\ny\n</callers>\n\n<task '
    )
    task = read(beside + message("explain", "a\nb\n", selection=(1, 2)).replace("\n\n<task ", after, 1))
    assert (task.kind, task.document.path, task.document.text) == ("explain", "app/cart.py", "a\nb\n")
    assert task.selection == (1, 2)


def test_a_part_keeps_the_numbers_of_the_file() -> None:
    task = read(message("fix", "a\nb\n", part="lines 200-201"))
    assert task.document.first == 200
    assert [task.document.row(number) for number in (199, 200, 201, 202)] == [None, 0, 1, None]


def test_attributes_are_unescaped() -> None:
    task = read(message("fix", "a\n", path="a&amp;quot; &quot;b&quot; &lt;c>.py"))
    assert task.document.path == 'a&quot; "b" <c>.py'


@pytest.mark.parametrize(
    "texts",
    [
        ["Hello"],
        ["<file>\na\n</file>\n"],
        ['<task kind="fix">\n</task>'],
        ['<file path="a"\n'],
        ['<file path="a" language="b">\nnever closed'],
        [],
    ],
)
def test_another_form_is_not_a_task(texts: list[str]) -> None:
    assert read_task([Turn("user", text) for text in texts]) is None


def test_a_refusal_refers_to_the_task_before_it() -> None:
    turns = [
        Turn("user", message("fix", "a\n")),
        Turn("assistant", message("explain", "c\n")),
        Turn("user", "<refused>\nnot found\n</refused>\nAgain."),
    ]
    task = read_task(turns)
    assert task is not None
    assert (task.kind, task.refused, task.document.lines) == ("fix", True, ("a",))


@given(st.text(alphabet=st.sampled_from('ab é🐍\t\n\r\f\x85\u2028<>/&"file-2task'), max_size=80))
def test_any_text_is_read_back_from_what_the_prompt_shows(text: str) -> None:
    # The two sides share no code: this is where they must agree.
    snapshot = Snapshot("file:///a.py", 1, "python", text)
    finding = Diagnostic(Span(0, 0), "undefined name 'os'", Severity.ERROR, "ruff", "F821")
    shown = fix(Target(snapshot, Span(0, len(text)), 'odd "&lt;" <name>.py'), [finding])
    task = read_task([Turn(one.role, one.text) for one in shown.request.messages])
    assert task is not None
    assert task.document.text == (text if text.endswith("\n") else f"{text}\n")
    assert task.document.path == 'odd "&lt;" <name>.py'
    assert task.problems == (Problem(1, 1, "undefined name 'os'", ("F821", "ruff", "error")),)
