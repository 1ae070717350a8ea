"""Fix problems that some tool reported, and nothing else: those at a place, or all of a file's in one plan."""

from collections.abc import Sequence
from dataclasses import replace

from kimi_lsp.conversation import Model
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.outcome import Edited, NothingProposed, Report
from kimi_lsp.features.target import target
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.features.wanted import Wanted, edit
from kimi_lsp.prompt import Target
from kimi_lsp.text import Diagnostic, Span
from kimi_lsp.text.diagnostic import short


def fixing(asking: Asking) -> Wish:
    """Return what is to be fixed. Raises NotSent, and NothingProposed where there is no problem."""
    return _wish(target(asking.source, asking.span), asking.problems)


def fixing_all(asking: Asking) -> Wish:
    """Return the same for a whole file: its problems, each once and in order."""
    found = sorted(dict.fromkeys(asking.problems), key=lambda one: (one.span.start, one.span.end))
    reach = [place for one in found for place in (one.span.start, one.span.end)]
    wish = _wish(target(asking.source, Span(min(reach, default=0), max(reach, default=0))), found)
    return wish if len(found) == 1 else replace(wish, label=f"Kimi: Fix {len(found)} problems")


async def fix(
    model: Model,
    target: Target,
    problems: Sequence[Diagnostic],
    report: Report,
    tools: Toolbox | None = None,
) -> Edited:
    """Return edits that fix the problems; with tools the model may look into the project first.

    Raises NothingProposed (also where there is no problem), Refused, NotUnderstood, EndlessReading,
    conversation.ModelError and prompt.PromptError.
    """
    return await edit(model, Wanted("fix", _wish(target, problems), tools), report)


def _wish(target: Target, problems: Sequence[Diagnostic]) -> Wish:
    if not problems:
        raise NothingProposed("There is no problem here to fix: no diagnostic was given.")
    return Wish(target, problems=tuple(problems), label=f"Kimi: Fix “{short(problems[0].message)}”")
