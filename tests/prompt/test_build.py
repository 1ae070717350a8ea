"""What a request looks like: its sections, its budget, and what stays the same between two of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.conversation import Message, Reasoning, Text
from kimi_lsp.prompt import Prompt, Target, TooLarge, estimate, explain, fix, redact, refactor, repair
from kimi_lsp.text import Diagnostic, Lines, Related, Severity, Snapshot, Span
from tests.prompt.test_secrets import KEY, RANDOM

TEXT = "def one():\n    return 1\n\n\ndef two():\n    return one() + 1\n"


def target(
    text: str = TEXT, span: Span | None = None, budget: int = 64_000, max_tokens: int = 16_384
) -> Target:
    snapshot = Snapshot("file:///a.py", 1, "python", text)
    return Target(snapshot, span or Span(0, 0), "app/a.py", budget, max_tokens)


def lines(text: str, first: int, last: int) -> Span:
    """Return the span of lines from 1, both included."""
    return Snapshot("file:///a.py", 1, "python", text).line_span(first - 1, last - 1)


def asked(prompt: Prompt) -> str:
    return prompt.request.messages[1].text


def section(prompt: Prompt, name: str = "file") -> str:
    """Return a section's text, as whoever reads the message gets it."""
    match = re.search(rf"(?:^|\n)<({name}(?:-\d+)?)(?: [^\n]*)?>\n(.*?)</\1>", asked(prompt), re.DOTALL)
    assert match is not None, name
    return match[2]


def test_a_fix_is_asked_in_this_form() -> None:
    text = "import sys\nprint(os.name)\n"
    found = [
        Diagnostic(Span(17, 19), "undefined\n name 'os'", Severity.ERROR, "ruff", "F821"),
        Diagnostic(Span(7, 10), "unused import", Severity.HINT),
    ]
    prompt = fix(target(text, lines(text, 2, 2), max_tokens=5000), found)
    assert [message.role for message in prompt.request.messages] == ["system", "user"]
    assert asked(prompt) == (
        '<file path="app/a.py" language="python">\n'
        "import sys\nprint(os.name)\n"
        "</file>\n"
        "\n"
        '<task kind="fix" answer="edits">\n'
        "Fix the problems listed, and nothing else.\n"
        "</task>\n"
        "\n"
        '<selection first-line="2" last-line="2">\n'
        "print(os.name)\n"
        "</selection>\n"
        "\n"
        "<problems>\n"
        "line 2, column 7: undefined name 'os' [F821, ruff, error]\n"
        "line 1, column 8: unused import [hint]\n"
        "</problems>"
    )
    assert prompt.request.max_tokens == 5000
    assert prompt.request.answer is not None
    assert [shown.name for shown in prompt.shown] == ["file", "task", "selection", "problems"]
    assert all(shown.reason and shown.tokens for shown in prompt.shown)


def test_what_a_problem_names_beside_itself_goes_with_it() -> None:
    related = (Related("/elsewhere/b.py", 3, "it is\n defined here"), Related("/elsewhere/c.py", 3, ""))
    found = Diagnostic(Span(0, 3), "bad name", Severity.ERROR, "ruff", "F821", related)
    told = section(fix(target(), [found]), "problems")
    assert told == "line 1, column 1: bad name (beside: it is defined here) [F821, ruff, error]\n"


def test_kinds_differ_in_their_task_and_their_answer() -> None:
    told, changed = explain(target()), refactor(target(), "Rename two to three.")
    assert '<task kind="explain" answer="text">' in asked(told)
    assert told.request.answer is None
    assert "<selection" not in asked(told)
    assert '<task kind="refactor" answer="edits">' in asked(changed)
    assert section(changed, "instruction") == "Rename two to three.\n"
    assert changed.request.answer is not None
    assert changed.request.answer.name == "edits"


def test_only_a_refactoring_that_may_touch_files_has_a_place_for_them_in_its_answer() -> None:
    found = [Diagnostic(Span(0, 1), "bad")]
    forms = [refactor(target(), "x", files=True), refactor(target(), "x"), fix(target(), found)]
    schemas = [prompt.request.answer.schema if prompt.request.answer else {} for prompt in forms]
    assert ["files" in schema["required"] for schema in schemas] == [True, False, False]
    # The system message is the same for all, so it says itself when the part is there.
    assert "Where the answer of the task is edits and files" in forms[2].request.messages[0].text


