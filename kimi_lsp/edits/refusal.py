"""Why an edit was not made. Each leaf holds the sentence that the user reads and the reason that the model reads.

    Refusal
      NotAnAnswer        the answer has not the form that was asked for
      Unfinished         the answer stopped before its end
      EmptySearch        an edit does not say what it replaces
      NotFound           no place agrees
      Ambiguous          several places agree
      Differs            a line that the edit deletes or replaces reads differently in the document
      NotAdjacent        the lines around an insertion, or the lines to replace, are not next to each other
      UnclearIndentation the new lines' indentation cannot be told from the document's
      Omission           the answer leaves code out
      Wrapped            the new lines are numbered or fenced, the document's are not
      AlreadyThere       the document has the change already
      Overlap            two edits change the same lines
      ChangedMeanwhile   the user changed the lines since
      NotShown           an edit is about a file that the model has not seen
      BadPath            a file may not have this name or lie in this place
      FileConflict       files of the answer get into each other's way, or into that of files that exist
      Beyond             the edits do something else than they were asked for

Nothing here looks at a document: what the sentences need is handed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_UNCHANGED = "Nothing was changed: "


@dataclass(frozen=True, slots=True)
class Nearest:
    """The place in the document that comes closest to what an edit looked for."""

    line: int
    """Number of the line that it is about, from 1."""
    agree: int
    """How many lines agree."""
    of: int
    """How many lines were looked for, blank ones not counted."""
    start: int
    """Number of the first line of `real`, from 1."""
    real: tuple[str, ...]
    """What the document really holds around there, line by line, without ends."""


class Refusal(Exception):
    """An edit was not made and the text is as it was. `str(refusal)` is one sentence for the user."""

    kind = "refused"

    def __init__(self, sentence: str, for_model: str = "") -> None:
        super().__init__(_UNCHANGED + sentence)
        self.for_model = for_model or sentence[:1].upper() + sentence[1:]
        """The reason, with the document's own lines where that helps, for one more try."""

    @classmethod
    def like(cls, other: "Refusal") -> "Refusal":
        """Return a plain refusal that says the same."""
        refusal = cls(str(other).removeprefix(_UNCHANGED), other.for_model)
        refusal.kind = other.kind
        return refusal


class NotAnAnswer(Refusal):
    """The model's answer is not the object that was asked for."""

    kind = "form"

    def __init__(self, detail: str) -> None:
        super().__init__(f"the model's answer is not in the form that was asked for ({detail}).")


class Unfinished(Refusal):
    """The model's answer stopped before its object was closed."""

    kind = "unfinished"

    def __init__(self) -> None:
        super().__init__("the model's answer stopped before its end.")


class EmptySearch(Refusal):
    """An edit has no text to look for."""

    kind = "empty"

    def __init__(self, file: str = "") -> None:
        super().__init__(
            f"an edit{_within(file)} does not say which lines it replaces.",
            "The search text of an edit is empty. Copy the 2 to 8 whole lines that the edit replaces or stands next to.",
        )


class NotFound(Refusal):
    """No place in the document agrees with what the edit looks for."""

    kind = "not found"

    def __init__(self, search: Sequence[str], nearest: Nearest | None, file: str = "") -> None:
        if nearest is None or not nearest.agree:
            where = "none of them is there"
        else:
            where = (
                f"the nearest place, line {nearest.line}, agrees in {nearest.agree} of {_count(nearest.of)}"
            )
        super().__init__(
            f"the lines to replace were not found{_within(file)} ({where}).",
            f"This search text was not found{_within(file)}:\n{_quote(search)}\n{_really(nearest)}"
            "Copy the search lines from the document exactly as they stand there.",
        )
        self.nearest = nearest


class Ambiguous(Refusal):
    """Several places agree equally well."""

    kind = "ambiguous"

    def __init__(self, search: Sequence[str], lines: Sequence[int], file: str = "") -> None:
        places = f"{len(lines)} places{_within(file)} ({_numbers(sorted(set(lines)))})"
        super().__init__(
            f"the lines to replace stand at {places} and the answer does not tell which is meant.",
            f"This search text matches {places}:\n{_quote(search)}\nAdd lines before or after it until it matches one place only.",
        )
        self.lines = tuple(lines)


class Differs(Refusal):
    """A line that the edit deletes or replaces is not what the edit takes it for."""

    kind = "differs"

    def __init__(self, expected: Sequence[str], nearest: Nearest, file: str = "") -> None:
        super().__init__(
            f"line {nearest.line}{_within(file)} reads differently from what the edit would replace.",
            f"The edit{_within(file)} replaces or deletes lines that read differently in the document. "
            f"It took them for:\n{_quote(expected)}\n{_really(nearest)}"
            "Copy the search lines from the document exactly as they stand there.",
        )
        self.nearest = nearest


