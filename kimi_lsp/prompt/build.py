"""Puts a request together: what is shown, the task, and how the answer must look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kimi_lsp.conversation import Media, Message, Request, Schema, Text
from kimi_lsp.edits import EditAnswer, EitherAnswer, FilesAnswer, NamesAnswer, ReviewAnswer
from kimi_lsp.prompt import instructions
from kimi_lsp.prompt.budget import estimate
from kimi_lsp.prompt.context import Shown, Target, TooLarge, lines_of, text_of, window
from kimi_lsp.prompt.instructions import Form, Kind
from kimi_lsp.prompt.media import Section, media_sections, media_tokens
from kimi_lsp.prompt.redact import Redaction, redact
from kimi_lsp.prompt.schema import strict_schema
from kimi_lsp.text import Diagnostic, Lines


@dataclass(frozen=True)
class Prompt:
    """A request that is ready to be sent, and what a person may want to know of it."""

    request: Request
    shown: tuple[Shown, ...]
    redaction: Redaction
    estimate: int
    """Tokens of the whole request, estimated."""


def explain(target: Target, media: Sequence[Media] = ()) -> Prompt:
    """Ask what the target does. Raises TooLarge."""
    return task("explain", target, media=media)


def refactor(target: Target, instruction: str, *, files: bool = False, media: Sequence[Media] = ()) -> Prompt:
    """Ask for the target to be changed, and with `files` for files to come, move and go. Raises TooLarge."""
    return task("refactor", target, instruction, form="edits and files" if files else None, media=media)


def implement(target: Target, instruction: str, media: Sequence[Media] = ()) -> Prompt:
    """Ask for code that is missing at the target. Raises TooLarge."""
    return task("implement", target, instruction, media=media)


def fix(target: Target, problems: Sequence[Diagnostic]) -> Prompt:
    """Ask for problems to be fixed. Raises TooLarge."""
    return task("fix", target, problems=problems)


def task(
    kind: Kind,
    target: Target,
    instruction: str = "",
    *,
    problems: Sequence[Diagnostic] = (),
    more: Sequence[Section] = (),
    form: Form | None = None,
    media: Sequence[Media] = (),
    way: str = "",
) -> Prompt:
    """Ask for one kind of task. Raises TooLarge.

    `more` are sections of its own; without a form the answer has the task's; a `way` is added to the instruction.
    """
    about = instructions.TASKS[kind]
    told = list(more)
    if problems or kind == "fix":
        told.append(("problems", (), "\n".join(_problem(target, one) for one in problems)))
    wish = "\n\n".join(filter(None, (instruction.strip() or about.unless, way)))
    if wish:
        told.append(("instruction", (), wish))
    return _prompt(kind, target, told, form or about.form, media)


def repair(prompt: Prompt, reply: Message, reason: str) -> Prompt:
    """Ask once more: the model's own turn, unchanged, and why its edits do not fit."""
    # The reason quotes the document's real lines, so what was hidden from the model stays hidden in it.
    return _continued(prompt, reply, instructions.refused(prompt.redaction.hide(reason)))


def remarked(prompt: Prompt, reply: Message, remark: str) -> Prompt:
    """Ask for another answer: the model's own turn, unchanged, and what the user says of it, or nothing."""
    return _continued(prompt, reply, instructions.again(prompt.redaction.hide(remark)))


def _continued(prompt: Prompt, reply: Message, told: str) -> Prompt:
    messages = (*prompt.request.messages, reply, Message.of("user", told))
    thought = reply.reasoning.text if reply.reasoning else ""
    more = estimate(thought) + estimate(reply.text) + estimate(told)
    return replace(
        prompt, request=replace(prompt.request, messages=messages), estimate=prompt.estimate + more
    )


