"""A unified diff, for people to read. Nothing is ever applied from it."""

import difflib
from collections.abc import Iterator

from kimi_lsp.text.compare import Gap, gaps
from kimi_lsp.text.lines import split

_SMALL = 100
"""Lines on either side up to which a gap is compared more finely; difflib's cost is at worst cubic."""


def unified(before: str, after: str, path: str, *, context: int = 3) -> str:
    """Return what changed as a unified diff with `a/` and `b/` names; empty where nothing did."""
    if before == after:
        return ""
    old, new = split(before), split(after)
    out = [f"--- a/{path}\n", f"+++ b/{path}\n"]
    for group in _groups([fine for gap in gaps(old, new) for fine in _refine(old, new, gap)], context):
        first, last = group[0], group[-1]
        lead = min(context, first.i)
        trail = min(context, len(old) - last.j)
        old_range = _range(first.i - lead, last.j + trail)
        new_range = _range(first.k - lead, last.m + trail)
        out.append(f"@@ -{old_range} +{new_range} @@\n")
        at = first.i - lead
        for gap in group:
            out += [_row(" ", line) for line in old[at : gap.i]]
            out += [_row("-", line) for line in old[gap.i : gap.j]]
            out += [_row("+", line) for line in new[gap.k : gap.m]]
            at = gap.j
        out += [_row(" ", line) for line in old[at : at + trail]]
    return "".join(out)


def _groups(found: list[Gap], context: int) -> Iterator[list[Gap]]:
    """Put gaps together that have no more than twice the context between them."""
    group: list[Gap] = []
    for gap in found:
        if group and gap.i - group[-1].j > 2 * context:
            yield group
            group = []
        group.append(gap)
    if group:
        yield group


def _refine(old: list[str], new: list[str], gap: Gap) -> list[Gap]:
    if not 1 < max(gap.j - gap.i, gap.m - gap.k) <= _SMALL:
        return [gap]
    matcher = difflib.SequenceMatcher(None, old[gap.i : gap.j], new[gap.k : gap.m], autojunk=False)
    return [
        Gap(gap.i + i, gap.i + j, gap.k + k, gap.k + m)
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]


def _range(start: int, stop: int) -> str:
    length = stop - start
    if length == 1:
        return f"{start + 1}"
    return f"{start + 1 if length else start},{length}"


def _row(mark: str, line: str) -> str:
    if line.endswith(("\n", "\r")):
        return mark + line
    return f"{mark}{line}\n\\ No newline at end of file\n"
