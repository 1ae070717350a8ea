"""The work under way. Each job is one asyncio task with one owner here, which is the only thing that cancels it.

One job at a time runs on a document; a second one on the same lines supersedes the first, one elsewhere waits until
the first is done or has a question to the user.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from kimi_lsp.text import Span

_MOST = 16
"""Jobs in all, waiting ones included; a menu that is clicked more often is answered with a sentence."""


class TooManyJobs(Exception):
    """`str(error)` is the sentence for the user."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A job's place in the queue of its document: behind all that came before it."""

    before: "Sequence[Job]" = ()

    @property
    def waits(self) -> bool:
        """Whether a request that nobody has cancelled is still before it."""
        return any(not job.aside.is_set() and not job.task.cancelling() for job in self.before)

    async def come(self) -> None:
        """Return once all that came before has stopped, or stands aside."""
        for job in self.before:
            await job.aside.wait()


@dataclass(eq=False)
class Job:
    """One request of the user's to the model."""

    id: str
    uri: str
    title: str
    span: Span
    turn: Turn
    task: "asyncio.Task[object]"
    yields: bool = False
    """Whether nobody asked for it just now: whatever the user asks for takes its place."""
    outlives: bool = False
    """Whether it goes on when its document is closed, which its own edit may do."""
    aside: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is done, and while it waits for the user: then the others of its document go on."""


class Jobs:
    """All jobs of one server."""

    def __init__(self) -> None:
        self._running: dict[str, Job] = {}
        self._ids = itertools.count(1)

    def start(
        self,
        uri: str,
        title: str,
        span: Span,
        work: Callable[[str, Turn], Awaitable[object]],
        *,
        yields: bool = False,
    ) -> Job:
        """Start work, given its id and the turn that it has to wait for. Raises TooManyJobs.

        What `yields` supersedes only what yields as well; all else also what is about the same lines.
        """
        before = self.of(uri)
        superseded = [other for other in before if other.yields or (other.span.touches(span) and not yields)]
        if len(self._running) - len(superseded) >= _MOST:
            raise TooManyJobs(f"Kimi is busy with {_MOST} requests; cancel one or wait.")
        for other in superseded:
            other.task.cancel()
        identity, turn = f"kimi-{next(self._ids)}", Turn(before)
        task: asyncio.Task[object] = asyncio.ensure_future(work(identity, turn))
        job = Job(identity, uri, title, span, turn, task, yields)
        self._running[identity] = job
        task.add_done_callback(lambda _task: self._running.pop(identity))
        task.add_done_callback(lambda _task: job.aside.set())
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
        for job in self._own():
            job.outlives = True

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While the context is open, which is while the user is asked, let the job that runs this hold nobody up."""
        own = self._own()
        for job in own:
            job.aside.set()
        try:
            yield
        finally:
            for job in own:
                job.aside.clear()

    def _own(self) -> list[Job]:
        return [job for job in self._running.values() if job.task is asyncio.current_task()]

    async def close(self) -> None:
        """Cancel everything and wait until it has stopped."""
        tasks = [job.task for job in self.of()]
        self.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
