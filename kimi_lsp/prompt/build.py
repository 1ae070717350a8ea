"""Puts a request together: what is shown, the task, and how the answer must look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kimi_lsp.conversation import Message, Request, Schema
from kimi_lsp.edits import Answer
from kimi_lsp.prompt import instructions
from kimi_lsp.prompt.budget import estimate
from kimi_lsp.prompt.context import Shown, Target, lines_of, window
from kimi_lsp.prompt.instructions import Kind
from kimi_lsp.prompt.redact import Redaction, redact
from kimi_lsp.prompt.schema import strict_schema
from kimi_lsp.text import Diagnostic

Section = tuple[str, Sequence[tuple[str, str]], str]


@dataclass(frozen=True)
class Prompt:
    """A request that is ready to be sent, and what a person may want to know of it."""

    request: Request
    shown: tuple[Shown, ...]
    redaction: Redaction
    estimate: int
    """Tokens of the whole request, estimated."""


def explain(target: Target) -> Prompt:
    """Ask what the target does. Raises TooLarge."""
    return _prompt("explain", target, ())


def refactor(target: Target, instruction: str) -> Prompt:
    """Ask for the target to be changed. Raises TooLarge."""
    return _prompt("refactor", target, [("instruction", (), instruction)])


def fix(target: Target, problems: Sequence[Diagnostic]) -> Prompt:
    """Ask for problems to be fixed. Raises TooLarge."""
    return _prompt("fix", target, [("problems", (), "\n".join(_problem(target, one) for one in problems))])


def repair(prompt: Prompt, reply: Message, reason: str) -> Prompt:
    """Ask once more: the model's own turn, unchanged, and why its edits do not fit."""
    # The reason quotes the document's real lines, so what was hidden from the model stays hidden in it.
    told = instructions.refused(_hidden(reason, prompt.redaction))
    messages = (*prompt.request.messages, reply, Message.of("user", told))
    more = estimate(reply.text) + estimate(told)
    return replace(
        prompt, request=replace(prompt.request, messages=messages), estimate=prompt.estimate + more
    )


def _prompt(kind: Kind, target: Target, more: Sequence[Section]) -> Prompt:
    parts: list[Section] = [
        _file(target),
        ("task", (("kind", kind),), instructions.task(kind)),
        *_selection(target),
        *more,
    ]
    redaction = redact("\n".join(text for _, _, text in parts))
    clean = [(name, pairs, _hidden(text, redaction)) for name, pairs, text in parts]
    system, user = instructions.system(kind), instructions.sections(clean)
    shown = tuple(Shown(name, _REASONS[name], estimate(text)) for name, _, text in clean)
    answer = None if kind == "explain" else Schema("edits", strict_schema(Answer))
    request = Request((Message.of("system", system), Message.of("user", user)), answer)
    return Prompt(request, shown, redaction, estimate(system) + estimate(user))


_REASONS = {
    "file": "the document that you asked about",
    "task": "what kind of answer you asked for",
    "selection": "the part that you selected, or the function around the cursor",
    "problems": "the diagnostics that you asked to fix",
    "instruction": "your own words",
}


def _file(target: Target) -> Section:
    part = window(target)
    lines = target.snapshot.lines
    pairs = [("path", target.path), ("language", target.snapshot.language)]
    if not part.whole:
        pairs.append(("part", f"lines {part.first + 1}-{part.last}"))
    return "file", pairs, target.snapshot.text[lines.start(part.first) : lines.start(part.last)]


def _selection(target: Target) -> list[Section]:
    if not len(target.span):
        return []
    first, last = lines_of(target)
    lines = target.snapshot.lines
    pairs = [("first-line", str(first + 1)), ("last-line", str(last))]
    return [("selection", pairs, target.snapshot.text[lines.start(first) : lines.start(last)])]


def _problem(target: Target, problem: Diagnostic) -> str:
    line, column = target.snapshot.lines.position(problem.span.start, "utf-32")
    named = [part for part in (problem.code, problem.source, problem.severity.name.lower()) if part]
    return f"line {line + 1}, column {column + 1}: {' '.join(problem.message.split())} [{', '.join(named)}]"


def _hidden(text: str, redaction: Redaction) -> str:
    for name, secret in sorted(redaction.secrets.items(), key=lambda pair: -len(pair[1])):
        text = text.replace(secret, name)
    return text
