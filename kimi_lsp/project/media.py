"""Pictures and films of the workspace, read for a request.

Only what lies inside a root once links are followed, is not ignored, is a regular file within the limits, and is by
its name and by its first bytes the same one of the formats that the model takes. Vector drawings are refused: the
rasterisers that are light enough open the files that a drawing names, and can be made to end the process.
"""

import os
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kimi_lsp.conversation import Image, Media, Video
from kimi_lsp.conversation.media import readable
from kimi_lsp.project.file_problem import (
    FileProblem,
    MediaTooLarge,
    Misnamed,
    Missing,
    NoAccess,
    NotAFile,
    NotMedia,
    OutsideRoots,
    TooMuchMedia,
    Withheld,
)
from kimi_lsp.project.files import inside, relative_path
from kimi_lsp.project.ignore import is_ignored

MOST_IMAGE_BYTES = 10 * 1024 * 1024
"""A screenshot of a 4K display comes to about half of that as a PNG; photographs beyond are exported smaller."""
MOST_VIDEO_BYTES = 50 * 1024 * 1024
"""About two minutes of a screen recording."""
MOST_BYTES_TOGETHER = 64 * 1024 * 1024
"""In base64 a third more, 86 MiB: below 100 MB, where services and the proxies before them commonly stop reading."""
MOST_FILES = 8
"""Of one request."""


def find_media(written: str, folders: Sequence[Path]) -> Path | None:
    """Return the first file that a path, as a person wrote it, leads to from one of the folders, or None."""
    spellings = dict.fromkeys((written, written.replace("\\", "/"), written.replace("\\", "/").lstrip("/")))
    candidates = [folder / spelling for spelling in spellings for folder in folders]
    return next((path for path in candidates if os.path.exists(path)), None)


def read_media(
    paths: Sequence[Path],
    roots: Sequence[Path],
    exclude: Sequence[str] = (),
    doubtful: Collection[Path] = (),
) -> tuple[Media, ...]:
    """Read pictures and films, each once; `exclude` are globs as `ignore` takes them.

    Reading may take a second: keep it off the event loop. Raises a FileProblem for the first that may not be sent or
    cannot be read; the doubtful ones are left out then.
    """
    once = dict.fromkeys(paths)
    found: list[Media] = []
    room = MOST_BYTES_TOGETHER
    for path in once:
        try:
            one = _read(path, roots, exclude, room)
        except FileProblem:
            if path in doubtful:
                continue
            raise
        found.append(one)
        room -= one.size
        if len(found) > MOST_FILES:
            raise TooMuchMedia(f"{MOST_FILES} pictures and films")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Format:
    name: str
    kind: type[Image] | type[Video]
    media_type: str
    family: str = ""
    """Formats of one family are one container, and their suffixes are used for each other."""


_PNG = _Format("a PNG picture", Image, "image/png")
_JPEG = _Format("a JPEG picture", Image, "image/jpeg")
_GIF = _Format("a GIF picture", Image, "image/gif")
_WEBP = _Format("a WebP picture", Image, "image/webp")
_MP4 = _Format("an MP4 film", Video, "video/mp4", "iso")
_MOV = _Format("a MOV film", Video, "video/quicktime", "iso")
_WEBM = _Format("a WebM film", Video, "video/webm")
_MPEG = _Format("an MPEG film", Video, "video/mpeg")

_BY_SUFFIX: Mapping[str, _Format] = {
    ".png": _PNG, ".jpg": _JPEG, ".jpeg": _JPEG, ".gif": _GIF, ".webp": _WEBP,
    ".mp4": _MP4, ".m4v": _MP4, ".mov": _MOV, ".webm": _WEBM, ".mpeg": _MPEG, ".mpg": _MPEG,
}  # fmt: skip
_TAKEN = "it takes PNG, JPEG, WebP and GIF pictures, and MP4, MOV, WebM and MPEG films"
_DRAWING = "it sees pictures, no vector drawings; export this one as a PNG and name that"

_HEAD = 64
"""Bytes at the start in which each format shows itself."""
_NOT_FILMS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"M4A ", b"M4B ", b"crx ")
"""Brands of the MP4 container that are pictures or sound."""
_OLD_MOV = (b"moov", b"mdat", b"wide", b"free")
"""What a QuickTime film from before brands begins with."""


def _read(path: Path, roots: Sequence[Path], exclude: Sequence[str], room: int) -> Media:
    real = _real(path)
    root = inside(real, roots)
    if root is None:
        raise OutsideRoots(path)
    reason = is_ignored(path, root, exclude)
    if reason:
        raise Withheld(reason)
    named = _named(path)
    data = _bytes(path, real, MOST_IMAGE_BYTES if named.kind is Image else MOST_VIDEO_BYTES, room)
    form = _form(data[:_HEAD])
    if form is None or (form is not named and not (form.family and form.family == named.family)):
        raise Misnamed(path, named.name, form.name if form else None)
    return Media(relative_path(path, (root,)), form.kind(form.media_type, data))


def _real(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except PermissionError as error:
        raise NoAccess(path, error) from error
    except (OSError, RuntimeError, ValueError):
        # RuntimeError: a link that leads back to itself; ValueError: a name that no system takes.
        raise Missing(path) from None


def _named(path: Path) -> _Format:
    suffix = path.suffix.lower()
    if suffix in (".svg", ".svgz"):
        raise NotMedia(path, _DRAWING)
    if suffix not in _BY_SUFFIX:
        raise NotMedia(path, _TAKEN)
    return _BY_SUFFIX[suffix]


def _bytes(path: Path, real: Path, limit: int, room: int) -> bytes:
    try:
        # Opening a pipe or a device can block or have effects, so it is looked at before, and again once open.
        if not stat.S_ISREG(os.stat(real, follow_symlinks=False).st_mode):
            raise NotAFile(path)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(real, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise NotAFile(path)
            size = status.st_size
            data = file.read(min(limit, room) + 1) if size <= min(limit, room) else b""
    except FileNotFoundError:
        raise Missing(path) from None
    except OSError as error:
        raise NoAccess(path, error) from error
    size = max(size, len(data))
    if size > limit:
        raise MediaTooLarge(path, readable(size), readable(limit))
    if size > room:
        raise TooMuchMedia(f"{readable(MOST_BYTES_TOGETHER)} of pictures and films")
    return data


def _form(head: bytes) -> _Format | None:
    """Tell a format by a file's first bytes, or None where it is none that the model takes."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if head.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _WEBP
    if head.startswith(b"\x1aE\xdf\xa3"):
        # The same container with another name in it is Matroska.
        return _WEBM if b"webm" in head else None
    if head.startswith((b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")):
        return _MPEG
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return None if brand in _NOT_FILMS else _MOV if brand == b"qt  " else _MP4
    return _MOV if head[4:8] in _OLD_MOV else None
