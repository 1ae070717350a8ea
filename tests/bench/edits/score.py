"""Run an applier over the cases and count what comes of them."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from kimi_lsp import edits
from tests.bench.edits import copies, layout, places, refused, typed, wrapped
from tests.bench.edits.drafts import Case

Applier = Callable[[Case], str | None]
"""Returns the new text, or None where the edits are refused."""

KINDS = {
    **copies.KINDS,
    **layout.KINDS,
    **wrapped.KINDS,
    **places.KINDS,
    **refused.KINDS,
    **typed.KINDS,
}


@dataclass
class Score:
    """What came of the cases of one kind."""

    correct: int = 0
    refused: int = 0
    """Cases that were refused although they could be done."""
    corrupt: int = 0
    """Cases in which another text came out than was wanted, or any although none was."""
    as_wanted: int = 0
    """Cases that were correct, and those that were refused and might be."""
    seconds: list[float] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """All cases of the kind."""
        return self.correct + self.refused + self.corrupt


def cases(seed: int, count: int, kinds: Sequence[str] = ()) -> Iterator[Case]:
    """Make so many cases of each kind; the same seed gives the same cases."""
    for kind in kinds or KINDS:
        rng = Random(f"{seed}/{kind}")
        for _ in range(count):
            yield KINDS[kind](rng, kind)


def ours(case: Case) -> str | None:
    """Apply with this project's room `edits`."""
    try:
        return edits.apply(case.text, case.edits, case.base)
    except edits.Refusal:
        return None


def exact_unique(case: Case) -> str | None:
    """Apply as the plainest tools do: each search text must occur once, and is replaced."""
    text = case.text
    for edit in case.edits:
        if text.count(edit["search"]) != 1:
            return None
        text = text.replace(edit["search"], edit["replace"])
    return text


def run(applier: Applier, made: Sequence[Case]) -> Mapping[str, Score]:
    """Return the score of each kind."""
    scores: dict[str, Score] = {}
    for case in made:
        began = time.process_time()
        text = applier(case)
        taken = time.process_time() - began
        score = scores.setdefault(case.kind, Score())
        score.seconds.append(taken)
        judged = verdict(case, text)
        setattr(score, judged, getattr(score, judged) + 1)
        score.as_wanted += judged == "correct" or (judged == "refused" and case.may_refuse)
    return scores


def verdict(case: Case, text: str | None) -> str:
    """Return `correct`, `refused` or `corrupt`."""
    untouched = text is None or text == case.text
    if case.wanted is None:
        return "correct" if untouched else "corrupt"
    if text == case.wanted:
        return "correct"
    return "refused" if untouched else "corrupt"


def total(scores: Mapping[str, Score]) -> Score:
    """Return the sum over all kinds."""
    whole = Score()
    for score in scores.values():
        whole.correct += score.correct
        whole.refused += score.refused
        whole.corrupt += score.corrupt
        whole.as_wanted += score.as_wanted
        whole.seconds += score.seconds
    return whole


def faults(applier: Applier, made: Sequence[Case]) -> Iterator[tuple[Case, Any]]:
    """Yield each case that did not go as wanted, with what came out."""
    for case in made:
        text = applier(case)
        judged = verdict(case, text)
        if judged == "corrupt" or (judged == "refused" and not case.may_refuse):
            yield case, text
