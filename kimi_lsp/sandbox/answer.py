"""What the sandbox has to say to a conversation: which skill takes it, what it thinks aloud, and what it answers.

No wire shapes here. Every answer says that it is the sandbox's; what no skill can do is said, never made up.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kimi_lsp.sandbox.asked import Asked, Format
from kimi_lsp.sandbox.document import parse
from kimi_lsp.sandbox.edit import Edit, LineChange, applied, combined, edits
from kimi_lsp.sandbox.json_schema import value_for
from kimi_lsp.sandbox.reader import Problem, Task, read_task
from kimi_lsp.sandbox.skills import (
    add_docstring,
    bare_except,
    better_names,
    comment_above,
    draft_tests,
    explain_code,
    extract_constant,
    guard_clauses,
    import_name,
    look_over,
    missing_colon,
    mutable_default,
    none_comparison,
    rename_across,
    tell_commit,
    unused_import,
)
from kimi_lsp.sandbox.skills.implement_stub import implement
from kimi_lsp.sandbox.skills.look_up import Found, Wanted, foreign_names, look_up, named_names
from kimi_lsp.sandbox.skills.outcome import Outcome, Repair, Rework

_INTRODUCTION = "This is the kimi-lsp sandbox, not the model."
_REPAIRS: tuple[Repair, ...] = (
    missing_colon,
    import_name,
    unused_import,
    none_comparison,
    mutable_default,
    bare_except,
)
_REWORKS: tuple[Rework, ...] = (add_docstring, extract_constant, guard_clauses)
_BY_CODE: tuple[Rework, ...] = (guard_clauses, extract_constant)
_QUESTION = re.compile(
    r"\s*(?:what|why|how|when|where|who|which|is|are|does|do|can|could|should|explain)\b|.*\?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_ASKS = re.compile(r"[ \t]*#[ \t]*@?kimi:", re.IGNORECASE)
_SEARCHED = "(sandbox: no web was searched; one search is counted)"
_GENERAL = ("", "simplif", "clean", "tidy", "improve", "readab", "refactor")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is spelled."""

    reasoning: str
    text: str
    """The explanation, or the summary of the edits."""
    edits: tuple[Edit, ...] | None = None
    """None where the answer is free text."""
    calls: tuple[tuple[str, dict[str, object]], ...] = ()
    """Tools to call first, each by its name and its arguments; the answer is not given yet then."""
    more: Mapping[str, object] = field(default_factory=dict)
    """What the answer holds besides, where the form that is asked for has a place for it."""


def think_through(asked: Asked) -> Answer:
    """Answer a conversation."""
    task = read_task(asked.turns)
    try:
        answer = _answered(task, asked)
    except RecursionError:
        text = f"(sandbox) {_abilities()} It cannot read code that is nested so deeply."
        answer = Answer(_INTRODUCTION, text, _no_edits(task, asked))
    media = [one for turn in asked.turns for one in turn.media] if task is None else task.media
    remarks = [f"It was shown {one} (sandbox)." for one in media]
    remarks += [_SEARCHED] if asked.web_search else []
    if remarks and answer.edits is None:
        return replace(answer, text="\n\n".join([answer.text.rstrip("\n"), *remarks]) + "\n")
    return replace(answer, text=" ".join([answer.text, *remarks]))


def content(answer: Answer, wanted: Format | None) -> str:
    """Return what the model says: free text, or JSON of the wanted format."""
    if answer.edits is None and wanted is None:
        return answer.text
    if answer.edits is None:
        value: object = {"summary": answer.text, "answer": answer.text, "text": answer.text}
        if wanted and wanted.schema is None:
            value = {"answer": answer.text}
    else:
        value = {"summary": answer.text, "edits": list(answer.edits), **answer.more}
    if wanted and wanted.schema is not None:
        value = value_for(wanted.schema, value)
    return json.dumps(value, ensure_ascii=False)


