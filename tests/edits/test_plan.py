"""A plan gives the intended text or a refusal, and leaves everything else byte for byte."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kimi_lsp.edits import EditPlan, Overlap, Proposal, Refusal, apply, plan
from kimi_lsp.edits.carry import LineEdit
from kimi_lsp.edits.indentation import lost
from kimi_lsp.text import Lines, split
from tests.edits.documents import Case, cases, proposal
from tests.edits.strategies import contents


def made(text: str, proposals: list[Proposal]) -> str | type[Refusal]:
    try:
        return plan(text, proposals).apply()
    except Refusal as refusal:
        return type(refusal)


def occurrences(case: Case) -> int:
    size = len(case.block)
    return sum(case.lines[at : at + size] == case.block for at in range(len(case.lines)))


@given(cases())
def test_a_verbatim_block_is_changed_where_it_stands(case: Case) -> None:
    assume(any(line.strip() for line in case.block))
    result = made(case.before, [case.proposal()])
    if occurrences(case) == 1 and isinstance(result, str):
        assert result == case.after
    elif occurrences(case) > 1:
        assert result == case.before or not isinstance(result, str)


@given(cases(unique=True))
def test_a_verbatim_block_without_a_twin_is_never_refused(case: Case) -> None:
    """Unless all of the new lines seem to have lost their indentation."""
    assume(any(line.strip() for line in case.block) and not lost(case.block, case.new))
    assert made(case.before, [case.proposal()]) == case.after


@given(cases(), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.booleans())
def test_ends_of_the_proposal_do_not_matter(
    case: Case, end: str, search_final: bool, new_final: bool
) -> None:
    assume(case.new and case.new[-1].strip() and case.block[-1].strip())
    sloppy = Proposal(
        file="",
        search=end.join(case.block) + end * search_final,
        replace=end.join(case.new) + end * new_final,
        line=None,
    )
    assert made(case.before, [sloppy]) == made(case.before, [case.proposal()])


def trailing(line: str) -> str:
    return line + "  "


def doubled(line: str) -> str:
    body = line.lstrip()
    return line[: len(line) - len(body)] + body.replace(" ", "  ")


def curled(line: str) -> str:
    return line.replace("'", "’").replace('"', "”")


def unbroken(line: str) -> str:
    body = line.lstrip()
    return line[: len(line) - len(body)] + body.replace(" ", "\u00a0")


def deeper(line: str) -> str:
    return "    " + line if line.strip() else line


def spaced(line: str) -> str:
    return line.replace("\t", "    ")


@pytest.mark.parametrize("drift", [trailing, doubled, curled, unbroken], ids=lambda drift: drift.__name__)
@given(case=cases(unique=True), data=st.data())
def test_lines_copied_loosely_give_the_intended_text_or_a_refusal(
    drift: Callable[[str], str], case: Case, data: st.DataObject
) -> None:
    """Some lines are copied wrongly, in the same way in search and replacement."""
    assume(any(line.strip() for line in case.block))
    wrong = {line: drift(line) for line in data.draw(st.sets(st.sampled_from(case.block)))}
    search = tuple(wrong.get(line, line) for line in case.block)
    new = tuple(wrong.get(line, line) for line in case.new)
    result = made(case.before, [proposal(search, new)])
    if isinstance(result, str):
        assert result == case.after


@pytest.mark.parametrize("drift", [deeper, spaced], ids=lambda drift: drift.__name__)
@given(case=cases(unique=True))
def test_a_block_indented_otherwise_gives_the_intended_text_or_a_refusal(
    drift: Callable[[str], str], case: Case
) -> None:
    assume(any(line.strip() for line in case.block))
    result = made(case.before, [proposal(tuple(map(drift, case.block)), tuple(map(drift, case.new)))])
    if isinstance(result, str):
        assert result == case.after


@given(cases(unique=True), st.data())
def test_a_wrong_copy_of_one_line_never_reaches_the_document(case: Case, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(case.block) - 1))
    assume(case.block.count(case.block[at]) == 1)
    wrong = data.draw(st.sampled_from(["unheard = of", case.block[at] + "s", case.block[at].upper(), ""]))
    assume(wrong != case.block[at] and wrong not in case.lines)
    kept = case.block[at] in case.new
    search = (*case.block[:at], wrong, *case.block[at + 1 :])
    new = tuple(wrong if line == case.block[at] else line for line in case.new)
    assume(any(line.strip() for line in search))
    result = made(case.before, [proposal(search, new)])
    if isinstance(result, str) and result != case.before and wrong.strip():
        assert kept
        assert result == case.after


@given(cases(unique=True, least=8), st.lists(st.integers(0, 15), min_size=2, max_size=4, unique=True))
def test_the_order_of_edits_does_not_matter(case: Case, rows: list[int]) -> None:
    rows = [row for row in rows if row < len(case.lines) and case.lines[row].strip()]
    edits = [proposal((case.lines[row],), (case.lines[row], f"after {row}")) for row in rows]
    results = {made(case.before, list(order)) for order in itertools.permutations(edits)}
    assert len(results) == 1


@given(cases(), st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=20, max_size=20))
def test_mixed_ends_survive(case: Case, ends: list[str]) -> None:
    lines = [line + end for line, end in zip(case.lines, ends, strict=False)]
    text = case.bom + "".join(lines)
    assume(split(text) == [case.bom + lines[0], *lines[1:]])
    result = made(text, [case.proposal()])
    if isinstance(result, str) and occurrences(case) == 1:
        head, tail = case.bom + "".join(lines[: case.first]), "".join(lines[case.last :])
        assert result.startswith(head)
        assert result.endswith(tail)
        assert contents(result) == [*case.lines[: case.first], *case.new, *case.lines[case.last :]]


@given(cases())
def test_hunks_are_small_ordered_and_cut_no_line_end(case: Case) -> None:
    try:
        made_plan = plan(case.before, [case.proposal()])
    except Refusal:
        return
    at = 0
    for hunk in made_plan.hunks:
        old = hunk.span.of(case.before)
        assert at <= hunk.span.start
        assert old != hunk.text
        at = hunk.span.end
        for edge in (hunk.span.start, hunk.span.end):
            assert case.before[max(0, edge - 1) : edge + 1] != "\r\n"
    assert made_plan.text == case.before
    assert all(1 <= number <= len(Lines.of(case.before)) for number in made_plan.changed_lines)


def test_two_edits_of_one_line_overlap() -> None:
    one, two = proposal(("a = 1",), ("a = 2",)), proposal(("a = 1", "b = 1"), ("a = 3", "b = 1"))
    with pytest.raises(Overlap) as caught:
        plan("a = 1\nb = 1\n", [one, two])
    assert caught.value.line == 1


def test_edits_may_share_lines_that_neither_changes() -> None:
    one = proposal(("a = 1", "b = 1"), ("a = 2", "b = 1"))
    two = proposal(("b = 1", "c = 1"), ("b = 1", "c = 2"))
    assert plan("a = 1\nb = 1\nc = 1\n", [two, one]).apply() == "a = 2\nb = 1\nc = 2\n"


def test_an_edit_may_not_insert_next_to_a_quoted_line_that_another_changes() -> None:
    one = proposal(("a = 1",), ("a = 2",))
    two = proposal(("a = 1",), ("a = 1", "b = 1"))
    with pytest.raises(Overlap):
        plan("a = 1\nz = 1\n", [one, two])


def test_insertions_from_both_sides_of_one_gap_have_their_order() -> None:
    one = proposal(("alpha",), ("alpha", "one"))
    two = proposal(("omega",), ("two", "omega"))
    assert plan("alpha\nomega\n", [two, one]).apply() == "alpha\none\ntwo\nomega\n"


@pytest.mark.parametrize(
    ("text", "first", "result"),
    [
        ("a\nb\nc", proposal(("a", "b"), ("a",)), "a"),
        ("a\nb\nc", proposal(("a", "b"), ("a", "z")), "a\nz"),
        ("a\nb\nc", proposal(("b",), ("b", "z")), "a\nb\nz"),
    ],
    ids=["deleted too", "changed", "inserted"],
)
def test_hunks_stay_apart_where_the_last_line_goes(text: str, first: Proposal, result: str) -> None:
    """The last line has no end, so the end before it goes along."""
    made_plan = plan(text, [first, proposal(("c",), ())])
    assert made_plan.apply() == result
    assert all(one.span.end <= two.span.start for one, two in itertools.pairwise(made_plan.hunks))


def test_two_changes_that_begin_at_one_place_are_one_hunk() -> None:
    edits = [proposal(("a",), ("a", "x")), proposal(("b",), ())]
    made_plan = plan("a\nb\nc\n", edits)
    assert made_plan.apply() == "a\nx\nc\n"
    assert [(hunk.span.of("a\nb\nc\n"), hunk.text) for hunk in made_plan.hunks] == [("b", "x")]


def test_the_same_edit_twice_is_one_edit() -> None:
    edit = proposal(("a",), ("a", "b"))
    assert plan("a\n", [edit, edit]).apply() == "a\nb\n"


def test_an_edit_that_changes_nothing_is_no_hunk() -> None:
    made_plan = plan("a\n", [proposal(("not there",), ("not there",))])
    assert made_plan == EditPlan("a\n", (), ())
    assert made_plan.apply() == "a\n"


def test_an_empty_document_takes_its_first_text() -> None:
    assert apply("", [{"search": "", "replace": "a\nb\n"}]) == "a\nb\n"


@pytest.mark.parametrize(
    "edit", [{"search": "a"}, {"search": 1, "replace": "b"}, {"search": "a", "replace": None}]
)
def test_an_edit_of_the_wrong_shape_is_refused(edit: dict[str, object]) -> None:
    with pytest.raises(Refusal) as caught:
        apply("a\n", [edit])
    assert type(caught.value) is Refusal
    assert caught.value.kind == "form"


def test_the_smallest_hunk_of_a_changed_word_is_the_word() -> None:
    (hunk,) = plan("x = one\r\ny = 2\r\n", [proposal(("x = one",), ("x = two",))]).hunks
    assert (hunk.span.start, hunk.span.end, hunk.text) == (4, 7, "two")


def test_a_surrogate_pair_is_never_halved() -> None:
    """Two lone surrogates next to each other are one character in an editor."""
    text, new = "s = '\ud83d\ude00'", "s = '\ud83d\ude01'"
    (hunk,) = EditPlan.of(text, [LineEdit(0, 1, (new,))]).hunks
    assert hunk.span.of(text) == "\ud83d\ude00"
