"""Renaming a name in every file that the tools show: first where it stands, then the files, then edits of all of them.

Words in the code are renamed, those in strings and comments stay. What no tool shows whole is left alone, and said.
"""

import io
import keyword
import re
import tokenize
from collections.abc import Iterator, Sequence

from kimi_lsp.sandbox.asked import Asked
from kimi_lsp.sandbox.document import Document, parse
from kimi_lsp.sandbox.edit import Edit, LineChange, applied, edits
from kimi_lsp.sandbox.json_schema import value_for
from kimi_lsp.sandbox.reader import Task
from kimi_lsp.sandbox.skills.look_up import Wanted, key, told
from kimi_lsp.sandbox.skills.outcome import Outcome

_WISH = re.compile(r"\brename\s+`([^\W\d]\w*)`\s+(?:to|as|into)\s+`([^\W\d]\w*)`", re.IGNORECASE)
_ROW = re.compile(r"(?P<path>[^\n]+?\.py):\d+: ", re.MULTILINE)
_WHOLE = re.compile(r"[^\n]*, lines 1 to (\d+) of (\d+):\n")
_MOST = 8
"""Files besides the document; of more it does not read any."""


def is_wanted(task: Task, asked: Asked) -> bool:
    """Tell whether the task is such a renaming, with the tools for it."""
    offered = {offer.name for offer in asked.offers}
    wanted = task.kind == "refactor" and _WISH.search(task.instruction) is not None
    return wanted and {"search_text", "read_file"} <= offered and task.document.language == "python"


def look(task: Task, asked: Asked) -> tuple[list[Wanted], list[Document]]:
    """Return the calls to make next, and the other files that were read so far; without calls the search is over."""
    offered = {offer.name: offer.parameters for offer in asked.offers}
    known = told(asked, task)
    old, _ = _names(task)
    search = value_for(offered["search_text"], {"text": old})
    result = known.get(key("search_text", search))
    if result is None:
        return ([("search_text", search)], []) if asked.may_call else ([], [_unseen("the project")])
    paths = [path for path in dict.fromkeys(_ROW.findall(result)) if path != task.document.path]
    if len(paths) > _MOST or "\n… " in result:
        return [], [_unseen("the project")]
    missing: list[Wanted] = []
    read: list[Document] = []
    for path in paths:
        wanted = value_for(offered["read_file"], {"path": path})
        content = known.get(key("read_file", wanted))
        if content is None:
            missing.append(("read_file", wanted))
            read.append(_unseen(path))
            continue
        whole = _WHOLE.match(content)
        shown = whole is not None and whole[1] == whole[2]
        read.append(Document.of(path, "python", content[whole.end() :]) if whole and shown else _unseen(path))
    may = missing if asked.parallel else missing[:1]
    return (may if asked.may_call else []), read


def rename(task: Task, others: Sequence[Document]) -> Outcome:
    """Rename in the document and in the files that were read: in all of them, or in none."""
    old, new = _names(task)
    written: list[Edit] = []
    places: list[str] = []
    for document in (task.document, *others):
        if not document.lines or document.tree is None:
            return Outcome(
                f"{document.path} was not shown as a whole that parses, so `{old}` stays as it is."
            )
        found = list(_words(document))
        if not new.isidentifier() or keyword.iskeyword(new) or any(word == new for _, _, word in found):
            return Outcome(f"`{new}` is no free name in {document.path}.")
        changes = list(_changed(document, found, old, new))
        if not changes:
            continue
        if parse(applied(document, changes)) is None:
            return Outcome(f"{document.path} would not parse afterwards.")
        written += edits(document, changes)
        places.append(document.path)
    if not written:
        return Outcome(f"There is no `{old}` in the code.")
    return Outcome(f"Renamed `{old}` to `{new}` in {', '.join(places)}.", more={"edits": written})


def _unseen(path: str) -> Document:
    """Return what stands for a file of which not all is known."""
    return Document.of(path, "python", "")


def _names(task: Task) -> tuple[str, str]:
    found = _WISH.search(task.instruction)
    return (found[1], found[2]) if found else ("", "")


def _words(document: Document) -> Iterator[tuple[int, int, str]]:
    """Yield the names in the code, each with its row and its column."""
    text = "\n".join(document.lines) + "\n"
    for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
        if token.type == tokenize.NAME:
            yield token.start[0] - 1, token.start[1], token.string


def _changed(
    document: Document, found: Sequence[tuple[int, int, str]], old: str, new: str
) -> Iterator[LineChange]:
    rows: dict[int, str] = {}
    for row, column, word in sorted(found, reverse=True):
        if word == old:
            line = rows.get(row, document.lines[row])
            rows[row] = line[:column] + new + line[column + len(old) :]
    for row, line in sorted(rows.items()):
        yield LineChange(row, row + 1, (line,))
