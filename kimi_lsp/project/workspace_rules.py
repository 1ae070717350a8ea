"""What the settings file of a workspace may set: only what makes things quieter or smaller.

A workspace comes from strangers: whatever is not listed here is reported and not obeyed.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kimi_lsp.project.around.width import WIDTHS


def _smaller(old: float | None, new: float | None) -> bool:
    return old is None or (new is not None and new <= old)


_LOUDNESS = ("off", "invoked", "diagnosticsAndSelection")
MAY_SET: Mapping[str, Callable[[Any, Any], bool]] = {
    "max_tokens": lambda old, new: new <= old,
    "context_tokens": lambda old, new: new <= old,
    "context": lambda old, new: WIDTHS.index(new) <= WIDTHS.index(old),
    "web_search": lambda old, new: old or not new,
    "tools": lambda old, new: old or not new,
    "budget_request": _smaller,
    "budget_day": _smaller,
    "budget_month": _smaller,
    "code_actions": lambda old, new: _LOUDNESS.index(new) <= _LOUDNESS.index(old),
    "preview": lambda old, new: new in {"always", old},
    "suggestions": lambda old, new: new in {"hints", old},
    "review_on_save": lambda old, new: old or not new,
    "exclude": lambda old, new: True,
}
"""What a workspace may set, and whether it may set it from one value to another."""
SAYS: Mapping[str, str] = {
    "max_tokens": "lower",
    "context_tokens": "lower",
    "context": "narrower",
    "web_search": "`false`",
    "tools": "`false`",
    "budget_request": "lower",
    "budget_day": "lower",
    "budget_month": "lower",
    "code_actions": "quieter",
    "preview": "`always`",
    "suggestions": "`hints`",
    "review_on_save": "`false`",
    "exclude": "more",
    "actions": "where you trust it",
}


def more_excluded(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return the globs of the layers below with those of a workspace, and whether all of these could be taken.

    The last one that fits a file decides, so that one with a `!` could undo what the user keeps back.
    """
    taken = tuple(one for one in new if not (old and one.startswith("!")))
    return (*old, *taken), taken == new


def is_trusted(root: Path, trusted: Sequence[str]) -> bool:
    """Tell whether a workspace lies in a folder that the user trusts; a link does not make it so, nor a relative path."""
    folders = (os.path.expanduser(one) for one in trusted)
    real = os.path.realpath(root)
    return any(os.path.isabs(one) and Path(real).is_relative_to(os.path.realpath(one)) for one in folders)
