"""Requests and tokens a minute, kept by all kimi-lsp processes of one user together, first come, first served.

A request that was let through is on its way until something shows that it has arrived, and counts all the while, and
for a minute after that; so the service never sees more than the limit in any minute, however slow the way to it is.
Each function but `delay` is one piece of work for `State.run`; moments are seconds since 1970, UTC.
"""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kimi_lsp.kimi.credentials import Key
from kimi_lsp.kimi.ledger import LONGEST

MINUTE = 60.25
"""Seconds; a little more than one, since no two clocks run quite alike."""
LOOK = 2.0
"""Seconds after which one who waits looks again at the latest."""
_GONE = 15 * LOOK
"""Seconds without a look, after which one who waits has lost the place."""
_SOON = 0.05


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account may do in a minute; None is no limit."""

    requests: int | None = None
    tokens: int | None = None


SERVICE_LIMITS = Limits(50, 2_000_000)
"""Those of the service's accounts, by its documentation."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A request that was let through."""

    at: float | None
    """When it had arrived at the latest; None while it is on its way."""
    tokens: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a request may not go yet."""

    seconds: float
    """Until it may, as far as can be told."""
    why: Literal["requests", "tokens", "pause", "queue"]


def delay(slots: Sequence[Slot], tokens: int, limits: Limits, now: float, ahead: int = 0) -> Hold | None:
    """Return what holds one more request back; None where it may go now.

    `ahead` others go first. A request of more tokens than the limit goes alone. Where it depends on requests that are
    still on their way, the seconds are those to the next look.
    """
    counted = [slot for slot in slots if slot.at is None or slot.at >= now - MINUTE]
    ends = sorted((slot.at + MINUTE - now, slot.tokens) for slot in counted if slot.at is not None)
    holds = [Hold(LOOK, "queue")] if ahead else []
    leaving = 0 if limits.requests is None else len(counted) + ahead + 1 - limits.requests
    if leaving > 0:
        holds.append(Hold(ends[leaving - 1][0] if leaving <= len(ends) else LOOK, "requests"))
    over = 0 if limits.tokens is None else sum(slot.tokens for slot in counted) + tokens - limits.tokens
    if over > 0 and counted:
        gone = 0
        while over > 0 and gone < len(ends):
            over -= ends[gone][1]
            gone += 1
        travelling = over > 0 and gone < len(counted)
        holds.append(Hold(max(ends[gone - 1][0] if gone else 0.0, LOOK if travelling else 0.0), "tokens"))
    longest = max(holds, key=lambda hold: hold.seconds, default=None)
    return longest and Hold(max(longest.seconds, _SOON), longest.why)


def take(
    db: sqlite3.Connection,
    ident: str,
    account: str,
    tokens: int,
    limits: Limits,
    now: float,
    later: float = 0.0,
) -> Hold | None:
    """Let a request through, or give it its place in the queue; return what holds it back, None where it may go.

    `later` is the seconds that the caller waits by itself before it sends; a pause of the service that ends by then
    does not hold it back.
    """
    _tidy(db, now)
    db.execute(
        "INSERT INTO queue (id, account, seen) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen",
        (ident, account, now),
    )
    (ahead,) = db.execute(
        "SELECT COUNT(*) FROM queue WHERE account = ? AND place < (SELECT place FROM queue WHERE id = ?)",
        (account, ident),
    ).fetchone()
    rows = db.execute("SELECT at, tokens, travelling FROM slots WHERE account = ?", (account,))
    slots = [Slot(None if travelling else at, used) for at, used, travelling in rows]
    hold = delay(slots, tokens, limits, now, ahead)
    paused = _pause(db, account, now) - later
    if paused > (hold.seconds if hold else 0):
        return Hold(paused, "pause")
    if hold is not None:
        return hold
    leave(db, ident)
    db.execute(
        "INSERT INTO slots VALUES (?, ?, ?, ?, 1, ?)", (ident, account, now, tokens, now + LONGEST / 2)
    )
    return None


def leave(db: sqlite3.Connection, ident: str) -> None:
    """Give back a place in the queue, or a slot that was not used."""
    db.execute("DELETE FROM queue WHERE id = ?", (ident,))
    db.execute("DELETE FROM slots WHERE id = ? AND travelling", (ident,))


def arrived(db: sqlite3.Connection, ident: str, now: float) -> None:
    """Note that a request is at the service: from now on its minute runs."""
    db.execute("UPDATE slots SET travelling = 0, at = ? WHERE id = ? AND travelling", (now, ident))


def used(db: sqlite3.Connection, ident: str, tokens: int) -> None:
    """Put the tokens that the service counted in the place of the estimate."""
    db.execute("UPDATE slots SET tokens = ? WHERE id = ?", (tokens, ident))


def pause(db: sqlite3.Connection, account: str, seconds: float, now: float) -> None:
    """Note that the service asks to wait so many seconds; a longer wait that it asked for before stays."""
    if seconds > _pause(db, account, now):
        db.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?)", (account, now, seconds))


def fingerprint(db: sqlite3.Connection, root: str, key: Key) -> str:
    """Return a name for an account that tells nothing of its key to who does not have this database."""
    found = db.execute("SELECT salt FROM salts").fetchone()
    salt = found[0] if found else secrets.token_bytes(32)
    if not found:
        db.execute("INSERT INTO salts VALUES (?)", (salt,))
    return hmac.new(salt, f"{root}\0{key.reveal()}".encode(), hashlib.sha256).hexdigest()[:32]


def _pause(db: sqlite3.Connection, account: str, now: float) -> float:
    found = db.execute("SELECT since, seconds FROM pauses WHERE account = ?", (account,)).fetchone()
    return max(0.0, found[0] + found[1] - now) if found else 0.0


def _tidy(db: sqlite3.Connection, now: float) -> None:
    """Drop what is over; what a clock that went back has put into the future happens now."""
    db.execute("UPDATE slots SET at = ? WHERE at > ?", (now, now))
    db.execute("UPDATE pauses SET since = ? WHERE since > ?", (now, now))
    db.execute("UPDATE queue SET seen = ? WHERE seen > ?", (now, now))
    db.execute("DELETE FROM slots WHERE NOT travelling AND at < ?", (now - MINUTE,))
    db.execute("DELETE FROM slots WHERE travelling AND (expires <= ? OR expires > ?)", (now, now + LONGEST))
    db.execute("DELETE FROM pauses WHERE since + seconds <= ?", (now,))
    db.execute("DELETE FROM queue WHERE seen < ?", (now - _GONE,))
