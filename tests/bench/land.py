"""Landing: from the last byte that the model writes to `workspace/applyEdit` on the wire, in milliseconds.

The model is one that says a given answer, so that nothing but the way from the answer to the editor is measured.
"""

import json
import statistics
from collections.abc import Iterator, Sequence

from tests.bench.figures import ROUNDS, python_text
from tests.bench.paced_model import paced_model
from tests.bench.servers import KIMI, session

LINES = (100, 1_000, 10_000)
THOUGHTS = 1_000
RATE = 1_000.0
"""Deltas a second, so the model thinks for a second; Kimi takes ten times that and more."""


def table(rounds: int = ROUNDS, lines: Sequence[int] = LINES) -> Iterator[str]:
    """Measure, and yield the rows."""
    yield f"land: ms from the model's last byte to workspace/applyEdit, {rounds} fixes"
    yield f"{'lines':34}{'median':>9}{'slowest':>9}"
    for length in lines:
        taken = landings(rounds, length)
        yield f"{length:<34,}{statistics.median(taken):9.1f}{max(taken):9.1f}"


def landings(rounds: int, lines: int) -> list[float]:
    """Return the milliseconds of each of some fixes of one document."""
    text = python_text(lines)
    row = lines // 2 // 10 * 10 + 7
    below = text.split("\n")[row - 2 : row + 1]
    edit = {
        "file": "land.py",
        "search": "\n".join(below),
        "replace": "\n".join([*below[:2], below[2] + " + 1"]),
    }
    answer = json.dumps({"summary": "Adds one.", "edits": [{**edit, "line": row - 1}]})
    place = {"start": {"line": row, "character": 0}, "end": {"line": row, "character": len(below[2])}}
    problem = {"range": place, "severity": 1, "source": "bench", "message": "one is missing"}
    taken: list[float] = []
    with paced_model(answer, THOUGHTS, RATE) as model, session(KIMI, model.environ) as running:
        uri = running.open("land.py", text)
        argument = {"uri": uri, "range": place, "diagnostics": [problem]}
        for number in range(rounds):
            asked = running.client.request(
                "workspace/executeCommand", {"command": "kimi.fix", "arguments": [argument]}
            )
            landed = running.client.heard("workspace/applyEdit", number + 1)
            taken.append((landed.at - model.ended()) * 1000)
            # The editor tells of the edit, and once all is done the user takes it back.
            running.change(uri, 2 * number + 2, text.replace(below[2], below[2] + " + 1"))
            running.client.wait(asked)
            running.change(uri, 2 * number + 3, text)
    return taken
