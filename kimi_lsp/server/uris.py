"""Files behind URIs. Light: no LSP types."""

import os
from pathlib import Path
from urllib.parse import unquote

from pygls.uris import to_fs_path

_CELL = "vscode-notebook-cell"


def name(uri: str) -> str:
    """Return the last part of a URI, as a person reads it."""
    return unquote(uri.rpartition("/")[2])


def path(uri: str) -> Path | None:
    """Return the file behind a URI, or None for a buffer that is not a file."""
    if not uri.startswith("file:"):
        return None
    try:
        name = to_fs_path(uri) or ""
        # What no file can be called is none.
        return Path(name) if os.fsencode(name) and "\0" not in name else None
    except ValueError:
        return None


def notebook(uri: str) -> Path | None:
    """Return the notebook's file behind a cell's URI as VS Code and its kin write it, or None for what is no cell."""
    scheme, _, rest = uri.partition(":")
    return path(f"file:{rest.partition('#')[0]}") if scheme == _CELL else None