def _prompt(
    kind: Kind,
    target: Target,
    more: Sequence[Section],
    form: Form,
    media: Sequence[Media] = (),
) -> Prompt:
    # The document first, so that its placeholders have the same numbers whatever is asked about it.
    redaction = redact(target.snapshot.text, *(text for _, _, text in more))
    told = [
        ("task", (("kind", kind), ("answer", form)), instructions.TASKS[kind].words),
        *((name, pairs, text) for (name, pairs, _), text in zip(more, redaction.more, strict=True)),
        *media_sections(media),
    ]
    system = instructions.system()
    seen = media_tokens(media)
    parts = _chosen(target, Lines.of(redaction.text), told, _TAGS + estimate(system) + seen)
    user = instructions.sections(parts)
    texts = parts[: len(parts) - len(media)]
    shown = [Shown(name, _REASONS[name], target.counted(estimate(text))) for name, _, text in texts]
    shown += [Shown(one.kind, f"{one.sentence()}, which you named", media_tokens([one])) for one in media]
    said = Message("user", (Text(user), *(one.part for one in media)))
    answer = None if form == "text" else Schema("edits", strict_schema(_FORMS[form]))
    request = Request(
        (Message.of("system", system), said),
        answer,
        max_tokens=target.max_tokens,
        web_search=target.web_search,
        kind=kind,
        language=target.snapshot.language,
    )
    tokens = target.counted(estimate(system) + estimate(user)) + seen
    return Prompt(request, tuple(shown), redaction, tokens)


_FORMS: Mapping[Form, type[EditAnswer | ReviewAnswer]] = {
    "edits": EditAnswer,
    "edits of files": EditAnswer,
    "edits and files": FilesAnswer,
    "edits or text": EitherAnswer,
    "edits and names": NamesAnswer,
    "suggestions": ReviewAnswer,
}
_TAGS = 40
"""Tokens that the numbers in tags and the file's part may come to."""
_REPEATED = 2_000
"""Tokens of a selection that is worth repeating after the file, so that the model sees at once what is meant."""
_NOT_REPEATED = "These lines of the file above; they are not repeated here."


def _chosen(target: Target, lines: Lines, told: Sequence[Section], used: int) -> list[Section]:
    """Choose what is shown within the target's budget. Raises TooLarge."""
    first, last = lines_of(target)
    repeated = text_of(lines, first, last)
    pairs: tuple[tuple[str, str], ...] = (("path", target.path), ("language", target.snapshot.language))
    task, *rest = told

    def around(selection: str) -> list[Section]:
        said = ("selection", (("first-line", str(first + 1)), ("last-line", str(last))), selection)
        return [task, *([said] if len(target.span) else []), *rest]

    def room(selection: str) -> int:
        return target.room - used - estimate(instructions.sections([("file", pairs, ""), *around(selection)]))

    selection = _NOT_REPEATED
    if estimate(repeated) <= _REPEATED:
        least = lines.text if estimate(lines.text) <= room(_NOT_REPEATED) else repeated
        selection = repeated if estimate(least) <= room(repeated) else _NOT_REPEATED
    part = window(lines, first, last, room(selection))
    if part is None:
        needed = target.room - room(selection) + estimate(repeated)
        raise TooLarge(target.counted(needed), target.budget)
    if not part.whole:
        pairs = (*pairs, ("part", f"lines {part.first + 1}-{part.last}"))
    return [("file", pairs, text_of(lines, part.first, part.last)), *around(selection)]


_REASONS = {
    "file": "the document that you asked about",
    "task": "what kind of answer you asked for",
    "selection": "the part that you selected, or the function around the cursor",
    "problems": "the diagnostics that you asked to fix",
    "instruction": "your own words, or what is usual where you gave none",
    "cell": "another cell of the notebook",
    "tests": "where the tests go, and what stands there already",
    "diff": "what is not committed yet",
    "example": "another file of tests, which shows the project's way",
}


def _problem(target: Target, problem: Diagnostic) -> str:
    line, column = target.snapshot.lines.position(problem.span.start, "utf-32")
    words = (problem.code, problem.source, problem.severity.name.lower())
    named = [" ".join(word.split()) for word in words if word.strip()]
    return f"line {line + 1}, column {column + 1}: {' '.join(problem.message.split())} [{', '.join(named)}]"
