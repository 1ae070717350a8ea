"""What the model answers, and the reader that takes finished edits out of an answer that still grows.

The reader looks at each character once. What it hands out while it reads is for showing only: nothing is final
until the outermost object has closed, and only `finish` says so.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from kimi_lsp.edits.refusal import NotAnAnswer, Unfinished

_OPENING = re.compile(r'<think(?:ing)?>|\{\s*"(?:summary|edits|files|text|names|suggestions)"\s*:')
# What may be the beginning of an opening that goes on in the next piece.
_PARTIAL = re.compile(r'<[a-z]{0,8}\Z|\{\s*(?:"[a-z]{0,11}"?\s*)?\Z')
_CLOSING = re.compile(r"</think(?:ing)?>")
_MARK = re.compile(r'["{}\[\]]')
_IN_STRING = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_LONGEST_TAG = len("</thinking>")


class Proposal(BaseModel):
    """One edit as the model proposes it. The order of the fields is the order in which it writes them."""

    model_config = ConfigDict(frozen=True)

    file: str
    """Path as it was shown to the model."""
    search: str
    """Whole lines, copied from the document; they say where."""
    replace: str
    """What those lines shall become."""
    line: int | None = None
    """Number, from 1, of the search's first line; only ever used to choose between equal places."""


class FileChange(BaseModel):
    """One whole file that the model wants to create, rename or delete."""

    model_config = ConfigDict(frozen=True)

    action: Literal["create", "rename", "delete"]
    path: str
    """As files are shown to the model: relative, with `/`."""
    new_path: str | None = None
    """Of a rename, and of nothing else."""
    text: str | None = None
    """Of a new file, all of it, and of nothing else."""

    @model_validator(mode="after")
    def _has_what_its_action_needs(self) -> "FileChange":
        if self.text is None if self.action == "create" else self.text:
            raise ValueError("text belongs to create, and create needs it")
        if bool(self.new_path) != (self.action == "rename"):
            raise ValueError("new_path belongs to rename, and rename needs it")
        return self


class EditAnswer(BaseModel):
    """An answer that edits what was shown, and nothing else."""

    model_config = ConfigDict(frozen=True)

    summary: str
    """One sentence for the user."""
    edits: tuple[Proposal, ...]


class FilesAnswer(EditAnswer):
    """An answer in which files may come, move and go."""

    files: tuple[FileChange, ...] = ()
    """Files to create, rename or delete; an answer may leave it out."""


class EitherAnswer(EditAnswer):
    """An answer that edits what was shown, or says something about it."""

    text: str | None = None
    """Markdown, in the place of edits."""


class NewName(BaseModel):
    """A name, and the better one that the edits give it."""

    model_config = ConfigDict(frozen=True)

    old: str
    new: str


class NamesAnswer(EditAnswer):
    """An answer whose edits change names, and nothing else."""

    names: tuple[NewName, ...] = ()


class Suggested(BaseModel):
    """One suggestion of a review, which can be made without the others."""

    model_config = ConfigDict(frozen=True)

    reason: str
    """One line for the user: what is wrong, or what would be better."""
    edits: tuple[Proposal, ...]


class ReviewAnswer(BaseModel):
    """An answer that suggests edits, each for the user to take or to leave."""

    model_config = ConfigDict(frozen=True)

    summary: str
    """One sentence for the user."""
    suggestions: tuple[Suggested, ...]


class Answer(FilesAnswer, EitherAnswer, NamesAnswer):
    """Everything that an answer may hold, whichever form was asked for: what it is read as."""


_Shape = TypeVar("_Shape", Answer, ReviewAnswer)


