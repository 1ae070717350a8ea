"""A stranger's words made safe to show: what a model, a service or a repository says must not steer what shows it.

Terminals obey control characters, bidirectional marks reorder what is read, some editors make `[text](command:…)` in
a plain message a link that runs something, and a picture in Markdown is fetched by whoever shows it.
Nothing that lands in a document comes through here.
"""

import re
import unicodedata

_SHOWN = frozenset("\n\t\u200c\u200d\ufeff")
"""Kept although not printable: ends of line, tabs, what joins letters and emoji, and a file's byte order mark."""


def visible(text: str) -> str:
    r"""Return a text with its control, direction and other invisible characters written out, for example `\x1b`.

    Ends of line and all blanks stay, so that a diff can still be applied.
    """
    return "\r\n".join(
        "".join(char if _is_shown(char) else _escaped(char) for char in line) for line in text.split("\r\n")
    )


def message(text: str) -> str:
    """Return a text for a plain message, a progress or a label: visible, and without links."""
    return visible(text).replace("](", "] (")


def markdown(text: str) -> str:
    """Return Markdown in which nothing is fetched by showing it, and no link does more than open a web page.

    Whether a piece is code is not asked: what is taken apart is no code in any language, and shows where it stood.
    Links and pictures lose their sense by one blank; what they said stays readable.
    """
    blocks = re.split(r"(\n[ \t]*\n)", visible(text))
    pictures = "![" in text
    return "".join(_block(block, pictures) for block in blocks)


_WEB = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//|.*[&\\]", re.IGNORECASE | re.DOTALL)
"""Also what holds a reference such as `&colon;`, or a backslash: a reader could make a scheme of it."""
_ELSEWHERE = re.compile(r":|//|&")
_INLINE = re.compile(r"\]\((?=[\s>]*<?(?P<to>[^\s>)]*))")
_DEFINITION = re.compile(r"\]:(?=[\s>]*<?(?P<to>[^\s>]+))")
_AUTOLINK = re.compile(
    r"<(?=(?:command|data|file|javascript|vbscript|vscode[\w-]*|cursor|windsurf):)", re.IGNORECASE
)
_TAG = re.compile(
    r"<(?=(?:a|area|audio|base|button|embed|form|frame|iframe|image|img|input|link|meta|object|picture|script|source"
    r"|style|svg|track|use|video)\b(?P<rest>(?:[^>\"']|\"[^\"]*\"|'[^']*')*(?:[\"'].*)?))",
    re.IGNORECASE | re.DOTALL,
)


def _block(block: str, pictures: bool) -> str:
    """Take links apart within one block; a picture never reaches over a blank line."""
    drawn = "![" in block
    block = _INLINE.sub(lambda match: "] (" if _is_unsafe(match["to"], drawn) else match[0], block)
    block = _DEFINITION.sub(lambda match: "] :" if _is_unsafe(match["to"], pictures) else match[0], block)
    block = _AUTOLINK.sub("< ", block)
    return _TAG.sub(lambda match: "< " if _ELSEWHERE.search(match["rest"]) else match[0], block)


def _is_unsafe(target: str, pictures: bool) -> bool:
    """Tell whether a link's target is more than a web page, or would be fetched, as Markdown's readers decode it."""
    if _SCHEME.match(target) is None:
        return False
    return pictures or _WEB.match(target) is None


def _is_shown(char: str) -> bool:
    return char.isprintable() or char in _SHOWN or unicodedata.category(char) == "Zs"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
