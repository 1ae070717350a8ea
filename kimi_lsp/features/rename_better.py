"""Give unclear names better ones, all their uses in the file and the words about them included.

An editor's own rename wants the new name from its user, and leaves comments and strings as they are.
"""

import re

from kimi_lsp.edits import Answer, Beyond
from kimi_lsp.edits.renaming import holds, is_name, only_renames
from kimi_lsp.features.asking import Asking, Wish
from kimi_lsp.features.outcome import Edited
from kimi_lsp.features.target import target
from kimi_lsp.features.turn import Judge
from kimi_lsp.project.half_renamed import half_renamed
from kimi_lsp.prompt import Target
from kimi_lsp.text import Snapshot, Span

_WORD = re.compile(r"[^\W\d]\w*")
_NAMES_ONLY = "the answer changes something else than names."


def renaming(asking: Asking) -> Wish:
    """Return whose names are to be better: one that is selected, else those of the part around. Raises NotSent."""
    snapshot = asking.source.snapshot
    name = _name(snapshot, asking.span)
    meant = target(asking.source, Span(asking.span.start, asking.span.start) if name else asking.span)
    words = f"`{name}`" if name and len(asking.span) else ""
    wish = "\n\n".join(part for part in (words, asking.instruction.strip()) if part)
    return Wish(meant, wish, label="Kimi: Better names", judge=_names_only(meant))


def _name(snapshot: Snapshot, span: Span) -> str:
    """Return the name that a span is, or nothing."""
    chosen = span.of(snapshot.text).strip()
    return chosen if _WORD.fullmatch(chosen) else ""


def _names_only(target: Target) -> Judge:
    def judge(edited: Edited, answer: Answer) -> None:
        before, after = edited.plan.text, edited.plan.apply()
        names = {one.old: one.new for one in answer.names}
        # Where a name is new, it may mean nothing yet.
        part = target.span.of(before) or before
        for new in names.values():
            if not is_name(new):
                raise Beyond(f"“{new}” cannot be a name.")
            if holds(part, new):
                raise Beyond(
                    f"the name {new} means something there already.",
                    f"{new} stands in the code already, so that another thing of that name would be mixed up with it. "
                    "Choose another name.",
                )
        if not only_renames(before, after, names):
            raise Beyond(
                _NAMES_ONLY,
                "Your edits change something else than whole words that your list of names has. Change these words only, "
                "everywhere in the lines that you replace, and name each in names.",
            )
        left = half_renamed(after, names) if target.snapshot.language == "python" else None
        if left is not None:
            raise Beyond(
                f"the answer leaves the name {left[0]} beside its new one (line {left[1]}).",
                f"After your edits {left[0]} is still used beside its new name, on line {left[1]} of the result. Change "
                "all its uses in the function, or none.",
            )

    return judge
