"""What the model is shown: of the definitions that a function uses, how many are in the prompt, and how much else is.

A real package's sources are the workspace; what its functions use is found by `uses`, which shares nothing with us.
"""

import importlib.util
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from kimi_lsp import features
from kimi_lsp.features import Asking, Source, Wanted
from kimi_lsp.project.around.width import Width
from kimi_lsp.prompt import Prompt, TooLarge, estimate
from kimi_lsp.text import Snapshot, split
from tests.bench.figures import percentile
from tests.bench.uses import Definition, Function, Package

PACKAGES = ("httpx", "pydantic")
BUDGETS = (4_000, 16_000, 64_000)
FUNCTIONS = 200
_SECTION = re.compile(r"(?ms)^<((\w+)(?:-\d+)?)((?: [a-z-]+=\"[^\"\n]*\")*)>\n(.*?)^</\1>$")
_ROWS = re.compile(r"(\d+)-(\d+)")


@dataclass(frozen=True)
class Figures:
    """What one prompt came to."""

    recall: float
    whole: float
    """The share of them that is shown to the last line."""
    tokens: int
    unrelated: int
    """Tokens beside the document that belong to nothing that the function uses."""
    milliseconds: float


def table(
    packages: Sequence[str] = PACKAGES, budgets: Sequence[int] = BUDGETS, functions: int = FUNCTIONS
) -> Iterator[str]:
    """Measure, and yield the rows; `again` is for the same place, `stable` and `least` for two places of one file."""
    yield f"context: of the definitions that {functions} functions use, the share that is in the prompt"
    yield f"{'workspace, tokens allowed':34}{'recall':>8}{'whole':>8}{'tokens':>9}{'unrelated':>11}{'again':>8}{'stable':>8}{'least':>8}{'ms':>7}{'p95':>7}"
    for package in packages:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            copied(package, root)
            chosen = sampled(list(Package(root, package).functions()), functions)
            for budget in budgets:
                yield row(f"{package}, {budget:,}", root, chosen, budget, "definitions")
                yield row("  the file alone", root, chosen, budget, "file")


def row(name: str, root: Path, functions: Sequence[Function], budget: int, width: Width) -> str:
    found = [measured(root, one, budget, width) for one in functions]
    again = [stability(root, one, one, budget, width) for one in functions]
    ordered = sorted(functions, key=lambda one: (one.path, one.first))
    pairs = [pair for pair in pairwise(ordered) if pair[0].path == pair[1].path]
    stable = [stability(root, *pair, budget, width) for pair in pairs]
    times = [one.milliseconds for one in found]
    mean = statistics.mean
    return (
        f"{name:34}{mean(one.recall for one in found):8.3f}{mean(one.whole for one in found):8.3f}"
        f"{mean(one.tokens for one in found):9,.0f}{mean(one.unrelated for one in found):11,.0f}"
        f"{_mean(again):8.3f}{_mean(stable):8.3f}{_least(stable):8.3f}{statistics.median(times):7.0f}{percentile(times, 0.95):7.0f}"
    )


def copied(package: str, root: Path) -> None:
    """Put an installed package's sources where only they are."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    ignored = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(Path(spec.origin).parent, root / package, ignore=ignored)


def sampled(functions: Sequence[Function], count: int) -> list[Function]:
    """Return so many of them, evenly spread."""
    step = max(1.0, len(functions) / count)
    return [functions[int(at * step)] for at in range(min(count, len(functions)))]


def prompted(root: Path, function: Function, budget: int, instruction: str, width: Width) -> Prompt:
    file = root / function.path
    snapshot = Snapshot(file.as_uri(), 1, "python", file.read_bytes().decode())
    source = Source(snapshot, file, (root,), context_tokens=budget, context=width)
    span = snapshot.line_span(function.first - 1, function.last - 1)
    wish = features.wished("refactor", Asking(source, span, instruction))
    return features.request(Wanted("refactor", wish))


def measured(root: Path, function: Function, budget: int, width: Width) -> Figures:
    begun = time.perf_counter()
    try:
        prompt = prompted(root, function, budget, "Use guard clauses.", width)
    except TooLarge:
        return Figures(0, 0, 0, 0, (time.perf_counter() - begun) * 1000)
    taken = (time.perf_counter() - begun) * 1000
    shown, beside = lines_shown(root, prompt)
    seen = [one for one in function.uses if one.line in shown.get(one.path, ())]
    whole = [one for one in seen if {*range(one.first, one.last + 1)} <= shown[one.path]]
    return Figures(
        len(seen) / len(function.uses),
        len(whole) / len(function.uses),
        prompt.estimate,
        unrelated(root, beside, function.uses),
        taken,
    )


def lines_shown(root: Path, prompt: Prompt) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
    """Return the lines of each file that a prompt holds, all of them and those beside the document; held against the file."""
    shown: dict[str, set[int]] = {}
    beside: dict[str, set[int]] = {}
    for _, name, attributes, body in _SECTION.findall(prompt.request.messages[1].text):
        about = dict(re.findall(r'([a-z-]+)="([^"]*)"', attributes))
        if "path" not in about:
            continue
        lines = split((root / about["path"]).read_bytes().decode())
        told = about.get("lines") or about.get("part")
        rows = [(int(a), int(b)) for a, b in _ROWS.findall(told)] if told else [(1, len(lines))]
        text = "⋮\n".join("".join(lines[first - 1 : last]) for first, last in rows)
        assert prompt.redaction.restore(body) == text, about
        numbers = {number for first, last in rows for number in range(first, last + 1)}
        shown.setdefault(about["path"], set()).update(numbers)
        if name != "file":
            beside.setdefault(about["path"], set()).update(numbers)
    return shown, beside


def unrelated(root: Path, beside: Mapping[str, set[int]], uses: frozenset[Definition]) -> int:
    """Return the tokens of lines beside the document that belong to nothing that is used."""
    tokens = 0
    for path, numbers in beside.items():
        wanted = {number for one in uses if one.path == path for number in range(one.first, one.last + 1)}
        lines = split((root / path).read_bytes().decode())
        tokens += estimate("".join(lines[number - 1] for number in sorted(numbers - wanted)))
    return tokens


def stability(root: Path, one: Function, other: Function, budget: int, width: Width) -> float | None:
    """Return the share of a second prompt that is the first one's beginning: another question, about a place of the same file.

    None where one of the two does not fit.
    """
    try:
        first = prompted(root, one, budget, "Use guard clauses.", width)
        second = prompted(root, other, budget, "Give the arguments clearer names, and say why.", width)
    except TooLarge:
        return None
    texts = [one.request.messages[0].text + one.request.messages[1].text for one in (first, second)]
    same = next((at for at, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), len(texts[0]))
    return estimate(texts[1][:same]) / estimate(texts[1])


def _mean(found: Sequence[float | None]) -> float:
    return statistics.mean(one for one in found if one is not None)


def _least(found: Sequence[float | None]) -> float:
    return min(one for one in found if one is not None)
