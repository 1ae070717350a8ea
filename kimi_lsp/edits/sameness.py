"""By what an edit is known again: what it changes and into what, wherever that stands and however it is indented."""

import hashlib

from kimi_lsp.edits.carry import relied_on
from kimi_lsp.edits.folded import document
from kimi_lsp.edits.plan import EditPlan


def digest(plan: EditPlan) -> str:
    """Return a name for a plan; it tells nothing of the text to who does not have it."""
    contents = document(plan.text).contents
    said = []
    for edit in plan.edits:
        first, last = relied_on(edit)
        said.append([_plain(line) for line in contents[first:last]])
        said.append([_plain(line) for line in edit.new])
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(line: str) -> str:
    return " ".join(line.split())
