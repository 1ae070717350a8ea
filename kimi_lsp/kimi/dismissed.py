"""Which suggestions the user does not want to see again, in our own state: hashes of what they change, never a text."""

import sqlite3
import time
from collections.abc import Collection, Mapping

from kimi_lsp.kimi.errors import StateUnusable
from kimi_lsp.kimi.state import State, folder

_MOST = 10_000
"""That are kept; the oldest go first."""
# Made where it is needed, so that the database stays one that an older kimi-lsp beside this one can use, too.
_TABLE = "CREATE TABLE IF NOT EXISTS dismissed (digest TEXT PRIMARY KEY, at REAL NOT NULL)"


class Dismissed:
    """All that were ever dismissed by this user, whichever editor it was in. `close` it."""

    def __init__(self, state: State) -> None:
        self._state = state

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Dismissed":
        """Open the user's own; nothing is made before there is something to keep."""
        return cls(State(folder(environ)))

    async def add(self, digests: Collection[str]) -> None:
        """Keep some. Raises StateUnusable."""

        def work(db: sqlite3.Connection) -> None:
            db.execute(_TABLE)
            now = time.time()
            db.executemany("INSERT OR REPLACE INTO dismissed VALUES (?, ?)", [(one, now) for one in digests])
            db.execute(
                "DELETE FROM dismissed WHERE digest NOT IN (SELECT digest FROM dismissed ORDER BY at DESC LIMIT ?)",
                (_MOST,),
            )

        await self._state.run(work)

    async def among(self, digests: Collection[str]) -> frozenset[str]:
        """Return those that were dismissed; where the state is of no use, that is logged and none is."""

        def work(db: sqlite3.Connection) -> frozenset[str]:
            db.execute(_TABLE)
            found = (
                db.execute("SELECT digest FROM dismissed WHERE digest = ?", (one,)).fetchone()
                for one in digests
            )
            return frozenset(row[0] for row in found if row)

        if not digests:
            return frozenset()
        try:
            return await self._state.run(work)
        except StateUnusable as trouble:
            self._state.warn(trouble)
            return frozenset()

    async def close(self) -> None:
        """Close the database."""
        await self._state.close()
