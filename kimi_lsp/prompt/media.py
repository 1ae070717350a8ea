"""How a text says which picture or film is which, and what they count."""

from collections.abc import Sequence

from kimi_lsp.conversation import Media, Message, Request
from kimi_lsp.conversation.estimate import request_tokens

Section = tuple[str, tuple[tuple[str, str], ...], str]


def media_sections(media: Sequence[Media]) -> list[Section]:
    """Return a section for each picture or film, in the order in which they follow the text."""
    return [
        (
            one.kind,
            (("path", one.path), ("type", one.part.media_type)),
            f"Number {number} of what follows this text.",
        )
        for number, one in enumerate(media, start=1)
    ]


def media_tokens(media: Sequence[Media]) -> int:
    """Return a guess of what they come to, in tokens; nobody publishes what a film counts."""
    return request_tokens(Request((Message("user", tuple(one.part for one in media)),)))
