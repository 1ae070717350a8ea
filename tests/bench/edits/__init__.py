"""The room `edits` against made-up cases: what is applied, refused and destroyed, and how fast.

The other column is the plainest way: each search text must occur exactly once, and is replaced. Times are processor
time, which other programs on the machine do not lengthen.
"""

import statistics
from collections.abc import Iterator, Sequence

from tests.bench.edits import score, speed

SEED = 1
COUNT = 50
"""Cases of each kind."""
ROUNDS = 9


def table(seed: int = SEED, count: int = COUNT, rounds: int = ROUNDS) -> Iterator[str]:
    """Measure, and yield the rows."""
    made = list(score.cases(seed, count))
    ours, plain = score.run(score.ours, made), score.run(score.exact_unique, made)
    yield f"edits: {len(made)} made-up cases of {len(ours)} kinds, seed {seed}"
    yield f"{'':42}{'':6}{'correct/refused/corrupt':^26}{'exact-unique':^24}{'median ms':>10}{'p99':>8}"
    for kind, found in ours.items():
        yield _row(kind, found, plain[kind])
    yield _row("all", score.total(ours), score.total(plain))
    yield ""
    yield f"edits: a document of {speed.LINES:,} lines, {rounds} rounds"
    yield f"{'':30}{'median ms':>10}{'slowest':>9}"
    for name, taken in speed.large(seed, rounds).items():
        yield f"{name:30}{statistics.median(taken) * 1000:10.1f}{max(taken) * 1000:9.1f}"
    taken = speed.reader(rounds)
    yield ""
    yield (
        f"edits: reading an answer of {speed.ANSWER // 1000} kB in {speed.DELTAS:,} pieces takes "
        f"{statistics.median(taken) * 1000:.1f} ms of processor time (slowest {max(taken) * 1000:.1f})"
    )


def _row(name: str, ours: score.Score, plain: score.Score) -> str:
    counts = "".join(f"{found.correct:8}{found.refused:8}{found.corrupt:8}" for found in (ours, plain))
    middle, slow = statistics.median(ours.seconds), _percentile(ours.seconds, 0.99)
    return f"{name:42}{ours.cases:6}{counts}{middle * 1000:10.2f}{slow * 1000:8.2f}"


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
