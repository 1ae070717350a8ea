"""One tool looking at a text before and after a change, the same way both times, so that its own notion decides."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kimi_lsp.project.checkers.failure import Complained, NotLaid, NotUnderstood
from kimi_lsp.project.checkers.found import Found
from kimi_lsp.project.checkers.process import Printed, run
from kimi_lsp.project.checkers.program import child_environ, find_program
from kimi_lsp.project.checkers.stand_in import Laid, base_of, keep_cache, laid, project_of
from kimi_lsp.project.checkers.tools import Tool
from kimi_lsp.text import Lines, Position

_MOST_BYTES = 8 * 1024 * 1024
"""Of either output of a tool."""
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Document:
    """A file, and its text before and after a change; neither needs to be saved."""

    path: Path
    roots: tuple[Path, ...]
    """The workspace's folders."""
    before: str
    after: str


async def look(tool: Tool, checker: str, document: Document) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """Return what a tool finds before and after the change, one look after the other.

    `checker` is the word of the user's setting that named the tool. Raises CheckFailed; cancelling ends the tool.
    """
    before, after = await _looks(tool, checker, document, (document.before, document.after))
    return before, after


async def look_once(tool: Tool, checker: str, document: Document) -> tuple[Found, ...]:
    """Return what a tool finds before the change alone. Raises CheckFailed; cancelling ends the tool."""
    (found,) = await _looks(tool, checker, document, (document.before,))
    return found


async def _looks(
    tool: Tool, checker: str, document: Document, texts: Sequence[str]
) -> list[tuple[Found, ...]]:
    roots = (*document.roots, base_of(document.path, document.roots))
    base = roots[-1]
    program = find_program(checker, os.environ, roots)
    folder = project_of(document.path, base, tool.marks, tool.needs_project)
    environ = {**child_environ(os.environ, roots), **tool.environ}
    with laid(tool.way, document.path, folder, base) as at:
        if tool.needs_cache:
            keep_cache(at.cache)
        command = [str(program), *tool.arguments(at)]
        return [await _once(tool, command, environ, at, text) for text in texts]


async def _once(
    tool: Tool, command: Sequence[str], environ: dict[str, str], at: Laid, text: str
) -> tuple[Found, ...]:
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotLaid("the text holds half of a surrogate pair") from error
    at.write(data)
    tool.prepare(at)
    printed = await run(
        command,
        cwd=at.folder,
        environ=environ,
        text=data if at.written is None else None,
        seconds=tool.seconds,
        most_bytes=_MOST_BYTES,
    )
    return tuple(dict.fromkeys(_placed(_read(tool, printed), tool, at, text)))


def _read(tool: Tool, printed: Printed) -> list[Found]:
    found = None
    if printed.exit_code in tool.exit_codes:
        try:
            found = tool.read(printed)
        except (ValueError, RecursionError) as error:
            raise NotUnderstood from error
    if not found and (found is None or printed.exit_code):
        raise Complained(printed.exit_code, _complaint(printed))
    return found


def _complaint(printed: Printed) -> str:
    said = [line.strip() for line in f"{printed.err}\n{printed.out}".split("\n") if line.strip()]
    return next((line for line in said if "error" in line.lower()), said[0] if said else "")


def _placed(found: Iterable[Found], tool: Tool, at: Laid, text: str) -> Iterator[Found]:
    """Yield findings with their files named from the workspace, and the document's own with columns in code points."""
    lines = Lines.of(text.removeprefix(_BOM))
    own = os.path.realpath(at.document)
    for one in found:
        file = at.named(one.file)
        if os.path.realpath(file) != own:
            yield replace(one, file=_shown(file, at.base))
            continue
        place = Position(one.line - 1, max(0, one.column - 1))
        column = lines.offset(place, tool.columns) - lines.start(place.line) if one.line > 0 else 0
        yield replace(one, file="", column=column + 1)


def _shown(file: str, base: Path) -> str:
    path = Path(file)
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()
