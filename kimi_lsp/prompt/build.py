"""Puts a request together: what is shown, the task, and how the answer must look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kimi_lsp.conversation import Media, Message, Request, Schema, Text
from kimi_lsp.edits import EditAnswer, EitherAnswer, FilesAnswer, NamesAnswer, ReviewAnswer
from kimi_lsp.prompt import instructions
from kimi_lsp.prompt.around import laid_out
from kimi_lsp.prompt.budget import estimate
from kimi_lsp.prompt.context import Shown, Target
from kimi_lsp.prompt.instructions import Form, Kind
from kimi_lsp.prompt.media import Section, media_sections, media_tokens
from kimi_lsp.prompt.parts import shown_parts
from kimi_lsp.prompt.redact import Redaction, redact
from kimi_lsp.prompt.schema import strict_schema
from kimi_lsp.text import Diagnostic
from kimi_lsp.text.excerpt import NOTHING, Surroundings


@dataclass(frozen=True)
class Prompt:
    """A request that is ready to be sent, and what a person may want to know of it."""

    request: Request
    shown: tuple[Shown, ...]
    redaction: Redaction
    estimate: int
    """Tokens of the whole request, estimated."""
    part: str = ""
    """Which lines of the document are shown, for example `lines 1-900`; empty where all of them are."""


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
    around: Surroundings = NOTHING,
) -> Prompt:
    """Ask for one kind of task. Raises TooLarge.

    `more` are sections of its own; without a form the answer has the task's; a `way` is added to the instruction;
    of what lies `around` the document that is shown which fits.
    """
    about = instructions.TASKS[kind]
    told = list(more)
    if problems or kind == "fix":
        told.append(("problems", (), "\n".join(_problem(target, one) for one in problems)))
    wish = "\n\n".join(filter(None, (instruction.strip() or about.unless, way)))
    if wish:
        told.append(("instruction", (), wish))
    return _prompt(kind, target, told, form or about.form, media, around)


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
    media: Sequence[Media],
    around: Surroundings,
) -> Prompt:
    system, seen = instructions.system(), media_tokens(media)
    task = ("task", (("kind", kind), ("answer", form)), instructions.TASKS[kind].words)
    told: list[Section] = [task, *more, *media_sections(media)]
    used = _TAGS + estimate(system) + seen
    layout = laid_out(target, around, target.room - used - estimate(instructions.sections(told)))
    pieces = (*layout.before, *layout.after)
    # The document first, so that its placeholders have the same numbers whatever is asked about it.
    redaction = redact(
        target.snapshot.text, *(one.sendable for one in pieces), *(text for _, _, text in more)
    )
    clean = redaction.more[len(pieces) :]
    told[1 : len(more) + 1] = [
        (name, pairs, text) for (name, pairs, _), text in zip(more, clean, strict=True)
    ]
    parts = shown_parts(target, redaction, told, used, layout, around.scopes)
    user = instructions.sections([one.section for one in parts])
    texts = parts[: len(parts) - len(media)]
    shown = [Shown(one.section[0], one.reason, target.counted(estimate(one.section[2]))) for one in texts]
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
    part = next((dict(one.section[1]).get("part", "") for one in parts if one.section[0] == "file"), "")
    return Prompt(request, tuple(shown), redaction, tokens, part)


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


def _problem(target: Target, problem: Diagnostic) -> str:
    line, column = target.snapshot.lines.position(problem.span.start, "utf-32")
    words = (problem.code, problem.source, problem.severity.name.lower())
    named = [" ".join(word.split()) for word in words if word.strip()]
    # Where it stands is seen by the section that shows it, if it may be shown at all.
    beside = "".join(f" (beside: {' '.join(one.message.split())})" for one in problem.related if one.message)
    message = " ".join(problem.message.split())
    return f"line {line + 1}, column {column + 1}: {message}{beside} [{', '.join(named)}]"
