"""What the user wants of the model, as one value: the request that it becomes, and what comes of asking."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from kimi_lsp import prompt
from kimi_lsp.conversation import Model
from kimi_lsp.features.asking import Wish
from kimi_lsp.features.attach import telling
from kimi_lsp.features.outcome import Edited, Explained, NothingProposed, Report
from kimi_lsp.features.reading import offered, read_with_tools
from kimi_lsp.features.tools import Toolbox
from kimi_lsp.features.turn import answered
from kimi_lsp.prompt import Kind, Prompt, Target
from kimi_lsp.text.harmless import markdown


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a request is made of."""

    kind: Kind
    wish: Wish
    tools: Toolbox | None = None

    @property
    def target(self) -> Target:
        """What it is about."""
        return self.wish.target

    def counted(self, ratio: float) -> "Wanted":
        """Return the same with the learned ratio of counted to estimated tokens."""
        return replace(self, wish=replace(self.wish, target=replace(self.target, ratio=ratio)))


def request(wanted: Wanted) -> Prompt:
    """Return what would be sent first, tools included. Raises prompt.PromptError."""
    return offered(plain(wanted), wanted.tools, wanted.target.budget)[0]


Listen = Callable[[Callable[[], str]], object]
"""Told at each piece of a text, with what gives all of it so far as harmless Markdown, at the cost of its length."""


async def perform(
    model: Model, wanted: Wanted, report: Report, listen: Listen | None = None
) -> Edited | Explained:
    """Ask, and return edits that fit or the text that was asked for; with tools the model may look into the project first.

    Where a text is asked for, `listen` is told of it as it grows.
    Raises NothingProposed, Refused, NotUnderstood, EndlessReading, conversation.ModelError and prompt.PromptError.
    """
    # Put together beside the loop: a long document takes longer than a menu may wait.
    wish, asked = wanted.wish, await asyncio.to_thread(plain, wanted)
    report = telling(report, wish.media)
    if asked.request.answer is not None:
        return await answered(
            model, asked, wish.target, wish.label, report, wish.scope, wanted.tools, wish.judge
        )
    asked, toolbox = offered(asked, wanted.tools, wanted.target.budget)
    hide = asked.redaction

    def heard(text: Callable[[], str]) -> None:
        if listen is not None:
            # Secrets that tools bring in come back with the whole of it.
            listen(lambda: markdown(hide.restore(text()).strip()))

    told = await read_with_tools(model, asked, report, toolbox, heard=heard)
    text = told.prompt.redaction.restore(told.reply.message.text)
    return Explained(markdown(text.strip()), told.readings.usage)


async def edit(model: Model, wanted: Wanted, report: Report) -> Edited:
    """Do the same where nothing but edits is wanted."""
    found = await perform(model, wanted, report)
    if isinstance(found, Explained):
        raise NothingProposed(found.markdown, found.usage)
    return found


def plain(wanted: Wanted) -> Prompt:
    """Return the request without tools. Raises prompt.PromptError."""
    wish = wanted.wish
    return prompt.task(
        wanted.kind,
        wish.target,
        wish.instruction,
        problems=wish.problems,
        more=wish.more,
        form=wish.form,
        media=wish.media,
        way=wish.way,
        around=wish.around,
    )
