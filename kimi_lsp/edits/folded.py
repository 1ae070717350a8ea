r"""A document as lines, and each line folded for comparing.

Folding forgets what a model gets wrong when it copies: blanks, typographic quotes and dashes, no-break spaces,
invisible characters, and how accents are composed. It never forgets case, letters, or whether there is a blank
at all. A folded line is only ever compared; what is written comes from the document or from the answer.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property, lru_cache
from itertools import accumulate

from kimi_lsp.edits.refusal import Nearest
from kimi_lsp.text import split

TYPOGRAPHY: Mapping[int, str] = str.maketrans(
    {
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u1680\u2007\u202f\u205f\u3000", " "),
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    }
)
"""Typographic characters, by code point, and the plain ones that they are compared as."""

_BOM = "\ufeff"
_SOLID = re.compile(r"\w\w")
# Blanks, but no control characters: a form feed before a line is part of the line.
_INDENT = re.compile(r"[^\S\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]*")


class Document:
    """A text as lines from 0, without a byte order mark. All is worked out at first use and then kept."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lead = len(_BOM) if text.startswith(_BOM) else 0

    @cached_property
    def body(self) -> str:
        r"""The text without its byte order mark, all line ends as `\n`."""
        plain = self.text[self.lead :]
        return plain.replace("\r\n", "\n").replace("\r", "\n") if "\r" in plain else plain

    @cached_property
    def contents(self) -> list[str]:
        """The lines without their ends. The place after a final end is no line."""
        lines = self.body.split("\n")
        if not lines[-1]:
            lines.pop()
        return lines

    @cached_property
    def starts(self) -> list[int]:
        """Offset of each line in the text, and last the text's length."""
        if "\r" in self.text:
            sizes = [len(line) for line in split(self.text[self.lead :])]
        else:
            sizes = [len(line) + 1 for line in self.contents]
            if sizes and not self.text.endswith("\n"):
                sizes[-1] -= 1
        return list(accumulate(sizes, initial=self.lead))

    @cached_property
    def folds(self) -> list[str]:
        """The lines, folded."""
        if self.body.isascii():
            return [" ".join(line.split()) for line in self.contents]
        return [fold(line) for line in self.contents]

    @cached_property
    def index(self) -> dict[str, list[int]]:
        """Where each folded line that is not blank stands, in ascending order."""
        index: dict[str, list[int]] = {}
        for row, line in enumerate(self.folds):
            if line in index:
                index[line].append(row)
            elif line:
                index[line] = [row]
        return index

    @cached_property
    def eol(self) -> str:
        r"""The end that new lines take where no neighbour has one: the text's first, or `\n`."""
        return next((end for row in range(len(self.contents)) if (end := self.end(row))), "\n")

    @cached_property
    def tabs(self) -> bool:
        """Whether some line is indented with a tab."""
        return self.body.startswith("\t") or "\n\t" in self.body

    @cached_property
    def spaces(self) -> bool:
        """Whether some line is indented with at least two spaces."""
        return self.body.startswith("  ") or "\n  " in self.body

    def end(self, row: int) -> str:
        """Return a line's end as it stands in the text; empty for a last line without one."""
        return self.text[self.starts[row] + len(self.contents[row]) : self.starts[row + 1]]

    def row_at(self, offset: int) -> int:
        """Return the line that holds an offset of the body."""
        return self.body.count("\n", 0, offset)

    def nearest(self, row: int, length: int, agree: int, of: int) -> Nearest:
        """Describe a place of some length, with two lines more on either side."""
        first = max(0, row - 2)
        return Nearest(row + 1, agree, of, first + 1, tuple(self.contents[first : row + max(length, 1) + 2]))


@lru_cache(maxsize=4)
def document(text: str) -> Document:
    """Return a text as lines; the last few are kept, for a document is asked about more than once."""
    return Document(text)


def fold(line: str) -> str:
    """Fold one line; also removes its indentation and trailing blanks."""
    if not line.isascii():
        line = unicodedata.normalize("NFC", line).translate(TYPOGRAPHY)
    return " ".join(line.split())


def lines_of(text: str) -> list[str]:
    r"""Return the lines of a search or replace text without ends; one final end is not a line of its own."""
    return [line.rstrip("\r\n") for line in split(text.removeprefix(_BOM))]


def indent_of(line: str) -> str:
    """Return the blanks that a line starts with."""
    if line[:1] > " " and line[:1] < "\x7f":
        return ""
    found = _INDENT.match(line)
    return found.group() if found else ""


def body_of(line: str) -> str:
    """Return a line without the blanks that it starts with."""
    return line[len(indent_of(line)) :]


def is_solid(folded: str) -> bool:
    """Tell whether a folded line has a word in it, and so says something about where it stands."""
    return _SOLID.search(folded) is not None
