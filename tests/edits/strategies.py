r"""What the property tests of this room draw: odd documents, edits of them, and what a user types meanwhile.

The lines come from a small alphabet, so that most documents have lines, blocks and indentations twice; the ends are
mixed, and what other programs take for line ends (form feeds, U+2028, U+0085) stands inside the lines.
"""

from dataclasses import dataclass

from hypothesis import strategies as st

from kimi_lsp.edits import Proposal
from kimi_lsp.edits.folded import fold
from kimi_lsp.text import Change, Lines, Span, split

BODIES = (
    "a",
    "b",
    "ab",
    "a = b",
    "a  =  b",
    "def a():",
    "return a",
    "}",
    "# a",
    "café",
    "cafe\u0301",
    "‘a’",
    "'a'",
    "a\u00a0= b",
    "😀 = '𝒳'",
    "a\u2028b",
    "a\x85b",
    "\x0c",
    "...",
    "# ... existing code ...",
    "a - b",
    "a — b",
    "a\u200bb",
    "a-b",
)
BLANKS = ("", "  ", "    ", "\t")
PATTERNS = (
    ("\n",),
    ("\r\n",),
    ("\r",),
    ("\n", "\r\n"),
    ("\r", "\n"),
    ("\n", "\n", "\r"),
    ("\r\n", "\r", "\n", "\n"),
)
"""The ends of a document's lines, over and over."""
TYPED = ("", "z", "a", "a\n", "zz = 1\n", "\n", "\nzz = 1", "\r\n", "a\nb\n", "😀", "\r", "\ufeff")

LINES = (
    "",
    "  ",
    "\t",
    *(before + body + after for body in BODIES for before in BLANKS for after in BLANKS),
    *(f"{before}{name} = {number}" for name in "abc" for number in range(5) for before in BLANKS),
)
# One choice a line: the fewer there are, the more examples in a minute. Blank lines are one in eight.
lines: st.SearchStrategy[str] = st.integers(0, len(LINES) * 8 // 7).map(
    lambda at: LINES[at] if at < len(LINES) else ""
)
"""One line without its end."""


@dataclass(frozen=True)
class Edited:
    """A document, whole lines of it that one edit quotes, and what they shall become."""

    text: str
    first: int
    last: int
    new: tuple[str, ...]

    @property
    def contents(self) -> list[str]:
        """The document's lines without ends and without a byte order mark."""
        return contents(self.text)

    @property
    def block(self) -> tuple[str, ...]:
        """The lines that the edit quotes."""
        return tuple(self.contents[self.first : self.last])

    @property
    def left(self) -> list[str]:
        """The lines that the document shall have."""
        known = self.contents
        left = [*known[: self.first], *self.new, *known[self.last :]]
        # Where the last line has no end, an empty one cannot be told from none.
        endless = not self.text.endswith(("\n", "\r"))
        return left[:-1] if endless and left and not left[-1] else left

    @property
    def places(self) -> int:
        """How often the quoted lines stand in the document."""
        known, block = self.contents, list(self.block)
        return sum(known[at : at + len(block)] == block for at in range(len(known)))

    def proposal(self) -> Proposal:
        """The edit as a careful model writes it."""
        return written(self.block, self.new)


def contents(text: str) -> list[str]:
    """Return a text's lines without ends and without a byte order mark."""
    return [line.rstrip("\r\n") for line in split(text.removeprefix("\ufeff"))]


def written(search: tuple[str, ...], new: tuple[str, ...], line: int | None = None) -> Proposal:
    """Return an edit of whole lines, each with an end."""
    whole = ["".join(part + "\n" for part in side) for side in (search, new)]
    return Proposal(file="a.py", search=whole[0], replace=whole[1], line=line)


@st.composite
def texts(draw: st.DrawFn, *, least: int = 1, most: int = 12) -> str:
    """A document with mixed ends, perhaps a byte order mark, perhaps no end after its last line."""
    drawn = draw(st.lists(lines, min_size=least, max_size=most))
    pattern = draw(st.sampled_from(PATTERNS))
    ends = [pattern[at % len(pattern)] for at in range(len(drawn))]
    if ends and drawn[-1] and draw(st.booleans()):
        ends[-1] = ""
    body = "".join(line + end for line, end in zip(drawn, ends, strict=True))
    return draw(st.sampled_from(("", "", "\ufeff"))) + body


@st.composite
def edited(draw: st.DrawFn) -> Edited:
    """A document and an edit that quotes it byte for byte."""
    text = draw(texts())
    known = contents(text) or ["a"]
    text = text if contents(text) else "a\n"
    first = draw(st.integers(0, len(known) - 1))
    last = draw(st.integers(first + 1, min(len(known), first + 6)))
    return Edited(text, first, last, tuple(draw(_changed(known[first:last]))))


@st.composite
def proposals(draw: st.DrawFn, text: str) -> Proposal:
    """Any edit: mostly of lines of the document, some of them copied wrongly, some invented."""
    known = contents(text) or ["a"]
    first = draw(st.integers(0, len(known) - 1))
    last = draw(st.integers(first + 1, min(len(known), first + 6)))
    block = known[first:last]
    new = draw(_changed(block))
    for line in draw(st.sets(st.sampled_from(block), max_size=2)):
        wrong = draw(st.one_of(lines, st.sampled_from((line + " ", "  " + line, line.strip(), line + "x"))))
        block = [wrong if line == other else other for other in block]
        new = [wrong if line == other else other for other in new]
    hint = draw(st.none() | st.integers(-1, 14))
    return written(tuple(block), tuple(new), hint)


@st.composite
def typing(draw: st.DrawFn, text: str) -> list[Change]:
    """Changes as editors send them: characters, whole lines, joined lines, ends, pasted copies."""
    changes = []
    for _ in range(draw(st.integers(1, 4))):
        index = Lines.of(text)
        row = draw(st.integers(0, len(index) - 1))
        middle = (index.start(row) + index.stop(row)) // 2
        start = draw(st.sampled_from((index.start(row), index.stop(row), middle)))
        ends = {start, index.start(row + 1), min(len(text), start + 1), index.stop(row), index.start(row + 2)}
        end = draw(st.sampled_from(sorted(end for end in ends if end >= start)))
        copied = text[index.start(row) : index.start(row + 1)]
        change = Change(Span(start, end), draw(st.sampled_from((*TYPED, copied))))
        changes.append(change)
        text = change.apply(text)
    return changes


@st.composite
def _changed(draw: st.DrawFn, block: list[str]) -> list[str]:
    new: list[str] = []
    for line in block:
        action = draw(st.sampled_from(("keep", "keep", "keep", "change", "drop", "add")))
        if action in {"keep", "add"}:
            new.append(line)
        if action == "change":
            new.append(line + draw(st.sampled_from(("2", " + new_one", ";", " "))))
        if action == "add":
            added = draw(lines)
            # A quoted line with other quotes or blanks is a slip of the model's pen and no new line.
            slip = not added.isascii() and fold(added) in map(fold, block)
            new.append("added" if slip else added)
    return new
