"""Files behind URIs. Light: no LSP types."""

from pathlib import Path

from pygls.uris import to_fs_path


def path(uri: str) -> Path | None:
    """Return the file behind a URI, or None for a buffer that is not a file."""
    if not uri.startswith("file:"):
        return None
    name = to_fs_path(uri)
    return Path(name) if name else None
