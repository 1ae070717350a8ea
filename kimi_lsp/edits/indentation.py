"""How the indentation of an answer's lines becomes the document's.

One rule is learnt from the lines that search and document share. Where several rules explain those lines and
would indent a new line differently, nothing is derived.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kimi_lsp.edits.folded import indent_of

Pair = tuple[str, str]
"""Indentation in the search, and of the same line in the document."""

_WIDTHS = (4, 2, 8, 3)
# Lines for a preprocessor, which begin at the margin anywhere.
_DIRECTIVE = re.compile(
    r"#\s*(?:if|ifdef|ifndef|elif|else|endif|define|undef|pragma|include|(?:end)?region|error)\b"
)

_Rule = Callable[[str, bool], str | None]


@dataclass(frozen=True, slots=True)
class Indentation:
    """What was learnt; made by `learn`."""

    same: bool
    """Whether search and document indent alike."""
    rules: tuple[_Rule, ...]

    def of(self, line: str, *, first: bool) -> str | None:
        """Return the indentation that a line of the replacement gets, or None where that is not clear.

        `first` tells that it is the replacement's first line.
        """
        indent = indent_of(line)
        if self.same:
            return indent
        if not line.strip():
            # Blanks before a form feed stand in the document as well, where no rule has seen them.
            return None if indent and line != indent else ""
        found = {rule(indent, first) for rule in self.rules}
        return found.pop() if len(found) == 1 else None


def learn(
    pairs: Sequence[Pair], search: Sequence[str], replace: Sequence[str], *, from_first: bool
) -> Indentation | None:
    """Learn from the lines that agree, in order; None where no one rule explains them all.

    `from_first` tells that the first pair belongs to the search's first line: models often drop the indentation
    of that line alone.
    """
    if all(ours == theirs for ours, theirs in pairs):
        return Indentation(True, ())
    rules = [
        rule
        for rule in (_added(pairs), _removed(pairs), _tabs(pairs), _spaces(pairs), _scaled(pairs))
        if rule
    ]
    if from_first and (stripped := _first_stripped(pairs, replace)):
        rules.append(stripped)
    if not rules:
        return None
    if _may_be_absolute(pairs, [line for line in replace if line.strip() and line not in search]):
        rules.append(lambda indent, _first: indent)
    return Indentation(False, tuple(rules))


def lost(search: Sequence[str], replace: Sequence[str]) -> bool:
    """Tell whether a replacement seems to have lost the indentation that its search has.

    It begins at the margin where the search begins deeper, keeps none of its lines, and is more than the same lines at
    another depth.
    """
    if not search[0].strip():
        return False
    old, new = ([line for line in side if line.strip()] for side in (search, replace))
    if not new or indent_of(new[0]) or _DIRECTIVE.match(new[0]) or not all(map(indent_of, old)):
        return False
    return not set(new) & set(old) and [line.strip() for line in new] != [line.strip() for line in old]


def _may_be_absolute(pairs: Sequence[Pair], new: Sequence[str]) -> bool:
    """Tell whether new lines may be indented as in the document already, although the search is not.

    One new line that is indented like a line of the search, or less than any of the document's, shows otherwise, and
    so does a line that has the same indentation on both sides.
    """
    if any(ours == theirs for ours, theirs in pairs):
        return False
    known = {ours for ours, _ in pairs}
    least = min((theirs for _, theirs in pairs), key=len)
    indents = {indent_of(line) for line in new}
    return bool(indents) and all(indent not in known and indent.startswith(least) for indent in indents)


def _added(pairs: Sequence[Pair]) -> _Rule | None:
    search, real = pairs[0]
    prefix = real.removesuffix(search) if real.endswith(search) else ""
    if not prefix or any(theirs != prefix + ours for ours, theirs in pairs):
        return None
    # Tabs after spaces, or the reverse, only where the document has that already.
    known = {indent for indent, _ in pairs}
    return lambda indent, _first: prefix + indent if indent in known or set(indent) <= set(prefix) else None


def _removed(pairs: Sequence[Pair]) -> _Rule | None:
    search, real = pairs[0]
    prefix = search.removesuffix(real) if search.endswith(real) else ""
    if not prefix or any(ours != prefix + theirs for ours, theirs in pairs):
        return None
    return lambda indent, _first: indent.removeprefix(prefix) if indent.startswith(prefix) else None


def _tabs(pairs: Sequence[Pair]) -> _Rule | None:
    """Spaces in the search are tabs in the document."""
    width = _tab_width([(theirs, ours) for ours, theirs in pairs])
    if not width:
        return None
    known = dict(pairs)
    certain = _shows_step([theirs for _, theirs in pairs])

    def rule(indent: str, _first: bool) -> str | None:
        if indent in known:
            return known[indent]
        count, rest = divmod(len(indent), width)
        return "\t" * count if certain and not rest and not indent.strip(" ") else None

    return rule


def _spaces(pairs: Sequence[Pair]) -> _Rule | None:
    """Tabs in the search are spaces in the document."""
    width = _tab_width(pairs)
    if not width:
        return None
    known = dict(pairs)
    certain = _shows_step([ours for ours, _ in pairs]) and width <= _WIDTHS[0]
    return lambda indent, _first: known.get(indent, indent.replace("\t", " " * width) if certain else None)


def _tab_width(pairs: Sequence[Pair]) -> int:
    """Return how many spaces a tab of the first is in the second, 0 where that does not explain the pairs."""
    widths = (w for w in _WIDTHS if all(spaces == tabs.replace("\t", " " * w) for tabs, spaces in pairs))
    return next(widths, 0)


def _shows_step(indents: Sequence[str]) -> bool:
    """Tell whether one step of indentation can be seen: a single tab, or two different depths."""
    depths = {indent.count("\t") for indent in indents} - {0}
    return 1 in depths or len(depths) > 1


def _scaled(pairs: Sequence[Pair]) -> _Rule | None:
    """Both indent with spaces, by steps of another width."""
    if any(ours.strip(" ") or theirs.strip(" ") for ours, theirs in pairs):
        return None
    old, new = next(((len(ours), len(theirs)) for ours, theirs in pairs if ours and theirs), (0, 0))
    if not old or any(len(ours) * new != len(theirs) * old for ours, theirs in pairs):
        return None

    def rule(indent: str, _first: bool) -> str | None:
        count, rest = divmod(len(indent) * new, old)
        return None if rest or indent.strip(" ") else " " * count

    return rule


def _first_stripped(pairs: Sequence[Pair], replace: Sequence[str]) -> _Rule | None:
    """Only the first line lost its indentation, in search and replacement alike."""
    search, prefix = pairs[0]
    if search or any(ours != theirs for ours, theirs in pairs[1:]):
        return None
    if len(pairs) == 1 and not all(line.startswith(prefix) for line in replace[1:] if line.strip()):
        return None
    if replace and indent_of(replace[0]):
        return None
    return lambda indent, first: prefix + indent if first else indent
