"""Images and videos: what may be sent, and what their first bytes say of them. Nothing is fetched and nothing decoded."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["image", "video"]
Size = tuple[int, int]

LARGEST = 20 * 1024 * 1024
"""Bytes of one image or video. The model card gives no limit; this one is the sandbox's own."""
_TYPES: Mapping[Kind, tuple[str, ...]] = {
    "image": ("image/png", "image/jpeg", "image/gif", "image/webp"),
    "video": (
        "video/mp4",
        "video/mpeg",
        "video/webm",
        "video/quicktime",
        "video/x-msvideo",
        "video/x-matroska",
    ),
}
_REMOTE = ("https://", "http://", "ms://", "bunny://")
_DATA_URL = re.compile(r"data:(?P<type>[a-z]+/[a-z0-9.+-]+);base64,(?P<data>.*)", re.DOTALL)


class Unusable(ValueError):
    """An image or a video that is not taken; `str(error)` is the reason."""


@dataclass(frozen=True, slots=True)
class Media:
    """One image or video."""

    kind: Kind
    media_type: str = ""
    bytes: int = 0
    size: Size | None = None
    """Width and height in pixels, where the header shows them."""
    address: str = ""
    """Of one that was only pointed at."""
    digest: str = ""
    """Tells one from another."""
    name: str = ""
    """The file's path, where the message names it."""

    def __str__(self) -> str:
        """Describe it, for example `form.png, an image, PNG, 640x480, 12,034 bytes`."""
        article = "an image" if self.kind == "image" else "a video"
        article = f"{self.name}, {article}" if self.name else article
        if self.address:
            return f"{article} at an address, which the sandbox does not fetch"
        facts = [article, self.media_type.partition("/")[2].removeprefix("x-").upper()]
        facts += [f"{self.size[0]}x{self.size[1]}"] if self.size else []
        return ", ".join([*facts, f"{self.bytes:,} bytes"])


def from_address(kind: Kind, address: object) -> Media:
    """Read a data URL, or take note of another address. Raises Unusable."""
    if not isinstance(address, str):
        raise Unusable("is without a usable url")
    if address.startswith(_REMOTE):
        return Media(kind, address=address, digest=address)
    match = _DATA_URL.fullmatch(address)
    if match is None:
        raise Unusable("is without a usable url")
    return from_base64(kind, match["type"], match["data"])


def from_base64(kind: Kind, media_type: object, data: object) -> Media:
    """Read an image or a video that was sent whole. Raises Unusable."""
    if media_type not in _TYPES[kind] or not isinstance(media_type, str):
        raise Unusable(f"is of the unsupported type {media_type}; use {', '.join(_TYPES[kind])}")
    try:
        content = base64.b64decode(data if isinstance(data, str) else "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unusable("is not valid base64") from error
    if not content:
        raise Unusable("is empty")
    if len(content) > LARGEST:
        raise Unusable(f"is larger than {LARGEST:,} bytes")
    size = None
    if kind == "image":
        size = _HEADERS[media_type](content)
        if size is None:
            raise Unusable(f"cannot be read as {media_type}")
    return Media(kind, media_type, len(content), size, digest=hashlib.sha256(content).hexdigest())


def _png(data: bytes) -> Size | None:
    if len(data) < 24 or not data.startswith(b"\x89PNG\r\n\x1a\n") or data[12:16] != b"IHDR":
        return None
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _gif(data: bytes) -> Size | None:
    if len(data) < 10 or not data.startswith((b"GIF87a", b"GIF89a")):
        return None
    return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")


def _jpeg(data: bytes) -> Size | None:
    at = 2
    while data.startswith(b"\xff\xd8") and at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        # Frame headers are C0 to CF, but for three other segments among them.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4])
    return None


def _webp(data: bytes) -> Size | None:
    if len(data) < 30 or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    if data[12:16] == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if data[12:16] == b"VP8 ":
        width, height = int.from_bytes(data[26:28], "little"), int.from_bytes(data[28:30], "little")
        return width & 0x3FFF, height & 0x3FFF
    return None


_HEADERS: Mapping[str, Callable[[bytes], Size | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
}
