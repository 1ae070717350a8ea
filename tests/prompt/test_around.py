"""What is shown beside a document: in which order, how much of it, and what gives way where the room ends."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.prompt import Prompt, Target, TooLarge, explain, task
from kimi_lsp.text import Snapshot, Span
from kimi_lsp.text.excerpt import Excerpt, Surroundings, Used
from tests.prompt.test_secrets import KEY, RANDOM

TEXT = "from b import one, two\n\n\ndef first():\n    return one()\n\n\ndef second():\n    return two()\n"
LONG = "".join(f"def f{number}():\n    return {number}\n\n\n" for number in range(1, 700))
OTHER = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
_TAG = re.compile(r"(?m)^<(?!/)([a-z]+)(?:-\d+)?((?: [^\n]*)?)>$")


def target(text: str = TEXT, part: str = "", budget: int = 64_000) -> Target:
    snapshot = Snapshot("file:///a.py", 1, "python", text)
    start = text.index(part)
    return Target(snapshot, Span(start, start + len(part)), "a.py", budget)


def excerpt(path: str, text: str, *rows: tuple[int, int], what: str = "") -> Excerpt:
    return Excerpt(path, Snapshot(f"file:///{path}", None, "python", text), rows, what)


def used(what: str, first: int, last: int, text: str = OTHER, path: str = "b.py", *, direct: bool) -> Used:
    head = excerpt(path, text, (first, first + 1), what=what)
    return Used(excerpt(path, text, (first, last), what=what), head, head, direct)


def around(direct: str = "one") -> Surroundings:
    return Surroundings(
        used=(used("one", 0, 2, direct=direct == "one"), used("two", 4, 6, direct=direct == "two"))
    )


def asked(prompt: Prompt) -> str:
    return prompt.request.messages[1].text


def tags(prompt: Prompt) -> list[str]:
    return [name for name, _ in _TAG.findall(asked(prompt))]


def test_definitions_stand_before_the_file_and_the_question_last() -> None:
    prompt = task("explain", target(part="def first"), around=around())
    assert asked(prompt).startswith(
        '<definitions path="b.py" lines="1-2, 5-6">\n'
        "def one():\n    return 1\n⋮\ndef two():\n    return 2\n"
        "</definitions>\n\n"
        f'<file path="a.py" language="python">\n{TEXT}</file>\n\n<task '
    )
    first = prompt.shown[0]
    assert (first.name, first.reason) == ("definitions", "b.py: the document uses one, two of it")
    assert first.tokens > 0


def test_requests_on_one_file_begin_alike_whatever_their_part_uses() -> None:
    one = task("explain", target(part="def first"), around=around("one"))
    other = task("refactor", target(part="def second"), "Use a loop. " * 40, around=around("two"))
    assert asked(one).partition("<task")[0] == asked(other).partition("<task")[0]


def test_long_definitions_are_signatures_and_the_body_that_is_needed_comes_behind() -> None:
    bodies = [f"def g{number}():\n" + f"    call({number})\n" * 300 for number in range(12)]
    text = "".join(bodies)
    many = tuple(
        used(f"g{number}", number * 301, number * 301 + 301, text, direct=number == 3) for number in range(12)
    )
    part = target(LONG, part="def f1(")
    prompt = task("explain", part, around=Surroundings(used=many))
    before, _, after = asked(prompt).partition("<file")
    assert before.count("def g") == 12
    assert before.count("call(") == 0
    assert after.count("call(3)") in (0, 300)
    assert prompt.estimate <= 64_000


def test_what_the_part_uses_stays_where_not_all_signatures_fit() -> None:
    text = "".join(f"def g{number}({'argument, ' * 30}):\n    pass\n" for number in range(200))
    many = tuple(
        used(f"g{number}", number * 2, number * 2 + 2, text, direct=number == 150) for number in range(200)
    )
    prompt = task("explain", target(part="def first", budget=8_000), around=Surroundings(used=many))
    assert re.findall(r"def (g\d+)", asked(prompt)) == ["g150"]
    assert tags(prompt)[:2] == ["file", "definitions"]
    assert any(one.reason == "b.py: the part that you asked about uses g150 of it" for one in prompt.shown)


OWN = "import os\n\n\n" + LONG


def test_of_a_document_that_does_not_fit_the_scopes_and_what_the_part_uses_are_shown() -> None:
    lines = Snapshot("", 1, "python", OWN).lines
    own = (
        used("imports", 0, 1, OWN, "a.py", direct=True),
        used("f690", 3 + 689 * 4, 3 + 689 * 4 + 2, OWN, "a.py", direct=True),
        used("f3", 3 + 2 * 4, 3 + 2 * 4 + 2, OWN, "a.py", direct=True),
    )
    part = target(OWN, part="return 300\n", budget=4_000)
    row = lines.line_at(part.span.start)
    scopes = (Span(lines.start(row - 1), lines.start(row + 1)), Span(lines.start(3), len(OWN)))
    prompt = task("explain", part, around=Surroundings(scopes=scopes, own=own))
    shown = re.findall(r'<(file|definitions) path="a.py"[^\n]*(?:part|lines)="([^"]*)"', asked(prompt))
    assert [name for name, _ in shown] == ["file", "definitions"]
    assert shown[1][1] == f"1-1, 12-13, {3 + 689 * 4 + 1}-{3 + 689 * 4 + 2}"
    first, last = (int(one) for one in re.findall(r"\d+", shown[0][1]))
    assert first <= row < row + 2 <= last
    assert prompt.estimate <= 4_000


def test_lines_that_the_file_s_section_holds_are_not_shown_twice() -> None:
    part = target(OWN, part="return 2\n", budget=4_000)
    own = (
        used("imports", 0, 1, OWN, "a.py", direct=True),
        used("f690", 3 + 689 * 4, 3 + 689 * 4 + 2, OWN, "a.py", direct=True),
    )
    prompt = task("explain", part, around=Surroundings(own=own))
    assert asked(prompt).count("import os") == 1
    assert asked(prompt).count("return 690") == 1


def test_the_project_s_words_come_first_and_are_cut_where_they_are_long() -> None:
    guide = excerpt("AGENTS.md", "Be brief.\n" * 4_000, (0, 200), what="AGENTS.md")
    prompt = task("explain", target(), around=Surroundings(conventions=(guide,)))
    assert tags(prompt)[:2] == ["conventions", "file"]
    assert '<conventions path="AGENTS.md" lines="1-200">' in asked(prompt)
    tight = task("explain", target(budget=4_000), around=Surroundings(conventions=(guide,)))
    assert 0 < asked(tight).count("Be brief.") < 200
    assert tight.shown[0].reason == "AGENTS.md: what your project says of how its code is written"


def test_secrets_of_other_files_are_hidden() -> None:
    key = "\n".join([*KEY, ""])
    text = f"{key}\n\ndef one():\n    return 1\n\n\ndef two():\n    api_key = '{RANDOM}'\n"
    rows = text.count("\n") - 6
    uses = (used("KEY", 3, 5, text, direct=True), used("two", rows, text.count("\n"), text, direct=True))
    prompt = task("explain", target(f"api_key = '{RANDOM}'\n"), around=Surroundings(used=uses))
    assert RANDOM not in asked(prompt)
    assert not any(row in asked(prompt) for row in KEY[1:-1] if len(row) > 20)
    # The document's own come first, so that theirs have the same numbers whatever stands around it.
    assert "<file" in asked(prompt)
    assert "api_key = 'KIMI_SECRET_1_'\n</file>" in asked(prompt)


def test_what_lies_around_gives_way_to_what_was_asked() -> None:
    long = "really " * 600
    wide = around()
    prompt = task("refactor", target(part="def first", budget=4_000), long, around=wide)
    assert "<instruction>" in asked(prompt)
    assert prompt.estimate <= 4_000
    with pytest.raises(TooLarge):
        task("refactor", target(part="def first", budget=4_000), long * 3, around=wide)


@given(st.integers(2_000, 20_000), st.integers(0, 698), st.integers(0, 40), st.integers(0, 60))
def test_no_prompt_is_larger_than_its_budget(budget: int, number: int, count: int, size: int) -> None:
    text = "".join(f"def g{one}(a, b):\n" + "    call()\n" * size for one in range(count))
    height = size + 1
    uses = tuple(
        used(f"g{one}", one * height, one * height + height, text, f"b{one % 5}.py", direct=one % 3 == 0)
        for one in range(count)
    )
    guide = excerpt("AGENTS.md", "x\n" * 300, (0, 200), what="AGENTS.md")
    wide = Surroundings(used=uses, conventions=(guide,), callers=(guide,), opened=(guide,), related=(guide,))
    part = target(LONG, part=f"return {number + 1}\n", budget=budget)
    prompt = task("refactor", part, "Do it.", around=wide)
    assert prompt.estimate <= budget
    assert part.span.of(LONG) in asked(prompt)
    assert [one.name for one in prompt.shown] == tags(prompt)


def test_nothing_around_is_as_it_was() -> None:
    assert task("explain", target(part="def first")).request == explain(target(part="def first")).request
