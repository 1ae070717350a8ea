"""Our own state: one folder of the user's, and in it one SQLite database that all kimi-lsp processes share.

What was spent, who waits for the service's limits, and how texts come out in tokens. Never a text, never the key.
All work on it happens in one thread beside the event loop, in the order in which it was asked for, each piece as one
transaction: a process that is killed leaves all of it or nothing.
"""

import asyncio
import logging
import sqlite3
import time
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from platformdirs import user_state_path

from kimi_lsp.kimi.errors import KimiError, StateUnusable

VARIABLE = "KIMI_LSP_STATE"
"""The environment's name for another folder than the platform's."""
_PATIENCE = 5.0
"""Seconds to wait for another process that holds the database."""
_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY,
    at REAL NOT NULL,                   -- seconds since 1970, UTC
    host TEXT NOT NULL, model TEXT NOT NULL, protocol TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- fix, explain, ... or nothing where it is not known
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
    tools TEXT NOT NULL,                -- calls of built-in tools, a JSON object
    nanodollars INTEGER NOT NULL,       -- billionths of a US dollar, so that sums are exact
    estimated INTEGER NOT NULL,
    outcome TEXT NOT NULL,              -- open, finished, cancelled, failed, lost
    expires REAL NOT NULL               -- an open one whose process is gone by then counts as lost
);
CREATE INDEX IF NOT EXISTS requests_at ON requests (at);
CREATE TABLE IF NOT EXISTS slots (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, at REAL NOT NULL, tokens INTEGER NOT NULL,
    travelling INTEGER NOT NULL,        -- sent, and no sign yet that it has arrived
    expires REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS queue (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, seen REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS pauses (account TEXT PRIMARY KEY, since REAL NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS ratios (
    model TEXT NOT NULL, language TEXT NOT NULL, ratio REAL NOT NULL, PRIMARY KEY (model, language)
);
CREATE TABLE IF NOT EXISTS salts (salt BLOB NOT NULL);
"""

_log = logging.getLogger(__name__)
T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


def folder(environ: Mapping[str, str]) -> Path:
    """Return where our state lives; nothing is made yet."""
    named = environ.get(VARIABLE, "").strip()
    return Path(named).expanduser() if named else user_state_path("kimi-lsp")


def made_private(path: Path) -> Path:
    """Make a folder that only this user may enter. Raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


class State:
    """The database in a folder. Nothing is opened until there is work; `close` it, or let it go."""

    def __init__(self, path: Path, patience: float = _PATIENCE) -> None:
        self.path = path
        self._patience = patience
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kimi-lsp-state")
        self._warned = False
        self._open: list[tuple[sqlite3.Connection, int]] = []
        weakref.finalize(self, _close, self._open)

    async def run(self, work: Work[T]) -> T:
        """Do some work as one transaction and return what it gives. Raises StateUnusable, and what the work raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._transact, work))

    def later(self, work: Work[object]) -> None:
        """Have some work done after all that was asked for before; where it fails, that is logged once."""
        self._thread.submit(self._transact, work).add_done_callback(self._look)

    async def close(self) -> None:
        """Close the database once everything that was asked for is done; later work would open it again."""
        await asyncio.wrap_future(self._thread.submit(_close, self._open))

    def warn(self, trouble: KimiError) -> bool:
        """Log that the state is of no use, and tell whether this was the first time."""
        first, self._warned = not self._warned, True
        if first:
            _log.warning("%s", trouble)
        return first

    def _look(self, done: Future[object]) -> None:
        failure = done.exception()
        if isinstance(failure, KimiError):
            self.warn(failure)
        elif failure is not None:
            _log.error("the state could not be written", exc_info=failure)

    def _transact(self, work: Work[T]) -> T:
        try:
            db = self._opened()
            db.execute("BEGIN IMMEDIATE")
            try:
                result = work(db)
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
        except OSError as error:
            reason = (error.strerror or "it cannot be used").lower()
        except sqlite3.Error as error:
            reason = str(error)
        else:
            return result
        # The next piece of work starts anew: what stood in the way may be gone by then.
        _close(self._open)
        raise StateUnusable(what=f"{self.path}: {reason}")

    def _opened(self) -> sqlite3.Connection:
        file = made_private(self.path) / "state.db"
        if self._open and self._open[0][1] == _number(file):
            return self._open[0][0]
        # Nothing is open yet, or the file was deleted under us.
        _close(self._open)
        is_new = not file.exists()
        db = sqlite3.connect(file, timeout=self._patience, isolation_level=None, check_same_thread=False)
        self._open.append((db, _number(file)))
        if is_new:
            # By its name: to close a file of SQLite's that we had opened would drop SQLite's own locks on it.
            file.chmod(0o600)
        self._prepare(db)
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        # A commit that a power cut undoes is no loss here; one that a killed process made is kept either way.
        db.execute("PRAGMA synchronous = NORMAL")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise sqlite3.DatabaseError("a newer kimi-lsp has written it")
        if version == _VERSION:
            return
        self._to_wal(db)
        db.execute("BEGIN IMMEDIATE")
        for statement in _TABLES.split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute("COMMIT")

    def _to_wal(self, db: sqlite3.Connection) -> None:
        """Let readers and a writer work at the same time; for this change SQLite itself does not wait."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return


def _close(opened: list[tuple[sqlite3.Connection, int]]) -> None:
    while opened:
        opened.pop()[0].close()


def _number(file: Path) -> int:
    try:
        return file.stat().st_ino
    except FileNotFoundError:
        return -1
