"""Several answers to one wish for the user to choose from, each from a request of its own that is paid for."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from kimi_lsp.conversation import Model, ModelError, Usage
from kimi_lsp.features.outcome import Edited, Explained, FeatureError, Phase, PhaseName, Report
from kimi_lsp.features.wanted import Listen, Wanted, perform, request
from kimi_lsp.prompt import WAYS, PromptError

_Failure: TypeAlias = FeatureError | ModelError | PromptError
_ORDER: Sequence[PhaseName] = ("waiting", "thinking", "reading", "writing", "checking", "repairing")


def ways(wanted: Wanted, count: int) -> list[Wanted]:
    """Return one wish as so many, the first as it is, and the others each with a way of its own; at most three.

    What is answered by a text is asked for once. Raises prompt.PromptError.
    """
    if count < 2 or request(wanted).request.answer is None:
        return [wanted]
    return [replace(wanted, wish=replace(wanted.wish, way=way)) for way in WAYS[:count]]


async def choices(
    model: Model, wanted: Wanted, count: int, report: Report, listen: Listen | None = None
) -> Edited | Explained:
    """Ask so many times at once, and return the first edit with the `others` that do something else.

    Where some of the requests fail, what the rest brought is returned; where all do, it raises what the first raised.
    """
    asked = await asyncio.to_thread(ways, wanted, count)
    if len(asked) == 1:
        return await perform(model, wanted, report, listen)
    shown = _Shown(report, len(asked))

    async def one(number: int) -> Edited | Explained | _Failure:
        try:
            return await perform(model, asked[number], lambda phase: shown.take(number, phase))
        except (FeatureError, ModelError, PromptError) as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(number)) for number in range(len(asked))]
    return _chosen([task.result() for task in tasks])


def _chosen(outcomes: Sequence[Edited | Explained | _Failure]) -> Edited | Explained:
    edits: list[Edited] = []
    besides = Usage()
    for outcome in outcomes:
        if isinstance(outcome, Edited) and not any(_same(outcome, other) for other in edits):
            edits.append(outcome)
        elif not isinstance(outcome, ModelError | PromptError):
            besides += outcome.usage
    if edits:
        first, *others = edits
        return replace(first, others=tuple(others), besides=besides)
    told = next((one for one in outcomes if isinstance(one, Explained)), None)
    if told is not None:
        return replace(told, usage=besides)
    raise next(one for one in outcomes if isinstance(one, Exception))


def _same(one: Edited, other: Edited) -> bool:
    return (one.plan.hunks, one.files) == (other.plan.hunks, other.files)


class _Shown:
    """One progress for several requests: where the slowest stands, and the tokens of all."""

    def __init__(self, report: Report, count: int) -> None:
        self._report = report
        self._phases = [Phase("waiting")] * count

    def take(self, number: int, phase: Phase) -> None:
        """Take where one of them stands."""
        self._phases[number] = phase
        slowest = min(self._phases, key=lambda one: _ORDER.index(one.name))
        note = f"{len(self._phases)} alternatives, each a request that is paid for"
        self._report(Phase(slowest.name, sum(one.tokens for one in self._phases), note))
