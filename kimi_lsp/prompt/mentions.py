"""Pictures and films that a text refers to. Pure: whether such a file is there, others find out.

The search is linear in the text. What stands in backquotes may be a name only, so it is not taken as surely meant;
addresses on the web are nobody's files.
"""

import re
from dataclasses import dataclass

MOST_MENTIONS = 8
_LONGEST = 300
"""Characters of a path; what is longer is none that a person wrote."""

_SUFFIX = r"\.(?i:png|jpe?g|gif|webp|svgz?|bmp|tiff?|heic|avif|mp4|m4v|mov|webm|mpe?g|mkv|avi)"
"""Of what the model takes, and of what it does not, so that a reader hears why."""
_PATTERN = re.compile(
    # An address is passed over as a whole, so that no part of it looks like a path.
    rf"(?<![\w.+-])(?:[A-Za-z][A-Za-z0-9+.-]{{1,20}}://|data:)[^\s]*"
    rf"|!\[[^\]\n]{{0,{_LONGEST}}}\]\([ \t]*<?(?P<linked>[^()<>\n\"']{{1,{_LONGEST}}}?{_SUFFIX})>?(?=[ \t)])"
    rf"|(?<!\w)(?P<quote>[\"'])(?P<quoted>[^\s\"'`][^\"'`\n]{{0,{_LONGEST}}}?{_SUFFIX})(?P=quote)"
    rf"|(?<!\w)`(?P<code>[^\s\"'`][^\"'`\n]{{0,{_LONGEST}}}?{_SUFFIX})`"
    r"|(?P<bare>[^\s\"'`<>()\[\]{}|,;“”‘’«»]+)"
)
_BARE = re.compile(rf".*[\w)~-]{_SUFFIX}\Z")
_UNLIKELY = re.compile(r"[*?\x00-\x1f]|://|\A\w+:(?!\\|/)")
"""Globs, control characters, addresses; and `word:path` without a blank, which is no path, while `C:/` is one."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A path as it is written in a text."""

    path: str
    sure: bool = True
    """Whether it is surely meant as a file to look at; in backquotes it may be a name."""


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the pictures and films that a text refers to: in order, each once, at most eight.

    Paths stand in quotes, where they may hold blanks, or bare, in backquotes, or as an image of Markdown.
    """
    found: dict[str, Mention] = {}
    for match in _PATTERN.finditer(text):
        one = _mention(match)
        if one is not None and (one.path not in found or one.sure):
            found[one.path] = one
        if len(found) == MOST_MENTIONS:
            break
    return tuple(found.values())


def _mention(match: re.Match[str]) -> Mention | None:
    if match["bare"]:
        path = match["bare"].rstrip(".:!?…").removeprefix("@")
        path = path if _BARE.match(path) else ""
    else:
        path = match["linked"] or match["quoted"] or match["code"] or ""
    if not path or len(path) > _LONGEST or _UNLIKELY.search(path):
        return None
    return Mention(path, sure=not match["code"])
