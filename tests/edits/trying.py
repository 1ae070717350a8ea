"""One edit of one text, tried: the text that comes out, or the refusal."""

import pytest

from kimi_lsp.edits import Refusal, apply


def refused(text: str, search: str, replace: str, *, line: int | None = None) -> type[Refusal]:
    """Return which refusal an edit meets; that it is made is a failure."""
    with pytest.raises(Refusal) as caught:
        apply(text, [{"search": search, "replace": replace, "line": line}])
    assert isinstance(caught.value.__cause__, Refusal)
    return type(caught.value.__cause__)


def made(text: str, search: str, replace: str, *, line: int | None = None) -> str:
    """Return the text after an edit; a refusal is a failure."""
    return apply(text, [{"search": search, "replace": replace, "line": line}])
