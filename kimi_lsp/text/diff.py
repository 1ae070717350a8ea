"""A unified diff, for people to read. Nothing is ever applied from it."""

import difflib

from kimi_lsp.text.lines import split


def unified(before: str, after: str, path: str, *, context: int = 3) -> str:
    """Return what changed as a unified diff with `a/` and `b/` names; empty where nothing did.

    The common head and tail are set aside first, so that the cost follows the size of the change.
    """
    if before == after:
        return ""
    old, new = split(before), split(after)
    head = _same(old, new)
    tail = min(_same(old[::-1], new[::-1]), min(len(old), len(new)) - head)
    keep = max(0, head - context)
    old_part = old[keep : len(old) - max(0, tail - context)]
    new_part = new[keep : len(new) - max(0, tail - context)]
    out = [f"--- a/{path}\n", f"+++ b/{path}\n"]
    for group in difflib.SequenceMatcher(None, old_part, new_part, autojunk=False).get_grouped_opcodes(
        context
    ):
        first, last = group[0], group[-1]
        old_range = _range(keep + first[1], last[2] - first[1])
        new_range = _range(keep + first[3], last[4] - first[3])
        out.append(f"@@ -{old_range} +{new_range} @@\n")
        for tag, i, j, k, m in group:
            if tag == "equal":
                out += [_row(" ", line) for line in old_part[i:j]]
            else:
                out += [_row("-", line) for line in old_part[i:j]]
                out += [_row("+", line) for line in new_part[k:m]]
    return "".join(out)


def _same(one: list[str], two: list[str]) -> int:
    return next(
        (index for index, pair in enumerate(zip(one, two, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(two)),
    )


def _range(start: int, length: int) -> str:
    if length == 1:
        return f"{start + 1}"
    return f"{start + 1 if length else start},{length}"


def _row(mark: str, line: str) -> str:
    if line.endswith(("\n", "\r")):
        return mark + line
    return f"{mark}{line}\n\\ No newline at end of file\n"