def test_requests_on_one_file_begin_with_the_same_bytes() -> None:
    text = f'password = "hunter2!x"\n{TEXT}'
    prompts = [
        explain(target(text)),
        explain(target(text, lines(text, 2, 3))),
        refactor(target(text, lines(text, 6, 7)), "Use pass" + "word = 'abc-12345' there."),
        fix(target(text, lines(text, 2, 2)), [Diagnostic(Span(0, 8), "bad")]),
    ]
    assert len({prompt.request.messages[0] for prompt in prompts}) == 1
    assert len({asked(prompt).partition("<task")[0] for prompt in prompts}) == 1
    assert len({prompt.request.messages for prompt in prompts}) == 4


def test_the_system_message_tells_all_forms_of_answer() -> None:
    system = explain(target()).request.messages[0].text
    assert system.startswith("You are the engine behind an editor's code actions.")
    for part in (
        "is text, answer in Markdown",
        "begins with edits, answer with one JSON",
        "KIMI_SECRET_1_",
    ):
        assert part in system


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("plain\n", "file"),
        ("x = '</file>'\n", "file-2"),
        ("x = '<file '\n", "file-2"),
        ("</file></file-2>\n", "file-3"),
        ("</file-2>\n", "file-3"),
        ("<file-25>\n", "file-3"),
        ("</file-3></file>\n", "file-2"),
    ],
)
def test_a_tag_that_occurs_in_the_text_carries_a_number(text: str, tag: str) -> None:
    prompt = explain(target(text))
    assert asked(prompt).startswith(f'<{tag} path="app/a.py" language="python">\n{text}</{tag}>\n')


def test_other_tags_carry_numbers_too_and_every_section_counts() -> None:
    prompt = refactor(target("# <task\n"), "Close with </instruction> and </file>.")
    assert re.findall(r"(?m)^</?([a-z]+(?:-\d+)?)", asked(prompt)) == [
        "file-2",
        "file-2",
        "task-2",
        "task-2",
        "instruction-2",
        "instruction-2",
    ]


def test_attributes_are_quoted() -> None:
    snapshot = Snapshot("file:///a.py", 1, "python", "x\n")
    prompt = explain(Target(snapshot, Span(0, 0), 'a"b<c>&\nd.py'))
    assert asked(prompt).startswith('<file path="a&quot;b&lt;c>&amp; d.py" language="python">\n')


@pytest.mark.parametrize("text", ["a\r\nb\r\n", "a\rb\r\nc\n", "\n\na\n\n", "a\u2028b\x0cc\n", "\ufeffa\n"])
def test_line_ends_are_sent_as_they_are(text: str) -> None:
    assert section(explain(target(text))) == text


@pytest.mark.parametrize("text", ["a", "a\r\nb", "", "a\r"])
def test_a_missing_last_line_end_is_added_for_the_tag_alone(text: str) -> None:
    assert section(explain(target(text))) == text + "\n"


PIECES = st.sampled_from(
    [
        "</file>",
        "<file ",
        "</file-2>",
        "<task",
        "\n",
        "\r\n",
        "\r",
        'password = "hunter2!x"\n',
        *KEY,
        "KIMI_SECRET",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=10).map("".join))
def test_the_file_section_is_the_redacted_document(text: str) -> None:
    redacted = redact(text).text
    assert section(explain(target(text))) == redacted + ("" if redacted.endswith("\n") else "\n")


def test_lines_agree_where_secrets_are_hidden() -> None:
    text = "\n".join([*KEY, "x = undefined", ""])
    at = text.index("undefined")
    prompt = fix(target(text, lines(text, 8, 8)), [Diagnostic(Span(at, at + 9), "undefined name")])
    assert not any(row in asked(prompt) for row in KEY[3:6])
    assert section(prompt).split("\n")[7] == "x = undefined"
    assert '<selection first-line="8" last-line="8">\nx = undefined\n' in asked(prompt)
    assert "line 8, column 5: " in asked(prompt)


def test_secrets_are_hidden_in_every_section() -> None:
    text = f'api_key = "{RANDOM}"\n'
    found = Diagnostic(Span(0, 7), f"{RANDOM} is a hard-coded key")
    for prompt in (
        fix(target(text, Span(0, len(text))), [found]),
        refactor(target("x\n", Span(0, 1)), f"use api_key = '{RANDOM}'"),
    ):
        assert RANDOM not in asked(prompt)
        assert RANDOM in prompt.redaction.restore(asked(prompt))


