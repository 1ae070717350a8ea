"""What is left of an answer that cannot be made as a whole: the edits that fit.

Nothing of it is ever made without the user's own choice; the rule is all or nothing, and this is the exception that
is offered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kimi_lsp.edits.carry import LineEdit
from kimi_lsp.edits.plan import EditPlan, plan
from kimi_lsp.edits.proposal import Proposal
from kimi_lsp.edits.refusal import Overlap, Refusal


@dataclass(frozen=True)
class Fitting:
    """The edits of an answer that fit a text, and why the others do not."""

    plan: EditPlan
    """Of those that fit, together."""
    kept: tuple[Proposal, ...]
    """Those that fit, in the answer's order."""
    refused: tuple[tuple[Proposal, Refusal], ...]
    """The others, in the answer's order."""


def fitting(text: str, proposals: Sequence[Proposal]) -> Fitting:
    """Choose the proposals that fit: each planned alone, then together; of those that meet, none is kept."""
    # One that is given twice is meant once.
    proposals = tuple(dict.fromkeys(proposals))
    plans: dict[int, EditPlan] = {}
    reasons: dict[int, Refusal] = {}
    for number, proposal in enumerate(proposals):
        try:
            plans[number] = plan(text, [proposal])
        except Refusal as refusal:
            reasons[number] = refusal
    reasons |= _meeting(text, plans)
    kept = [number for number in plans if number not in reasons]
    return Fitting(
        EditPlan.of(text, [edit for number in kept for edit in plans[number].edits]),
        tuple(proposals[number] for number in kept),
        tuple((proposals[number], reasons[number]) for number in sorted(reasons)),
    )


def _meeting(text: str, plans: dict[int, EditPlan]) -> dict[int, Refusal]:
    """Return those that meet another, and where."""
    found: dict[int, Refusal] = {}
    ordered = sorted(
        ((edit, number) for number, planned in plans.items() for edit in planned.edits), key=_place
    )
    open_edits: list[tuple[LineEdit, int]] = []
    for edit, number in ordered:
        open_edits = [(other, owner) for other, owner in open_edits if other.last >= edit.first]
        for other, owner in open_edits:
            if owner == number or (owner in found and number in found):
                continue
            try:
                EditPlan.of(text, [other, edit])
            except Overlap as overlap:
                found[owner] = found[number] = overlap
        open_edits.append((edit, number))
    return found


def _place(found: tuple[LineEdit, int]) -> tuple[int, int, int]:
    edit, number = found
    return edit.first, edit.last, number
