"""A commit's message: which files change, and by how many lines. What the change is for, no rule can tell."""

import re

from kimi_lsp.sandbox.document import Document

_FILE = re.compile(r"diff --git a/.* b/(.*)\Z")


def tell(document: Document) -> str:
    """Return a message on a diff."""
    names = [found[1] for line in document.lines if (found := _FILE.match(line))]
    added = sum(line.startswith("+") and not line.startswith("+++ ") for line in document.lines)
    removed = sum(line.startswith("-") and not line.startswith("--- ") for line in document.lines)
    first = names[0] if names else "nothing"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    counted = f"{added} lines come and {removed} go."
    return f"Change {first}{more} (sandbox)\n\n{counted}\nWritten by the kimi-lsp sandbox, which is not the model.\n"
