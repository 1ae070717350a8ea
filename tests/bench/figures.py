"""What the tables have in common: medians and percentiles, rows, and servers that take turns."""

import statistics
from collections.abc import Callable, Mapping, Sequence

from tests.bench.servers import Server

ROUNDS = 5


def in_turns(
    servers: Sequence[Server], rounds: int, once: Callable[[Server], Sequence[float]], warm: int = 0
) -> dict[str, list[Sequence[float]]]:
    """Return what each server gave in each round; they take turns, so that a busy moment meets all of them alike.

    Rounds that only warm up the caches of files and bytecode come first and are left out. A server that is not
    installed has no figures.
    """
    found: dict[str, list[Sequence[float]]] = {server.name: [] for server in servers}
    for number in range(rounds + warm):
        for server in servers:
            if server.installed:
                figures = once(server)
                if number >= warm:
                    found[server.name].append(figures)
    return found


def medians(figures: Mapping[str, Sequence[Sequence[float]]]) -> dict[str, list[float]]:
    """Return the median of each column for each server; empty for one without figures."""
    return {
        name: [statistics.median(column) for column in zip(*rows, strict=True)]
        for name, rows in figures.items()
    }


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of all, 0 to 1, does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def row(name: str, figures: Sequence[float], form: str, floor: Sequence[float] = ()) -> str:
    """Return a line: each figure in a form, with its ratio to the floor's where there is one."""
    if not figures:
        return f"{name:34}  not installed"
    ratios = (
        [f"{own / least:7.2f}x" for own, least in zip(figures, floor, strict=True)]
        if floor
        else [""] * len(figures)
    )
    cells = [f"{figure:{form}}{ratio}" for figure, ratio in zip(figures, ratios, strict=True)]
    return f"{name:34}{''.join(cells)}"


def python_text(lines: int) -> str:
    """Return functions that differ, as many lines as asked for."""
    made: list[str] = []
    number = 0
    while len(made) < lines:
        made += [
            f"def function_{number}(alpha, beta, gamma=None):",
            f'    """Tell what function {number} is about."""',
            f"    total = alpha * {number} + beta",
            "    for item in range(10):",
            "        if item % 2 == 0:",
            "            total += item * 3",
            "    if gamma is None:",
            f"        gamma = total - {number}",
            "    return total + gamma",
            "",
        ]
        number += 1
    return "\n".join(made[:lines]) + "\n"