def test_a_repair_keeps_the_models_turn_and_hides_secrets() -> None:
    text = "\n".join([*KEY, f'api_key = "{RANDOM}"', ""])
    prompt = refactor(target(text), "do it")
    reply = Message("assistant", (Text("{}"),), Reasoning("hm, " * 100, "reasoning"))
    again = repair(prompt, reply, f"The nearest lines are:\n{KEY[4]}\napi_key = '{RANDOM}'")
    assert again.request.messages[:2] == prompt.request.messages
    assert again.request.messages[2] is reply
    told = again.request.messages[3]
    assert told.role == "user"
    assert re.fullmatch(
        r"<refused>\nThe nearest lines are:\nKIMI_SECRET_2_\napi_key = 'KIMI_SECRET_4_'\n</refused>\n\n"
        r"None of your edits was made\. Give the whole answer again.*",
        told.text,
    )
    assert (again.request.answer, again.request.max_tokens) == (
        prompt.request.answer,
        prompt.request.max_tokens,
    )
    assert again.estimate == prompt.estimate + estimate("hm, " * 100) + estimate("{}") + estimate(told.text)


# The budget.

LONG = "".join(f"line_{number} = {number}\n" for number in range(1, 2001))


def test_a_document_that_fits_is_shown_whole() -> None:
    prompt = explain(target(LONG, lines(LONG, 5, 6)))
    assert section(prompt) == LONG
    assert " part=" not in asked(prompt)
    assert section(prompt, "selection") == "line_5 = 5\nline_6 = 6\n"


@pytest.mark.parametrize(("first", "last"), [(1, 1), (1000, 1010), (1990, 2000), (2000, 2000)])
def test_a_document_that_does_not_fit_is_shown_around_the_target(first: int, last: int) -> None:
    prompt = explain(target(LONG, lines(LONG, first, last), budget=4000))
    match = re.match(r'<file path="app/a.py" language="python" part="lines (\d+)-(\d+)">\n', asked(prompt))
    assert match is not None
    shown = Lines.of(LONG)
    begin, end = int(match[1]), int(match[2])
    assert begin <= first <= last <= end
    assert section(prompt) == LONG[shown.start(begin - 1) : shown.start(end)]
    assert section(prompt, "selection") == LONG[shown.start(first - 1) : shown.start(last)]
    # All of the budget is used, but for less than a line on each side and the allowance for tags.
    assert 3900 <= prompt.estimate <= 4000


@given(st.integers(1, 2000), st.integers(0, 300), st.integers(2000, 30_000))
def test_a_prompt_is_within_its_budget_or_refused(first: int, more: int, budget: int) -> None:
    last = min(2000, first + more)
    span = lines(LONG, first, last)
    try:
        prompt = refactor(target(LONG, span, budget), "Do it.")
    except TooLarge:
        assert estimate(span.of(LONG)) + estimate(explain(target()).request.messages[0].text) > budget - 250
    else:
        assert prompt.estimate <= budget
        assert span.of(LONG) in section(prompt)


def test_a_selection_is_not_repeated_where_it_is_large_or_needs_the_room() -> None:
    whole = refactor(target(LONG, Span(0, len(LONG))), "Do it.")
    assert section(whole) == LONG
    assert section(whole, "selection") == "These lines of the file above; they are not repeated here.\n"
    assert '<selection first-line="1" last-line="2000">' in asked(whole)
    span = lines(LONG, 100, 300)
    fits = next(budget for budget in range(2000, 9000, 50) if not refuses(target(LONG, span, budget=budget)))
    tight = explain(target(LONG, span, budget=fits))
    assert span.of(LONG) in section(tight)
    assert section(tight, "selection") == "These lines of the file above; they are not repeated here.\n"


def refuses(about: Target) -> bool:
    try:
        explain(about)
    except TooLarge:
        return True
    return False


def test_a_long_instruction_counts() -> None:
    with pytest.raises(TooLarge):
        refactor(target(budget=4000), "really " * 2000)


def test_a_line_too_long_for_the_budget_is_refused_with_what_to_do() -> None:
    with pytest.raises(TooLarge, match=r"^Nothing was sent: .* 4,000 may be sent; .*context_tokens"):
        explain(target("x" * 100_000, budget=4000))


@given(st.lists(st.text(), max_size=5))
def test_parts_never_come_to_less_than_the_whole(parts: list[str]) -> None:
    assert estimate("".join(parts)) <= sum(map(estimate, parts))
    assert all(estimate(part) >= len(part) / 3 for part in parts)
