"""The state's folder and its database: private, shared, waited for without the event loop, and never in the way."""

import asyncio
import gc
import logging
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from platformdirs import user_state_path

from kimi_lsp.kimi import OverBudget, StateUnusable
from kimi_lsp.kimi.state import State, folder


def count(db: sqlite3.Connection) -> int:
    number = db.execute("SELECT COUNT(*) FROM queue").fetchone()[0]
    assert isinstance(number, int)
    return number


def enqueue(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO queue (id, account, seen) VALUES (hex(randomblob(8)), '', 0)")


def test_where_it_is() -> None:
    assert folder({}) == user_state_path("kimi-lsp")
    assert folder({"KIMI_LSP_STATE": " "}) == user_state_path("kimi-lsp")
    assert folder({"KIMI_LSP_STATE": "/some/where"}) == Path("/some/where")


async def test_the_folder_and_its_files_are_the_users_alone(tmp_path: Path) -> None:
    place = tmp_path / "a" / "kimi-lsp"
    assert await State(place).run(count) == 0
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    with closing(sqlite3.connect(place / "state.db")) as reader:
        reader.execute("SELECT * FROM queue").fetchall()
        await State(place).run(enqueue)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()}
    assert modes == dict.fromkeys(("state.db", "state.db-shm", "state.db-wal"), 0o600)


async def test_work_that_raises_changes_nothing(tmp_path: Path) -> None:
    state = State(tmp_path)

    def half(db: sqlite3.Connection) -> None:
        enqueue(db)
        raise OverBudget(what="no")

    with pytest.raises(OverBudget):
        await state.run(half)
    assert await state.run(count) == 0


async def test_work_is_done_in_its_order(tmp_path: Path) -> None:
    state = State(tmp_path)
    seen: list[int] = []
    for _ in range(5):
        state.later(enqueue)
        state.later(lambda db: seen.append(count(db)))
    await state.close()
    assert seen == [1, 2, 3, 4, 5]


async def test_a_held_database_is_waited_for_beside_the_loop(tmp_path: Path) -> None:
    state = State(tmp_path, patience=50)
    await state.run(count)
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(state.run(enqueue))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        other.execute("COMMIT")
        await waiting
    assert await state.run(count) == 1


async def test_a_database_that_stays_held_is_given_up(tmp_path: Path) -> None:
    state = State(tmp_path, patience=0.05)
    await state.run(count)
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateUnusable, match="database is locked"):
            await state.run(enqueue)
    await state.run(enqueue)


async def test_a_folder_that_cannot_be_made_is_said_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnusable, match=r"file/state: not a directory\): make that folder writable"):
        await State(tmp_path / "file" / "state").run(count)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
async def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StateUnusable, match="permission denied"):
        await State(tmp_path).run(count)


async def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("a poem, and not a short one\n" * 99)
    with pytest.raises(StateUnusable, match="not a database"):
        await State(tmp_path).run(count)
    assert (tmp_path / "state.db").read_text().startswith("a poem")


async def test_the_database_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StateUnusable, match="a newer kimi-lsp has written it"):
        await State(tmp_path).run(count)


async def test_trouble_behind_the_back_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    state = State(tmp_path / "file" / "state")
    caplog.set_level(logging.WARNING)
    state.later(enqueue)
    state.later(enqueue)
    await state.close()
    assert [record.message[:45] for record in caplog.records] == [
        "What is spent cannot be read or kept (" + str(tmp_path)[:7]
    ]


async def test_a_folder_that_is_deleted_meanwhile_is_made_again(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    await state.run(enqueue)
    shutil.rmtree(tmp_path / "state")
    assert await state.run(count) == 0
    await state.run(enqueue)
    await state.close()
    assert await State(tmp_path / "state").run(count) == 1


async def test_closing_waits_for_what_was_asked_for_and_leaves_one_file(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.later(enqueue)
    await state.close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]
    assert await state.run(count) == 1


def test_a_state_that_is_let_go_closes_its_database(tmp_path: Path) -> None:
    state = State(tmp_path)
    asyncio.run(state.run(enqueue))
    thread = state._thread
    del state
    # The thread lets go of a piece of work when it takes the next one.
    for _ in range(2):
        thread.submit(bool).result()
    gc.collect()
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]


FULL = """
import asyncio, resource, sys
from pathlib import Path
from kimi_lsp.kimi import StateUnusable
from kimi_lsp.kimi.state import State
state = State(Path(sys.argv[1]))
insert = lambda db: db.execute("INSERT INTO salts VALUES (zeroblob(4000000))")
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    asyncio.run(state.run(insert))
except StateUnusable as error:
    print(error)
"""


def test_a_full_disk_is_said_and_breaks_nothing(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "What is spent cannot be read or kept" in ran.stdout
    assert ran.stderr == ""
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT COUNT(*) FROM salts").fetchone() == (0,)


async def test_many_begin_at_once(tmp_path: Path) -> None:
    states = [State(tmp_path, patience=50) for _ in range(12)]
    await asyncio.gather(*(state.run(enqueue) for state in states))
    assert await State(tmp_path).run(count) == 12
