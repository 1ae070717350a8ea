"""What is offered where an answer does not fit as a whole: the edits that do, and why the others do not."""

from collections.abc import Sequence

from kimi_lsp.conversation import Usage
from kimi_lsp.edits import Answer, NotShown, Proposal, Refusal, fitting
from kimi_lsp.features.file_changes import FileScope, replaced
from kimi_lsp.features.outcome import Edited, Partial
from kimi_lsp.project.syntax import Known, new_problems
from kimi_lsp.prompt import Target

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def partial(
    target: Target, known: Known, scope: FileScope | None, answer: Answer, label: str, usage: Usage
) -> Edited | None:
    """Return the edits of the document that fit, or None where none does, or where the answer is about several files.

    It is for the caller to ask whether they shall be made; an answer is all or nothing otherwise.
    """
    here = [edit for edit in answer.edits if edit.file in ("", target.path)]
    if answer.files or (scope and any(_is_due(edit, scope) for edit in answer.edits if edit not in here)):
        return None
    found = fitting(target.snapshot.text, here)
    if not found.plan.hunks:
        return None
    elsewhere = [(edit, NotShown([edit.file], [target.path])) for edit in answer.edits if edit not in here]
    said = Partial(len(found.kept), len(answer.edits), _sentence(answer.edits, [*found.refused, *elsewhere]))
    problems = new_problems(known, replaced(found.plan))
    return Edited(found.plan, label, answer.summary, usage, problems, partial=said)


def _is_due(edit: Proposal, scope: FileScope) -> bool:
    """Tell whether an edit of another file is one that could have been made, or a new file."""
    return edit.file in scope.shown or not edit.search.strip()


def _sentence(edits: Sequence[Proposal], refused: Sequence[tuple[Proposal, Refusal]]) -> str:
    """Return for example `2 of 3 edits fit; the third does not: the lines to replace were not found.`"""
    places = sorted((edits.index(edit), str(refusal).partition(": ")[2]) for edit, refusal in refused)
    count, (place, reason) = len(edits) - len(refused), places[0]
    fit = f"{count} of {len(edits)} edits {'fits' if count == 1 else 'fit'}"
    named = f"the {_ORDINALS[place]}" if place < len(_ORDINALS) else f"number {place + 1}"
    if len(refused) == 1:
        return f"{fit}; {named} does not: {reason}"
    return f"{fit}; {len(refused)} do not, {named} for one: {reason}"
