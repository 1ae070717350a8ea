"""Implementing: an honest stub where something was asked for. It says what it is for and that it does nothing yet."""

import re
from collections.abc import Sequence
from textwrap import shorten

from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.media import Media
from kimi_lsp.sandbox.skills.outcome import Outcome

_HASH = ("python", "ruby", "shellscript", "yaml", "toml", "makefile", "dockerfile", "r", "perl")
_TAGS = ("html", "xml", "markdown", "vue", "svelte")
_FILLERS = frozenset(
    ("a", "an", "the", "and", "of", "for", "to", "with", "that", "this", "implement", "write", "build")
)
_LONGEST = 60
_ASKS = re.compile(r"\s*(?:#|//|--|<!--|/\*)\s*kimi:", re.IGNORECASE)
_STEP = "    "


def implement(
    document: Document, selection: tuple[int, int] | None, instruction: str, media: Sequence[Media]
) -> Outcome:
    """Write the stub in place of a blank selection or a `kimi:` comment, or below what is selected."""
    start, end = _place(document, selection)
    indent = document.indent(start) if start < len(document.lines) else ""
    wish = shorten(instruction, _LONGEST, placeholder="…").replace("\\", "/").replace('"', "'")
    shown = f"built for {'; '.join(map(str, media))}" if media else "built from the text alone"
    meant = document.lines[start:end]
    # A comment that only asks for the code goes, as a blank line does.
    blank = bool(meant) and all(not line.strip() or _ASKS.match(line) for line in meant)
    row = start if blank else end
    step = "\t" if any(line.startswith("\t") for line in document.lines) else _STEP
    stub = (
        line.replace(_STEP, step, 1) if line.startswith(_STEP) else line
        for line in _stub(document.language, wish, shown)
    )
    lines = [f"{indent}{line}" if line else "" for line in stub]
    spaced = lines if blank else ["", *lines]
    return Outcome(f"Wrote a stub, {shown}.", (LineChange(row, end, tuple(spaced)),))


def _place(document: Document, selection: tuple[int, int] | None) -> tuple[int, int]:
    """Return the rows that are meant; without a selection the end of what is shown."""
    rows = [document.row(number) for number in selection] if selection else [None, None]
    if rows[0] is None or rows[1] is None:
        return len(document.lines), len(document.lines)
    return rows[0], rows[1] + 1


def _stub(language: str, wish: str, shown: str) -> list[str]:
    about = f"(sandbox) {wish}: {shown}" if wish else f"(sandbox) {shown}"
    if language == "python":
        head = [
            f"def {_name(wish)}():",
            f'    """(sandbox) {wish or "A stub"}.',
            "",
            f"    {shown[:1].upper()}{shown[1:]}.",
        ]
        return [*head, '    """', "    raise NotImplementedError"]
    if language in _HASH:
        return [f"# {about}"]
    if language in _TAGS:
        return [f"<!-- {about.replace('--', '-')} -->"]
    return [f"/* {about.replace('*/', '* /')} */"]


def _name(wish: str) -> str:
    words = [word for word in re.findall(r"[a-z][a-z0-9]*", wish.lower()) if word not in _FILLERS]
    return "_".join(words[:3]) or "stub"
