"""A document at one moment, as an immutable value. Everything that waits works on one of these."""

from dataclasses import dataclass
from functools import cached_property

from kimi_lsp.text.lines import Lines


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """Half-open range of offsets (code points) into one text: `text[start:end]`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def touches(self, other: "Span") -> bool:
        """Tell whether the two share a character or an edge."""
        return self.start <= other.end and other.start <= self.end

    def of(self, text: str) -> str:
        """Return the part of a text that this spans."""
        return text[self.start : self.end]


@dataclass(frozen=True)
class Snapshot:
    """A document's text with the version that the editor gave it."""

    uri: str
    version: int | None
    """The editor's version; None for a document that no editor has open."""
    language: str
    """LSP's language identifier, for example `python`; empty where it is not known."""
    text: str

    @cached_property
    def lines(self) -> Lines:
        """The line index, made at first use."""
        return Lines.of(self.text)

    def line_span(self, first: int, last: int) -> Span:
        """Return the span of whole lines, both numbers from 0 and included, with the last one's end."""
        return Span(self.lines.start(first), self.lines.start(last + 1))
