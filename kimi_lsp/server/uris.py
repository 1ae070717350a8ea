"""Files behind URIs. Light: no LSP types."""

import os
from pathlib import Path
from urllib.parse import unquote

from pygls.uris import to_fs_path


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
