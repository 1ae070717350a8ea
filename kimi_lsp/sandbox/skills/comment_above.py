"""Documenting without a syntax tree: a comment above each header of a function or class that has none there."""

import re
from collections.abc import Mapping

from kimi_lsp.sandbox.document import Document
from kimi_lsp.sandbox.edit import LineChange
from kimi_lsp.sandbox.skills.outcome import Outcome

_BLOCK = "/** {} */"
_FORMS: Mapping[str, str] = {
    "c": "/* {} */", "cpp": _BLOCK, "go": "// {}", "java": _BLOCK, "javascript": _BLOCK, "javascriptreact": _BLOCK,
    "kotlin": _BLOCK, "php": _BLOCK, "ruby": "# {}", "rust": "/// {}", "shellscript": "# {}", "swift": "/// {}",
    "typescript": _BLOCK, "typescriptreact": _BLOCK,
}  # fmt: skip
_WORDS = "export|default|public|private|protected|static|async|abstract|override|final|pub|unsafe"
_HEADER = re.compile(
    rf"[ \t]*(?:(?:{_WORDS})(?:\([^)]*\))?[ \t]+)*"
    r"(?:(?:function\*?|func|fn|fun|def|sub|class|struct|interface|trait|enum)[ \t]+(?:\([^)]*\)[ \t]*)?(?P<name>[^\W\d][\w$]*)"
    r"|(?!if\b|for\b|while\b|switch\b|catch\b|return\b)(?P<method>[^\W\d][\w$]*)\([^()]*\)[^;{]*\{[ \t]*$)"
)
_COMMENT = re.compile(r"[ \t]*(?://|/\*|\*|#(?!!))")


def document(document: Document, selection: tuple[int, int] | None) -> Outcome:
    """Write a comment above what is selected, or above all that has none."""
    form = _FORMS.get(document.language)
    if form is None:
        return Outcome(f"It knows no comments of {document.language or 'unknown'} text.")
    low, high = selection or (document.first, document.first + len(document.lines) - 1)
    changes = []
    for row, line in enumerate(document.lines):
        found = _HEADER.match(line)
        bare = not row or not _COMMENT.match(document.lines[row - 1])
        if found and bare and low <= row + document.first <= high:
            name = found["name"] or found["method"]
            said = form.format(f"{name} (drafted by the sandbox from its name).")
            changes.append(LineChange(row, row, (document.indent(row) + said,)))
    if not changes:
        return Outcome("There is no function or class without a comment.")
    count = "a comment" if len(changes) == 1 else f"{len(changes)} comments"
    return Outcome(f"Wrote {count}.", tuple(changes))