class AnswerReader:
    """Reads an answer piece by piece: what stands around the JSON (headers, fences, thoughts) is passed over.

    Owned by one turn; not to be used again after `finish`.
    """

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._outside = ""
        self._thinking = False
        self._scan = _Scan()
        self._closed: list[str] = []

    def feed(self, delta: str) -> list[Proposal]:
        """Take the next piece of the answer and return the edits that it closed, in order."""
        self._waiting.append(delta)
        # Only a brace can close an edit, so everything up to one may wait. This keeps small pieces cheap.
        return self._read() if "}" in delta else []

    def finish(self) -> Answer:
        """Return the answer, once all of it was fed.

        Raises Unfinished where the object never closed and NotAnAnswer where there is none, where it has another
        shape, or where there are two that say different things.
        """
        return self._finished(Answer, "edits")

    def finish_review(self) -> ReviewAnswer:
        """Return the answer to a review instead. Raises the same."""
        return self._finished(ReviewAnswer, "suggestions")

    def _finished(self, shape: type[_Shape], part: str) -> _Shape:
        self._read()
        answers: list[_Shape] = []
        trouble = f"there is no JSON object with a summary and {part}"
        for text in self._closed:
            try:
                answers.append(shape.model_validate(_parse(text)))
            except ValidationError as error:
                trouble = "; ".join(_fault(item["loc"], item["msg"]) for item in error.errors()[:3])
            except ValueError as error:
                trouble = f"the JSON is not valid: {error}"
        if self._scan.depth or (self._thinking and not self._closed):
            raise Unfinished
        if not answers:
            raise NotAnAnswer(trouble)
        if any(answer != answers[0] for answer in answers):
            raise NotAnAnswer("it holds several answers that differ")
        return answers[0]

    def _read(self) -> list[Proposal]:
        text, self._waiting = "".join(self._waiting), []
        found: list[Proposal] = []
        while text:
            if not self._scan.depth:
                text = self._look(text)
                if not self._scan.depth:
                    break
            text = self._scan.take(text)
            found += _proposals(self._scan.elements)
            self._scan.elements.clear()
            if not self._scan.depth:
                self._closed.append(self._scan.close())
        return found

    def _look(self, text: str) -> str:
        """Pass over what is not the answer; return the text from the answer's brace on, or nothing."""
        text, self._outside = self._outside + text, ""
        at = 0
        while True:
            if self._thinking:
                end = _CLOSING.search(text, at)
                if end is None:
                    self._outside = text[max(at, len(text) - _LONGEST_TAG + 1) :]
                    return ""
                self._thinking, at = False, end.end()
            opening = _OPENING.search(text, at)
            if opening is None:
                partial = _PARTIAL.search(text, at)
                self._outside = partial.group() if partial else ""
                return ""
            if opening.group().startswith("{"):
                self._scan.depth = 1
                self._scan.pieces.append("{")
                return text[opening.start() + 1 :]
            self._thinking, at = True, opening.end()


class _Scan:
    """Where we are inside the outermost object: how deep, inside a string or not, inside which edit."""

    def __init__(self) -> None:
        self.depth = 0
        self.pieces: list[str] = []
        self.elements: list[str] = []
        self._string = False
        self._held = ""
        self._key = ""
        self._in_edits = False
        self._element: list[str] | None = None

    def close(self) -> str:
        """Return the whole object that has just closed, and forget it."""
        whole, self.pieces = "".join(self.pieces), []
        return whole

    def take(self, text: str) -> str:
        """Scan a piece up to where the object closes; return what comes after."""
        text, self._held = self._held + text, ""
        kept = at = 0
        while at < len(text):
            if self._string:
                found = _IN_STRING.match(text, at)
                stop = found.end() if found else at
                if self.depth == 1 and len(self._key) < len("summary"):
                    self._key += text[at:stop]
                at = stop
                if text.startswith('"', at):
                    self._string = False
                    at += 1
                elif at < len(text):
                    # A backslash whose second half is still to come.
                    self._held = text[at:]
                    break
                continue
            mark = _MARK.search(text, at)
            if mark is None:
                at = len(text)
            elif mark.group() == '"':
                self._string, at = True, mark.end()
                if self.depth == 1:
                    self._key = ""
            elif mark.group() in "{[":
                self._keep(text[kept : mark.start()])
                kept, at = mark.start(), mark.end()
                self._open(mark.group())
            else:
                self._keep(text[kept : mark.end()])
                kept = at = mark.end()
                self._shut()
                if not self.depth:
                    return text[at:]
        self._keep(text[kept:at])
        return ""

    def _keep(self, piece: str) -> None:
        self.pieces.append(piece)
        if self._element is not None:
            self._element.append(piece)

    def _open(self, char: str) -> None:
        self.depth += 1
        if self.depth == 2:
            self._in_edits = char == "[" and self._key == "edits"
        elif self.depth == 3 and char == "{" and self._in_edits:
            self._element = []

    def _shut(self) -> None:
        if self.depth == 3 and self._element is not None:
            self.elements.append("".join(self._element))
            self._element = None
        self.depth -= 1


def _parse(text: str) -> Any:
    try:
        # Models write raw line ends and tabs into JSON strings; those are read as they stand.
        value = json.loads(text, strict=False)
        if _SURROGATE.search(text):
            # Half of a pair is no character: an editor could not be told of it.
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except UnicodeEncodeError as error:
        raise ValueError("half of a surrogate pair") from error
    return value


def _proposals(elements: Iterable[str]) -> list[Proposal]:
    """Read the edits that have the right shape; for the others `finish` has the words."""
    found = []
    for element in elements:
        try:
            found.append(Proposal.model_validate(_parse(element)))
        except ValueError:
            continue
    return found


def _fault(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place)) or 'the answer'}: {message}"
