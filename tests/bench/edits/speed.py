"""How long a plan, a rebase and a streamed answer take. Times are of this machine; what they grow with is not."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import pairwise
from random import Random

from kimi_lsp.edits import AnswerReader, EditPlan, Proposal, Refusal, plan, rebase, rebase_text
from kimi_lsp.edits.folded import document
from kimi_lsp.text import Change, Span
from tests.bench.edits.documents import LANGUAGES
from tests.bench.edits.documents import document as lines_of
from tests.bench.edits.drafts import whole

LINES = 50_000
ANSWER = 120_000
"""Characters of the streamed answer, about."""
DELTAS = 30_000


def large(seed: int, rounds: int, size: int = LINES) -> Mapping[str, list[float]]:
    """Return the seconds of each round, for a document of so many lines: new (cold), or asked about before (warm)."""
    rng = Random(seed)
    made = lines_of(rng, LANGUAGES["Python"], size)
    # Each line with words is made the only one of its kind, so that every block has one place.
    lines = [f"{line}  # {at}" if line.strip() else line for at, line in enumerate(made)]
    text = whole(lines)
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        at = rng.choice([row for row in range(10, size - 10) if all(lines[row : row + 5])])
        block = lines[at : at + 5]
        edits = {
            "exact": _edit(block),
            "loose": _edit([line + " " for line in block]),
            "absent": _edit([line + "0" for line in block]),
        }
        for name, edit in edits.items():
            document.cache_clear()
            for state in ("cold", "warm"):
                _clock(taken, f"{name}, {state}", partial(plan, text, [edit]))
        changes = [Change(Span(0, 0), "# typed\n"), Change(Span(len(text) + 8, len(text) + 8), "# typed\n")]
        now = "# typed\n" + text + "# typed\n"
        ready = plan(text, [edits["exact"]])
        for name, way in {
            "log": partial(rebase, ready, changes, now),
            "texts": partial(rebase_text, ready, now),
        }.items():
            document.cache_clear()
            document(text).starts  # noqa: B018 - the text that was planned on is known
            _clock(taken, f"rebase by {name}, new text", way)
    return taken


def reader(rounds: int, answer: int = ANSWER, deltas: int = DELTAS) -> list[float]:
    """Return the seconds of processor time for an answer that comes in so many pieces."""
    edit = {"file": "a.py", "search": "    return 'a'\n" * 4, "replace": '    return "b"\n' * 4, "line": 7}
    count = answer // len(json.dumps(edit))
    text = json.dumps({"summary": "Many edits.", "edits": [edit] * count})
    cuts = [len(text) * at // deltas for at in range(deltas + 1)]
    pieces = [text[low:high] for low, high in pairwise(cuts)]
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        one = AnswerReader()
        found = sum(len(one.feed(piece)) for piece in pieces)
        one.finish()
        taken.append(time.process_time() - began)
        if found != count:
            raise RuntimeError(f"{found} of {count} edits were read")
    return taken


def _edit(lines: list[str]) -> Proposal:
    new = [*lines[:2], lines[2] + " changed", *lines[3:]]
    return Proposal(file="", search=whole(lines), replace=whole(new))


def _clock(taken: dict[str, list[float]], name: str, run: Callable[[], EditPlan]) -> None:
    began = time.process_time()
    with suppress(Refusal):
        run()
    taken.setdefault(name, []).append(time.process_time() - began)
