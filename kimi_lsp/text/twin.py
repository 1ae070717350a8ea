"""Names that are one where case or composed accents do not count, as on the usual disks of macOS and Windows."""

import unicodedata


def twin(name: str) -> str:
    """Return what a name has in common with all that such a disk takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
