"""What a tool finds in a text, and what came of a change in its eyes."""

from dataclasses import dataclass

from kimi_lsp.text import Severity

_LONGEST = 80
"""Code points of a message that a sentence repeats."""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a tool. Both numbers count from 1, as people read them."""

    line: int
    column: int
    """Code points, without a byte order mark; in another file, and as tools print it, the tool's own units."""
    code: str
    """Empty where the tool has none."""
    message: str
    severity: Severity = Severity.ERROR
    file: str = ""
    """Empty for the document that was changed; another file's path relative to the workspace, with `/`."""
    blocking: bool = False
    """Whether the tool stops at it, a syntax error for example, and does not look any further."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What one tool says about a change."""

    tool: str
    fixed: int = 0
    """Problems asked for that the tool reported before the change and does not after it."""
    new: tuple[Found, ...] = ()
    """Findings that the change brought in, in other files too, as far as the tool looks at them."""
    left: int = 0
    """Problems asked for that the tool still reports."""
    unseen: int = 0
    """Problems asked for that the tool did not report before the change, so that it cannot tell."""
    uncovered: int = 0
    """Findings outside of the change that are told only now: before, the tool had stopped at an error."""
    reason: str = ""
    """Why the tool could not tell; then nothing else is set."""

    def sentence(self) -> str:
        """Return the line that the user reads, for example `ruff: fixed 2, 0 new`."""
        if self.reason:
            return f"{self.tool}: not checked, {self.reason}"
        told = []
        if self.fixed or self.left or not self.unseen:
            told.append(f"fixed {self.fixed}")
        if self.left:
            told.append(f"{self.left} left")
        if self.unseen:
            told.append(f"{self.unseen} it had not reported itself")
        if self.uncovered:
            told.append(f"{self.uncovered} that an error had hidden")
        told.append(f"{len(self.new)} new")
        return f"{self.tool}: {', '.join(told)}{_first(self.new)}"


def _first(new: tuple[Found, ...]) -> str:
    if not new:
        return ""
    one = min(new, key=lambda found: found.severity)
    words = " ".join(f"{one.code} {one.message}".split())
    short = words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
    place = f"{one.file}, line {one.line}" if one.file else f"line {one.line}"
    return f"{'; first' if len(new) > 1 else ''}: {short} ({place})"
