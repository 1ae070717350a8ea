r"""What models put around the lines that they copy, though it is no part of them, taken off again.

Line numbers, a code fence, HTML entities, JSON escapes made twice, the marks of a diff, the file's name. A reading without them is
only a suggestion: it counts where its search then stands in the document byte for byte, and search and replacement
are always read in the same way. What only some of the lines have is not taken off.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kimi_lsp.edits.folded import lines_of
from kimi_lsp.edits.match import Match, Wanted

_NUMBER = re.compile(r" *(\d+)(?:(?= ?[:|\t→])|(?P<bare>$))")
_SIGNS = (" | ", "| ", " |", "|", ": ", ":", "\t", "→ ", "→")
_FENCE = re.compile(r"\s*(```+|~~~+)\w*\s*")
_NAME = re.compile(r"(?:#|//|--|/\*|<!--) *(?:[Ff]ile: *)?(?=[^ ]*[./])[\w./\\@-]+ *(?:\*/|-->)?:?")
_PROSE = (".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt", ".qmd", ".rmd")
_ESCAPE = re.compile(r"\\[nrt\"\\/]")


def readings(wanted: Wanted) -> Iterator[Wanted]:
    """Yield the edit as it would be without what may have been put around its lines."""
    yield from _unnumbered(wanted)
    if _fence_of(wanted.search) and (not wanted.replace or _fence_of(wanted.replace)):
        yield replace(wanted, search=wanted.search[1:-1], replace=wanted.replace[1:-1])
    yield from _unescaped(wanted)
    yield from _read_once_more(wanted)
    if (
        wanted.search[:1] == wanted.replace[:1]
        and len(wanted.search) > 1
        and _NAME.fullmatch(wanted.search[0])
    ):
        hint = None if wanted.hint is None else wanted.hint + 1
        yield replace(wanted, search=wanted.search[1:], replace=wanted.replace[1:], hint=hint)
    old, new = ({line[:1] or " " for line in side} for side in (wanted.search, wanted.replace))
    if old <= {" ", "-"} and new <= {" ", "+"} and {"-", "+"} & (old | new):
        search, made = (tuple(line[1:] for line in side) for side in (wanted.search, wanted.replace))
        yield replace(wanted, search=search, replace=made)


def stray(wanted: Wanted, matches: Sequence[Match], body: str) -> str | None:
    """Return the first line of a replacement that alone is fenced, or numbered as its place is; None if it is not.

    `body` is the document's: one that has fences, or is prose by its name, may get another.
    """
    new = wanted.replace
    fence = _fence_of(new)
    prose = wanted.file.lower().endswith(_PROSE)
    if fence and fence not in body and not prose and not _fence_of(wanted.search):
        return new[0]
    row = matches[0].rows[0] if matches else None
    if row is not None and _numbers(new)[:1] == [row + 1] and not _numbers(wanted.search):
        return new[0]
    return None


def _unnumbered(wanted: Wanted) -> Iterator[Wanted]:
    numbers = _numbers(wanted.search)
    for sign in _SIGNS if numbers else ():
        search, new = _after_numbers(wanted.search, sign), _after_numbers(wanted.replace, sign)
        if search is not None and new is not None:
            hint = numbers[0] - 1 if wanted.hint is None else wanted.hint
            yield replace(wanted, search=search, replace=new, hint=hint)


def _numbers(lines: Sequence[str]) -> list[int]:
    """Return the numbers that all lines begin with, where each is one more than the last; else nothing."""
    found = [match for line in lines if (match := _NUMBER.match(line))]
    numbers = [int(match[1]) for match in found]
    if len(found) < len(lines) or all(match["bare"] is not None for match in found):
        return []
    return numbers if numbers == list(range(numbers[0], numbers[0] + len(numbers))) else []


def _after_numbers(lines: Sequence[str], sign: str) -> tuple[str, ...] | None:
    bare = []
    for line in lines:
        number = _NUMBER.match(line)
        rest = line[number.end() :] if number else ""
        if not number or not (rest.startswith(sign) or rest == sign.rstrip()):
            return None
        bare.append(rest[len(sign) :])
    return tuple(bare)


def _fence_of(lines: Sequence[str]) -> str:
    """Return the fence that lines begin and end with, or nothing."""
    fence = _FENCE.fullmatch(lines[0]) if len(lines) > 2 else None
    return fence[1] if fence and lines[-1].strip() == fence[1] else ""


def _unescaped(wanted: Wanted) -> Iterator[Wanted]:
    search, new = (
        tuple(line.replace("&#39;", "&#x27;") for line in side) for side in (wanted.search, wanted.replace)
    )
    plain_search, plain_new = (tuple(map(html.unescape, side)) for side in (search, new))
    if plain_search == search:
        return
    # Every line must be what escaping makes of all its signs, or the entities may be meant.
    for quote in (True, False):
        escaped = [html.escape(line, quote=quote) for line in (*plain_search, *plain_new)]
        if escaped == [*search, *new]:
            yield replace(wanted, search=plain_search, replace=plain_new)
            return


def _read_once_more(wanted: Wanted) -> Iterator[Wanted]:
    """Search and replacement may be JSON strings still."""
    if len(wanted.search) != 1 or len(wanted.replace) > 1 or not _ESCAPE.search(wanted.search[0]):
        return
    try:
        search, new = (json.loads(f'"{"".join(side)}"') for side in (wanted.search, wanted.replace))
    except ValueError:
        return
    yield replace(wanted, search=tuple(lines_of(search)), replace=tuple(lines_of(new)))
