"""Documents and edits to try: small enough to read when a test fails, odd enough to find out."""

from dataclasses import dataclass

from hypothesis import strategies as st

from kimi_lsp.edits import Proposal

WORDS = ("alpha", "beta", "gamma", "delta", "count", "total", "name", "value", "item", "left")
ENDS = ("\n", "\r\n", "\r")


@dataclass(frozen=True)
class Case:
    """A document as lines, and a block of it that shall become other lines."""

    lines: tuple[str, ...]
    end: str
    bom: str
    final: bool
    first: int
    last: int
    new: tuple[str, ...]

    def text(self, lines: tuple[str, ...]) -> str:
        final = self.end if self.final and lines else ""
        return self.bom + self.end.join(lines) + final

    @property
    def before(self) -> str:
        return self.text(self.lines)

    @property
    def after(self) -> str:
        return self.text(self.lines[: self.first] + self.new + self.lines[self.last :])

    @property
    def block(self) -> tuple[str, ...]:
        return self.lines[self.first : self.last]

    def proposal(self, *, line: int | None = None) -> Proposal:
        return proposal(self.block, self.new, line=line)


def proposal(search: tuple[str, ...], new: tuple[str, ...], *, line: int | None = None) -> Proposal:
    """A proposal as a model writes it, each line with an end."""
    return Proposal(
        file="a.py",
        search="".join(part + "\n" for part in search),
        replace="".join(part + "\n" for part in new),
        line=line,
    )


@st.composite
def code_lines(draw: st.DrawFn, indent: str) -> str:
    depth = draw(st.integers(0, 2))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return ""
    if kind == 1:
        return indent * depth + draw(st.sampled_from(["}", "else:", "return", "\x0c", "# note"]))
    left, right = draw(st.sampled_from(WORDS)), draw(st.sampled_from(WORDS))
    shape = draw(
        st.sampled_from(["{} = {}", "{}({!r})", "{}  # {}", "say('{}', '{}')", "{}.{}()", "“{}” {}"])
    )
    return indent * depth + shape.format(left, right)


@st.composite
def cases(draw: st.DrawFn, *, least: int = 3, unique: bool = False) -> Case:
    """A case whose new lines keep some of the old ones, change some, and bring some."""
    indent = draw(st.sampled_from(["  ", "    ", "\t"]))
    lines = draw(st.lists(code_lines(indent), min_size=least, max_size=16))
    if unique:
        lines = [f"{line} {number}x" if line.strip() else line for number, line in enumerate(lines)]
    while lines and not lines[-1]:
        lines.pop()
    lines = lines or ["alpha = beta"]
    first = draw(st.integers(0, len(lines) - 1))
    last = draw(st.integers(first + 1, len(lines)))
    new: list[str] = []
    for line in lines[first:last]:
        action = draw(st.sampled_from(["keep", "keep", "keep", "change", "drop", "add"]))
        if action in {"keep", "add"}:
            new.append(line)
        if action == "change":
            new.append(line + draw(st.sampled_from(["2", " + new_one", ";"])))
        if action == "add":
            new.append(
                line[: len(line) - len(line.lstrip())] + draw(st.sampled_from(["added()", "more = 1"]))
            )
    return Case(
        tuple(lines),
        draw(st.sampled_from(ENDS)),
        draw(st.sampled_from(["", "", "\ufeff"])),
        draw(st.booleans()) or len(lines) == 1,
        first,
        last,
        tuple(new),
    )
