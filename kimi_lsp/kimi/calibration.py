"""How the guessed tokens of a language compare with those that the service counted, learned from each answer."""

import sqlite3

from kimi_lsp.conversation.estimate import learned

Ratios = dict[str, float]
"""By language: counted over guessed tokens, 0.5 to 2; a language that is not in it has 1."""


def ratios(db: sqlite3.Connection, model: str) -> Ratios:
    """Return what is known of a model's tokens."""
    return dict(db.execute("SELECT language, ratio FROM ratios WHERE model = ?", (model,)).fetchall())


def learn(db: sqlite3.Connection, model: str, language: str, guessed: int, counted: int) -> None:
    """Take one more answer into account."""
    before = ratios(db, model).get(language, 1.0)
    after = learned(before, guessed, counted)
    if after != before:
        db.execute("INSERT OR REPLACE INTO ratios VALUES (?, ?, ?)", (model, language, after))
