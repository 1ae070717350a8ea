"""The tools that reported problems look at the text that a fix would make of it. Nothing is asked of the model."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from kimi_lsp.features.target import Source
from kimi_lsp.project import languages
from kimi_lsp.project.checkers import (
    Checked,
    CheckFailed,
    Document,
    InsideWorkspace,
    NotOnPath,
    Tool,
    compare,
    look,
    tool_of,
)
from kimi_lsp.prompt import Target
from kimi_lsp.text import Diagnostic

_AT_ONCE = 2
"""Tools that run at the same time."""


async def check(
    target: Target, source: Source, problems: Sequence[Diagnostic], after: str, checkers: Sequence[str]
) -> tuple[Checked, ...]:
    """Return what the tools that the problems came from say of the text after the fix, in the setting's order.

    A problem without a source counts for every tool of the language. Empty where no tool of the setting is concerned,
    where nothing changed, and for a document that is no file. A tool that could not tell says why. Cancelling ends all
    tools. `checkers` is the user's own setting: names, or absolute paths.
    """
    before, path = target.snapshot.text, source.path
    if path is None or before == after:
        return ()
    document = Document(path, source.roots, before, after)
    chosen = _choose(problems, target.snapshot.language or languages.of(path), checkers)
    room = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_check(one, document, room)) for one in chosen]
    return tuple(checked for task in tasks if (checked := task.result()) is not None)


@dataclass(frozen=True, slots=True)
class _Chosen:
    tool: Tool
    checker: str
    problems: tuple[Diagnostic, ...]

    @property
    def is_missed(self) -> bool:
        """Whether a problem names the tool itself, so that the user expects to hear of it."""
        return any(problem.source.casefold() in self.tool.sources for problem in self.problems)


def _choose(problems: Sequence[Diagnostic], language: str, checkers: Sequence[str]) -> list[_Chosen]:
    chosen: dict[str, _Chosen] = {}
    for checker in checkers:
        tool = tool_of(checker)
        if tool is None or tool.name in chosen:
            continue
        concerned = tuple(problem for problem in problems if tool.knows(problem.source, language))
        if concerned:
            chosen[tool.name] = _Chosen(tool, checker, concerned)
    return list(chosen.values())


async def _check(one: _Chosen, document: Document, room: asyncio.Semaphore) -> Checked | None:
    async with room:
        try:
            found = await look(one.tool, one.checker, document)
        except (NotOnPath, InsideWorkspace) as missing:
            return Checked(one.tool.name, reason=str(missing)) if one.is_missed else None
        except CheckFailed as failure:
            return Checked(one.tool.name, reason=str(failure))
    return compare(one.tool, (document.before, document.after), found, one.problems)
