"""The work under way. Each job is one asyncio task with one owner here, which is the only thing that cancels it.

One job at a time runs on a document; a second one on the same lines supersedes the first, one elsewhere waits.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kimi_lsp.text import Span

_MOST = 16
"""Jobs in all, waiting ones included; a menu that is clicked more often is answered with a sentence."""


class TooManyJobs(Exception):
    """`str(error)` is the sentence for the user."""


@dataclass(eq=False)
class Job:
    """One request of the user's to the model."""

    id: str
    uri: str
    title: str
    span: Span
    task: "asyncio.Task[object]"
    outlives: bool = False
    """Whether it goes on when its document is closed, which its own edit may do."""


class Jobs:
    """All jobs of one server."""

    def __init__(self) -> None:
        self._running: dict[str, Job] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._ids = itertools.count(1)

    def start(self, uri: str, title: str, span: Span, work: Callable[[str], Awaitable[object]]) -> Job:
        """Start work, given its id; it waits for the document's turn. Raises TooManyJobs."""
        for other in self.of(uri):
            if other.span.touches(span):
                other.task.cancel()
        if len(self._running) >= _MOST:
            raise TooManyJobs(f"Kimi is busy with {_MOST} requests; cancel one or wait.")
        identity = f"kimi-{next(self._ids)}"
        task: asyncio.Task[object] = asyncio.ensure_future(self._in_turn(uri, lambda: work(identity)))
        job = Job(identity, uri, title, span, task)
        self._running[identity] = job
        task.add_done_callback(lambda _task: self._ended(job))
        return job

    def of(self, uri: str | None = None) -> list[Job]:
        """Return the jobs of a document, or all, oldest first."""
        return [job for job in self._running.values() if uri in (None, job.uri)]

    def cancel(self, job_id: str | None = None, uri: str | None = None) -> int:
        """Cancel one job by its id, or all of a document's, or all; return how many."""
        jobs = [job for job in self.of(uri) if job_id in (None, job.id)]
        for job in jobs:
            job.task.cancel()
        return len(jobs)

    def document_closed(self, uri: str) -> None:
        """Cancel the jobs of a document that was closed, but for one whose own edit is on its way."""
        for job in self.of(uri):
            if not job.outlives:
                job.task.cancel()

    def outlive_document(self) -> None:
        """Let the job that runs this go on when its document is closed."""
        for job in self._running.values():
            if job.task is asyncio.current_task():
                job.outlives = True

    async def close(self) -> None:
        """Cancel everything and wait until it has stopped."""
        tasks = [job.task for job in self.of()]
        self.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _in_turn(self, uri: str, work: Callable[[], Awaitable[object]]) -> object:
        async with self._turns.setdefault(uri, asyncio.Lock()):
            return await work()

    def _ended(self, job: Job) -> None:
        self._running.pop(job.id, None)
        if not self.of(job.uri):
            self._turns.pop(job.uri, None)