def _answered(task: Task | None, asked: Asked) -> Answer:
    if task is None:
        return Answer(
            f"{_INTRODUCTION} No user message shows a file and a task in the form that the sandbox reads.",
            f"(sandbox) {_abilities()} It cannot answer this request.",
        )
    if rename_across.is_wanted(task, asked):
        return _renamed(task, asked)
    calls, found = look_up(_names(task), asked, task)
    if calls:
        return _calling(task, calls, found)
    if task.kind == "commitMessage":
        return Answer(
            _thoughts(task, found, "It counts what the diff shows."), tell_commit.tell(task.document)
        )
    if task.form == "text" or (task.form == "edits or text" and _QUESTION.match(task.instruction)):
        text = explain_code.explain(task.document, task.selection)
        text += "".join(f"\n- {one}" for one in found)
        told = _thoughts(task, found, "It describes what the syntax tree shows.")
        if task.form == "text":
            return Answer(told, text)
        return Answer(told, "(sandbox) It describes what the syntax tree shows.", (), more={"text": text})
    if task.kind == "review":
        return _reviewed(task, found)
    outcome = _outcome(task, found)
    changes, left_out = combined(outcome.changes)
    said = outcome.said
    if changes and task.document.tree is not None and parse(applied(task.document, changes)) is None:
        changes, said = [], f"{_abilities()} It cannot do this here: the result would not parse."
    if changes and left_out:
        said += " Changes to the same lines were left out."
    said += "".join(f" {one}." for one in found)
    written = tuple(edits(task.document, changes)) if changes else _no_edits(task, asked)
    end = f"It found {len(written or ())} edits."
    return Answer(_thoughts(task, found, end), f"(sandbox) {said}", written, more=outcome.more)


def _reviewed(task: Task, found: Sequence[Found]) -> Answer:
    suggestions = look_over.look_over(task.document, task.selection, task.changed)
    said = f"Found {len(suggestions)}." if suggestions else "Found nothing."
    text = f"(sandbox) {said} It looks for nothing but {look_over.SUBJECT}."
    return Answer(
        _thoughts(task, found, f"It found {len(suggestions)} places."),
        text,
        (),
        more={"suggestions": suggestions},
    )


def _calling(task: Task, calls: Sequence[Wanted], found: Sequence[Found]) -> Answer:
    asking = ", ".join(f"{name} {json.dumps(arguments)}" for name, arguments in calls)
    return Answer(_thoughts(task, found, f"It asks for {asking}."), "", None, tuple(calls))


def _renamed(task: Task, asked: Asked) -> Answer:
    """Rename a name in all files that the tools show."""
    calls, others = rename_across.look(task, asked)
    if calls:
        return _calling(task, calls, ())
    outcome = rename_across.rename(task, others)
    told = _thoughts(task, (), f"It was shown {len(others)} files besides.")
    return Answer(told, f"(sandbox) {outcome.said}", _no_edits(task, asked), more=outcome.more)


def _no_edits(task: Task | None, asked: Asked) -> tuple[Edit, ...] | None:
    """Return an empty list where edits were asked for, else None."""
    is_free = task is None or task.form == "text" or (not task.form and asked.format is None)
    return None if is_free else ()


def _names(task: Task) -> list[str]:
    """Return the names to look up."""
    match task.kind:
        case "explain" | "ask":
            return foreign_names(task.document, task.selection)
        case "fix" | "fixAll":
            return import_name.homeless(task.document, task.problems)
        case "refactor" | "doComment":
            return named_names(task.document, task.instruction)
        case _:
            return []


def _outcome(task: Task, found: Sequence[Found]) -> Outcome:
    if task.kind == "implement":
        return implement(task.document, task.selection, task.instruction, task.media)
    if task.kind == "document":
        skill = add_docstring.document if task.document.language == "python" else comment_above.document
        return skill(task.document, task.selection)
    if task.kind == "writeTests" and task.tests is not None:
        return draft_tests.draft(task.document, task.selection, task.tests)
    if task.document.language != "python":
        return Outcome(f"{_abilities()} It cannot change {task.document.language or 'unknown'} text.")
    if task.kind in ("fix", "fixAll"):
        return _fix(task, found)
    if task.kind == "renameBetter":
        return better_names.rename(task.document, task.selection, task.instruction)
    if task.kind == "doComment":
        return _do_comment(task)
    if task.kind in ("refactor", "ask", "action"):
        return _refactor(task)
    return Outcome(f"{_abilities()} It cannot do a task of the kind {task.kind!r}.")


