"""What was dismissed stays so, for every process of this user; nothing of a text is kept, and never too much."""

import asyncio
from pathlib import Path
from unittest import mock

from kimi_lsp.edits import Proposal, plan
from kimi_lsp.edits.sameness import digest
from kimi_lsp.kimi import dismissed
from kimi_lsp.kimi.dismissed import Dismissed
from kimi_lsp.kimi.state import State


async def test_all_of_one_user_s_know_it(tmp_path: Path) -> None:
    one, other = Dismissed(State(tmp_path)), Dismissed(State(tmp_path))
    assert await other.among(["a", "b"]) == frozenset()
    await asyncio.gather(one.add({"a"}), other.add({"b"}), one.add({"a"}))
    assert await one.among(["a", "b", "c"]) == await other.among(["a", "b", "c"]) == {"a", "b"}
    await one.close()
    again = Dismissed(State(tmp_path))
    assert await again.among(["c", "a"]) == {"a"}
    await again.close()
    await other.close()


async def test_only_a_hash_is_kept(tmp_path: Path) -> None:
    edit = Proposal(file="", search="secret = 'größe'", replace="secret = None", line=None)
    books = Dismissed(State(tmp_path))
    await books.add([digest(plan("secret = 'größe'\n", [edit]))])
    await books.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"secret" not in kept
    assert "größe".encode() not in kept


async def test_the_oldest_go_where_there_are_too_many(tmp_path: Path) -> None:
    books = Dismissed(State(tmp_path))
    with mock.patch.object(dismissed, "_MOST", 2):
        for number, name in enumerate("abac"):
            with mock.patch("kimi_lsp.kimi.dismissed.time.time", return_value=1e9 + number):
                await books.add([name])
    assert await books.among(list("abc")) == {"a", "c"}
    await books.close()


async def test_a_database_that_an_older_one_made_is_used_and_stays_of_use_to_it(tmp_path: Path) -> None:
    older = State(tmp_path)
    await older.run(lambda db: db.execute("DROP TABLE IF EXISTS dismissed"))
    books = Dismissed(State(tmp_path))
    await books.add(["a"])
    await books.close()
    assert await older.run(lambda db: db.execute("SELECT count(*) FROM requests").fetchone()) == (0,)
    await older.close()


async def test_without_a_state_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    books = Dismissed(State(tmp_path / "file"))
    assert await books.among(["a"]) == frozenset()
    await books.close()
    (tmp_path / "state.db").write_bytes(b"no database at all, only words")
    broken = Dismissed(State(tmp_path))
    assert await broken.among(["a"]) == frozenset()
    await broken.close()
