"""Reading the user's message as the model is shown it: a file, a task, a selection, problems, an instruction.

Sections are tags that start a line. A tag may carry a number (`<file-2 ...>`), which is used where the plain tag
occurs in the text itself; the closing tag is the first one of the same name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape

from kimi_lsp.sandbox.asked import Turn
from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.media import Media

_OPEN = re.compile(
    r"\s*<(?P<tag>(?P<name>conventions|definitions|related|callers|opened|file|cell|diff|history|task|tests|example|selection|problems|instruction|image|video)(?:-\d+)?)"
    r'(?P<rest>(?:\s+[a-z-]+="[^"\n]*")*)\s*>'
)
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"\n]*)"')
_REFUSED = re.compile(r"\s*<refused(?:-\d+)?>")
_PROBLEM = re.compile(r"^line (\d+), column (\d+): ", re.MULTILINE)
_TAGS = re.compile(r"\s*\[([^\[\]\n]*)\]\s*\Z")
_HUNK = re.compile(r"@@ -[\d,]+ \+(\d+)")
_PART = re.compile(r"lines (\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of a checker. Line and column count from 1."""

    line: int
    column: int
    message: str
    tags: tuple[str, ...] = ()
    """What stands in brackets: the checker's code, its name, the severity."""

    def __str__(self) -> str:
        tags = f" [{', '.join(self.tags)}]" if self.tags else ""
        return f"{self.message}{tags} on line {self.line}"

    def is_one_of(self, *codes: str) -> bool:
        """Tell whether the checker gave it one of these codes."""
        return any(tag in codes for tag in self.tags)


@dataclass(frozen=True, slots=True)
class Task:
    """What the message asks for."""

    kind: str
    document: Document
    form: str = ""
    """What the answer is to be: `text`, or what begins with `edits`."""
    selection: tuple[int, int] | None = None
    """First and last line, from 1, both included."""
    problems: tuple[Problem, ...] = ()
    instruction: str = ""
    tests: Document | None = None
    """Where tests go; without a line it is yet to be created."""
    changed: frozenset[int] | None = None
    """Where a diff is shown beside the file: the numbers, from 1, of the lines that it brings."""
    refused: bool = False
    """Whether an earlier answer was sent back."""
    media: tuple[Media, ...] = ()
    """What was shown besides text, with the task or after it."""
    at: int = 0
    """The index of its turn."""


def read_task(turns: Sequence[Turn]) -> Task | None:
    """Return the newest task of a conversation, or None where no user message is written in this format."""
    last = next((turn.text for turn in reversed(turns) if turn.role == "user"), "")
    for at in reversed(range(len(turns))):
        sections = _sections(turns[at].text) if turns[at].role == "user" else {}
        if "task" in sections and ("file" in sections or "diff" in sections):
            task = _task(sections, refused=_REFUSED.match(last) is not None)
            later = (one for turn in turns[at + 1 :] for one in turn.media)
            return replace(task, media=(*_named(turns[at]), *later), at=at)
    return None


def _named(turn: Turn) -> list[Media]:
    """Return what a turn shows besides text, with the names that its sections give in the same order."""
    names = [about.get("path", "") for name, about, _ in _in_order(turn.text) if name in ("image", "video")]
    names += [""] * (len(turn.media) - len(names))
    return [replace(one, name=name) for one, name in zip(turn.media, names, strict=False)]


def _sections(text: str) -> dict[str, tuple[dict[str, str], str]]:
    """Return attributes and body of each section; the first of a name counts."""
    found: dict[str, tuple[dict[str, str], str]] = {}
    for name, about, body in _in_order(text):
        found.setdefault(name, (about, body))
    return found


def _in_order(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    at = 0
    while match := _OPEN.match(text, at):
        closing = f"</{match['tag']}>"
        end = text.find(closing, match.end())
        if end < 0:
            break
        body = text[match.end() : end].removeprefix("\n")
        about = {name: unescape(value) for name, value in _ATTRIBUTE.findall(match["rest"])}
        yield match["name"], about, body
        at = end + len(closing)


def _task(sections: dict[str, tuple[dict[str, str], str]], *, refused: bool) -> Task:
    about, text = sections.get("file") or ({"language": "diff"}, sections["diff"][1])
    part = _PART.fullmatch(about.get("part", ""))
    document = Document.of(
        about.get("path", ""), about.get("language", ""), text, first=int(part[1]) if part else 1
    )
    chosen = sections.get("selection", ({}, ""))[0]
    selection = None
    if chosen.get("first-line", "").isdecimal() and chosen.get("last-line", "").isdecimal():
        selection = (int(chosen["first-line"]), int(chosen["last-line"]))
    return Task(
        sections["task"][0].get("kind", ""),
        document,
        _form(sections["task"][0]),
        selection,
        _problems(sections.get("problems", ({}, ""))[1]),
        sections.get("instruction", ({}, ""))[1].strip(),
        _tests(sections.get("tests")),
        _changed(sections["diff"][1]) if "file" in sections and "diff" in sections else None,
        refused,
    )


def _changed(diff: str) -> frozenset[int]:
    """Return the numbers of the lines that a unified diff brings."""
    found: set[int] = set()
    at = 0
    for line in diff.split("\n"):
        hunk = _HUNK.match(line)
        if hunk:
            at = int(hunk[1])
        elif at and line[:1] in ("+", " "):
            found |= {at} if line.startswith("+") else set()
            at += 1
    return frozenset(found)


def _tests(section: tuple[dict[str, str], str] | None) -> Document | None:
    if section is None:
        return None
    about, text = section
    # Only a file that is there has a language.
    return Document.of(about.get("path", ""), about.get("language", ""), text if "language" in about else "")


def _form(about: Mapping[str, str]) -> str:
    # A task of an older form of the prompt says by its kind alone what is to be answered.
    usual = {"explain": "text", "refactor": "edits", "fix": "edits", "implement": "edits"}
    return about.get("answer") or usual.get(about.get("kind", ""), "")


def _problems(text: str) -> tuple[Problem, ...]:
    starts = list(_PROBLEM.finditer(text))
    ends = [*(match.start() for match in starts[1:]), len(text)]
    problems: list[Problem] = []
    for match, end in zip(starts, ends, strict=False):
        message = text[match.end() : end].strip()
        tags = _TAGS.search(message)
        problems.append(
            Problem(
                int(match[1]),
                int(match[2]),
                message[: tags.start()] if tags else message,
                tuple(tag.strip() for tag in tags[1].split(",")) if tags else (),
            )
        )
    return tuple(problems)