def _fix(task: Task, found: Sequence[Found]) -> Outcome:
    if not task.problems:
        return Outcome(f"{_abilities()} It cannot find a problem by itself, and none was named.")
    left = list(task.problems)
    changes: list[LineChange] = []
    said: list[str] = []
    for skill in _REPAIRS:
        mine = [problem for problem in left if skill.concerns(problem)]
        if mine:
            left = [problem for problem in left if problem not in mine]
            outcome = skill.repair(task.document, mine)
            if skill is import_name:
                homes = {one.name: one.module for one in found if one.module}
                outcome = import_name.repair(task.document, mine, homes)
            changes += outcome.changes
            said.append(outcome.said)
    if not changes:
        reasons = " ".join(said) or _unknown(left)
        return Outcome(f"{_abilities()} It cannot fix this: {reasons}")
    if left:
        said.append(f"It cannot fix the rest: {_unknown(left)}")
    return Outcome(" ".join(said), tuple(changes))


def _do_comment(task: Task) -> Outcome:
    """Do the refactoring that the comments ask for, and take them out."""
    outcome = _refactor(task)
    low, high = task.selection or (1, task.document.first + len(task.document.lines))
    rows = [
        row
        for row, line in enumerate(task.document.lines)
        if low <= row + task.document.first <= high and _ASKS.match(line)
    ]
    if not outcome.changes or not rows:
        return outcome
    gone = tuple(LineChange(row, row + 1, ()) for row in rows)
    return replace(outcome, changes=(*gone, *outcome.changes), said=f"{outcome.said} Took the comment out.")


def _refactor(task: Task) -> Outcome:
    skill = next((skill for skill in _REWORKS if skill.WORDS.search(task.instruction)), None)
    if skill is not None:
        outcome = skill.rework(task.document, task.selection, task.instruction)
        return (
            outcome if outcome.changes else Outcome(f"{_abilities()} It cannot do this here: {outcome.said}")
        )
    wish = task.instruction.lower()
    if not wish or any(word in wish for word in _GENERAL if word):
        for general in _BY_CODE:
            outcome = general.rework(task.document, task.selection, task.instruction)
            if outcome.changes:
                return outcome
    return Outcome(f"{_abilities()} It cannot do what the instruction asks for here.")


def _unknown(problems: Sequence[Problem]) -> str:
    return "; ".join(str(problem) for problem in problems) + "."


def _abilities() -> str:
    repairs = ", ".join(skill.SUBJECT for skill in _REPAIRS)
    reworks = ", ".join(skill.SUBJECT for skill in _REWORKS)
    return f"The sandbox knows only a few things of Python: to fix {repairs}; to refactor {reworks}; to describe code."


def _thoughts(task: Task, found: Sequence[Found], end: str) -> str:
    document = task.document
    lines = [
        f"{_INTRODUCTION} It follows fixed rules over the text and its syntax tree, and nothing is guessed.",
        f"The file is {document.path}, {len(document.lines)} lines of {document.language or 'unknown text'}.",
        f"The task is to {task.kind}.",
    ]
    if task.refused:
        lines.append("An earlier answer was sent back, so it reads the file once more.")
    if task.selection:
        lines.append(f"Lines {task.selection[0]} to {task.selection[1]} are selected.")
    lines += [f"A checker says: {problem}." for problem in task.problems]
    if task.instruction:
        lines.append(f"The instruction is: {task.instruction}")
    if document.language == "python":
        lines.append("The text parses." if document.tree else "The text does not parse as it stands.")
    lines += [f"{one}." for one in found]
    lines += [f"It is shown {one}." for one in task.media]
    return " ".join([*lines, end])
