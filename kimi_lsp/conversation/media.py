"""A picture or a film with the name that it goes by, so that a text beside it can say which is which."""

from dataclasses import dataclass
from typing import Literal

from kimi_lsp.conversation.turns import Image, Video

_KIB = 1024


@dataclass(frozen=True, slots=True)
class Media:
    """One picture or film of a request."""

    path: str
    """As shown to the model: relative to its root, with `/`."""
    part: Image | Video

    @property
    def kind(self) -> Literal["image", "video"]:
        """Which of the two it is."""
        return "image" if isinstance(self.part, Image) else "video"

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.part.data)

    def sentence(self) -> str:
        """Return what a person is told of it, for example `mockups/form.png (118 KiB)`."""
        return f"{self.path} ({readable(self.size)})"


def readable(size: int) -> str:
    """Return a number of bytes as a person reads it: whole KiB below a MiB, tenths of a MiB above."""
    return f"{size / _KIB**2:.1f} MiB" if size >= _KIB**2 else f"{-(-size // _KIB)} KiB"
