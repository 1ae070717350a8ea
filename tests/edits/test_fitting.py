"""The part of an answer that fits: the same every time, never more than can be made, and with a reason for the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimi_lsp.edits import Overlap, Proposal, Refusal, fitting, plan
from tests.edits.documents import Case, cases, proposal

TEXT = "one\ntwo\nthree\nfour\nfive\n"


def replaces(search: str, new: str) -> Proposal:
    return proposal(tuple(search.split()), tuple(new.split()))


def test_those_that_fit_are_kept_and_the_others_say_why() -> None:
    good, wrong, other = replaces("one two", "one 2"), replaces("nine ten", "9 10"), replaces("five", "5")
    found = fitting(TEXT, [good, wrong, other])
    assert found.kept == (good, other)
    assert found.plan.apply() == "one\n2\nthree\nfour\n5\n"
    ((refused, reason),) = found.refused
    assert refused == wrong
    assert "were not found" in str(reason)


def test_of_those_that_meet_none_is_kept() -> None:
    first, second, apart = (
        replaces("two three", "TWO three"),
        replaces("two", "2"),
        replaces("four five", "four 5"),
    )
    found = fitting(TEXT, [first, apart, second])
    assert found.kept == (apart,)
    assert [one for one, _ in found.refused] == [first, second]
    assert all(isinstance(reason, Overlap) for _, reason in found.refused)


def test_one_that_meets_several_takes_them_all_out() -> None:
    wide = replaces("one two three four", "1 2 3 4")
    small = [replaces("one", "I"), replaces("four five", "IV five"), replaces("two three", "II three")]
    found = fitting(TEXT, [wide, *small])
    assert found.kept == ()
    assert len(found.refused) == 4
    assert found.plan.apply() == TEXT


def test_many_that_all_meet_are_told_apart_quickly() -> None:
    text = "".join(f"line {number} x\n" for number in range(3000))
    same = [Proposal(file="a", search="line 7 x\n", replace=f"other {number}\n") for number in range(300)]
    assert fitting(text, same).kept == ()


@given(st.lists(cases(unique=True), min_size=1, max_size=3), st.data())
def test_what_is_kept_can_be_made_as_it_stands(found: list[Case], data: st.DataObject) -> None:
    text = found[0].before
    asked = [case.proposal() for case in found] + [
        Proposal(file="a.py", search="nowhere at all\n", replace="x\n")
    ]
    asked = data.draw(st.permutations(asked))
    fit = fitting(text, asked)
    assert fit.plan.apply() == plan(text, fit.kept).apply()
    assert sorted(map(repr, (*fit.kept, *(one for one, _ in fit.refused)))) == sorted(
        map(repr, dict.fromkeys(asked))
    )
    assert fitting(text, asked).plan == fit.plan
    for one, reason in fit.refused:
        if not isinstance(reason, Overlap):
            with pytest.raises(Refusal):
                plan(text, [one])


def test_an_edit_that_is_given_twice_is_meant_once() -> None:
    twice = Proposal(file="", search="a\n", replace="b\n")
    found = fitting("a\nc\n", [twice, twice])
    assert found.plan.apply() == "b\nc\n"
    assert found.kept == (twice,)
