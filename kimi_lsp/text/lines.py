r"""Lines and positions by LSP's own rules: only `\n`, `\r\n` and `\r` end a line.

`str.splitlines` also breaks at \f, \v, \x1c-\x1e, \x85, U+2028 and U+2029, where no editor has a line,
so it may not be used on a document anywhere in this project.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_EOL = re.compile(r"\r\n|\n|\r")


class Position(NamedTuple):
    """A place in a document as an editor names it: both numbers count from 0."""

    line: int
    character: int
    """Units of the negotiated encoding: bytes, UTF-16 code units or code points."""


def split(text: str) -> list[str]:
    r"""Split into lines that keep their ends; joined again they are the text, byte for byte.

    A final line without an end is an item of its own, an empty one is not: `split("a\n") == ["a\n"]`.
    """
    return _LINE.findall(text)


@dataclass(frozen=True)
class Lines:
    """Where each line of a text starts. An empty text has one line, as has the place after a final end."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Lines":
        """Index a text, in one pass."""
        return cls(text, (0, *(match.end() for match in _EOL.finditer(text))))

    def __len__(self) -> int:
        return len(self.starts)

    def line_at(self, offset: int) -> int:
        """Return the number of the line, from 0, that holds an offset."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def start(self, line: int) -> int:
        """Return the offset of a line's first character; past the last line, the text's length."""
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def stop(self, line: int) -> int:
        """Return the offset just after a line's last character, before its end of line."""
        stop = self.start(line + 1)
        if line + 1 >= len(self.starts):
            return stop
        return stop - 2 if self.text.endswith("\r\n", self.start(line), stop) else stop - 1

    def content(self, line: int) -> str:
        """Return a line's text without its end of line."""
        return self.text[self.start(line) : self.stop(line)]

    def offset(self, position: Position, encoding: Encoding) -> int:
        """Turn an editor's position into an offset.

        As LSP asks, a character past the line's content means the content's end (never inside `\\r\\n`),
        and a line past the last means the text's end. A unit inside a character means that character's start.
        """
        if position.line < 0:
            return 0
        if position.line >= len(self.starts):
            return len(self.text)
        start = self.start(position.line)
        return start + _points(self.content(position.line), max(0, position.character), encoding)

    def position(self, offset: int, encoding: Encoding) -> Position:
        """Turn an offset into an editor's position; an offset inside `\\r\\n` means the line's content end."""
        offset = min(max(0, offset), len(self.text))
        line = self.line_at(offset)
        before = self.text[self.start(line) : min(offset, self.stop(line))]
        return Position(line, _units(before, encoding))


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def _points(content: str, units: int, encoding: Encoding) -> int:
    if encoding == "utf-32" or content.isascii():
        return min(units, len(content))
    seen = 0
    for index, char in enumerate(content):
        seen += _units(char, encoding)
        if seen > units:
            return index
    return len(content)