class NotAdjacent(Refusal):
    """The document has other lines between those that the edit takes for neighbours."""

    kind = "not adjacent"

    def __init__(self, nearest: Nearest, file: str = "") -> None:
        super().__init__(
            f"the lines that the edit takes for neighbours are not next to each other{_within(file)}"
            f" (near line {nearest.line}).",
            f"The lines around the change are not next to each other in the document{_within(file)}.\n"
            f"{_really(nearest)}Copy the search lines from the document exactly as they stand there.",
        )
        self.nearest = nearest


class UnclearIndentation(Refusal):
    """The new lines' indentation cannot be derived from the document's."""

    kind = "indentation"

    def __init__(self, nearest: Nearest, file: str = "") -> None:
        super().__init__(
            f"the indentation of the edit does not fit {file or 'the document'} (near line {nearest.line}).",
            f"The indentation of search and replace does not fit the document's{_within(file)}.\n{_really(nearest)}"
            "Copy the search lines with their exact indentation, tabs as tabs and spaces as spaces,"
            " and indent the replacement in the same way.",
        )
        self.nearest = nearest


class Omission(Refusal):
    """The new text has a placeholder where code should stand."""

    kind = "omission"

    def __init__(self, marker: str, file: str = "") -> None:
        super().__init__(
            f"the answer leaves lines out ({marker.strip()!r}) where the real ones must stand{_within(file)}.",
            f"The replacement has the placeholder {marker.strip()!r}. Write every line in full, or make several"
            " small edits that do not touch the lines between them.",
        )
        self.marker = marker


class Wrapped(Refusal):
    """The new lines alone are numbered, or have a fence around them."""

    kind = "wrapped"

    def __init__(self, line: str, file: str = "") -> None:
        super().__init__(
            f"the new lines bear a line number or a fence ({line.strip()!r}) that is no part of them{_within(file)}.",
            f"The replacement begins with {line.strip()!r}. Write the new lines alone: no line numbers, no code fence.",
        )
        self.line = line


class AlreadyThere(Refusal):
    """The document holds the result already."""

    kind = "already there"

    def __init__(self, line: int, file: str = "") -> None:
        super().__init__(f"the change is there already{_within(file)} (line {line}).")
        self.line = line


class Overlap(Refusal):
    """Two edits of one answer change the same lines, or insert at the same place."""

    kind = "overlap"

    def __init__(self, line: int, file: str = "") -> None:
        super().__init__(
            f"two edits of the answer change the same place{_within(file)} (near line {line}).",
            f"Two edits change the same place near line {line}{_within(file)}. Edits do not see each other:"
            " put changes that touch or follow each other directly into one edit.",
        )
        self.line = line


class ChangedMeanwhile(Refusal):
    """The user changed what the edit changes, after the model was asked."""

    kind = "changed meanwhile"

    def __init__(self, lines: Sequence[int], file: str = "") -> None:
        verb = "was" if len(lines) == 1 else "were"
        super().__init__(
            f"{_numbers(lines)}{_within(file)} {verb} changed while the model was at work.",
            f"The user changed {_numbers(lines)}{_within(file)} meanwhile, where the edit changes the text too.",
        )
        self.lines = tuple(lines)
        """Numbers, from 1, in the text as it is now."""


class NotShown(Refusal):
    """An edit is about files whose text the model has not seen, so that nothing in them can be located."""

    kind = "not shown"

    def __init__(self, files: Sequence[str], shown: Sequence[str]) -> None:
        named = ", ".join(repr(file)[1:-1] for file in files)
        super().__init__(
            f"the model wanted to edit {named}, which it was not shown.",
            f"You were not shown {named}, so it cannot be edited. You were shown: {', '.join(shown)}.",
        )
        self.files = tuple(files)


class BadPath(Refusal):
    """A file may not have this name or lie in this place."""

    kind = "path"

    def __init__(self, path: str, why: str) -> None:
        # Whatever could steer a terminal or turn the text round is shown as an escape.
        super().__init__(f"the file name {path!a} is not accepted: {why}.")
        self.path = path


class FileConflict(Refusal):
    """Files of the answer get into each other's way, or into that of files that exist."""

    kind = "files"


class Beyond(Refusal):
    """The edits can be made, and would do something else than what they were asked for."""

    kind = "beyond"


def _within(file: str) -> str:
    return f" in {file}" if file else ""


def _count(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines} lines"


def _numbers(lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"line {lines[0]}"
    shown = [f"{line:d}" for line in lines[:5]]
    if len(lines) > len(shown):
        return f"lines {', '.join(shown)} and {len(lines) - len(shown)} more"
    return f"lines {', '.join(shown[:-1])} and {shown[-1]}"


def _quote(lines: Sequence[str]) -> str:
    return "\n".join(("```", *lines[:40], "```"))


def _really(nearest: Nearest | None) -> str:
    if nearest is None:
        return ""
    return f"The document's nearest lines, from line {nearest.start}, really are:\n{_quote(nearest.real)}\n"
