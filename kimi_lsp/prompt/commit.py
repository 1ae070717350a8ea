"""The request for a commit's message: the staged diff, cut where it does not fit, and how the project writes its own."""

import re
from collections.abc import Sequence

from kimi_lsp.conversation import Message, Request
from kimi_lsp.prompt import instructions
from kimi_lsp.prompt.budget import estimate
from kimi_lsp.prompt.build import Prompt
from kimi_lsp.prompt.context import Shown, TooLarge
from kimi_lsp.prompt.media import Section
from kimi_lsp.prompt.redact import redact

_FILE = re.compile(r"(?m)^diff --git ")
_TAGS = 60
"""Tokens that tags may come to."""
_LEAST = 40
"""Tokens of a file's diff that still say something."""
_REASONS = {
    "diff": "what is staged, without files that may not be sent",
    "task": "what kind of answer you asked for",
    "history": "how the latest commits are called",
    "instruction": "your own words",
}


def commit_message(
    diff: str,
    subjects: Sequence[str],
    instruction: str,
    *,
    budget: int,
    max_tokens: int,
    web_search: bool = False,
) -> Prompt:
    """Ask for the message of a commit; budget and answer in tokens. Raises TooLarge where not even the rest fits."""
    redaction = redact(diff, "\n".join(subjects), instruction.strip())
    history, wish = redaction.more
    task = instructions.TASKS["commitMessage"]
    said: list[Section] = [("task", (("kind", "commitMessage"), ("answer", task.form)), task.words)]
    said += [("history", (), history)] if history else []
    said += [("instruction", (), wish)] if wish else []
    system = instructions.system()
    rest = estimate(system) + estimate(instructions.sections(said)) + _TAGS
    if rest + _LEAST > budget:
        raise TooLarge(rest + _LEAST, budget)
    parts: list[Section] = [("diff", (), fitted(redaction.text, budget - rest)), *said]
    user = instructions.sections(parts)
    request = Request(
        (Message.of("system", system), Message.of("user", user)),
        max_tokens=max_tokens,
        web_search=web_search,
        kind="commitMessage",
        language="diff",
    )
    shown = tuple(Shown(name, _REASONS[name], estimate(text)) for name, _, text in parts)
    return Prompt(request, shown, redaction, estimate(system) + estimate(user))


def fitted(diff: str, room: int) -> str:
    """Return a diff within so many tokens: each file has a fair share, and where lines are left out it is said."""
    starts = [match.start() for match in _FILE.finditer(diff)] or [0]
    files = [diff[start:end] for start, end in zip(starts, [*starts[1:], len(diff)], strict=True)]
    order = sorted(range(len(files)), key=lambda at: estimate(files[at]))
    kept = dict[int, str]()
    for done, at in enumerate(order):
        share = max(0, room) // (len(order) - done)
        kept[at] = _cut(files[at], share)
        room -= estimate(kept[at])
    return "".join(kept[at] for at in range(len(files)))


def _cut(text: str, room: int) -> str:
    if estimate(text) <= room:
        return text
    lines, kept = text.split("\n"), list[str]()
    note = f"({len(lines):,} more lines are not shown)"
    left = room - estimate(note) - 1
    for line in lines:
        left -= estimate(line + "\n")
        if left < 0:
            break
        kept.append(line)
    if not kept:
        return ""
    return "\n".join([*kept, f"({len(lines) - len(kept):,} more lines are not shown)", ""])
