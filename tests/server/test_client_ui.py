"""What a client shows itself: the wait, an explanation as it is written, the status. All of it only where it asked."""

import asyncio
from pathlib import Path

from tests.support.editor import OWN, editor
from tests.support.sandboxed import Sandbox

SOURCE = "def add(one: int, two: int) -> int:\n    return one + two\n"


async def test_an_explanation_is_told_while_it_is_written(kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path, ui={"markdown": True, "stream": True}) as ed:
        uri = ed.open("a.py", SOURCE)
        answer = await ed.run("kimi.explain", ed.place(uri, "add"))
        last = await ed.until("kimi/explaining", lambda told: told["done"])
        assert answer["status"] == "ok"
        assert last["text"] == answer["markdown"]
        assert last["uri"] == uri
        first, *_ = ed.told["kimi/explaining"]
        assert not first["done"]
        # Its last word may still be in the writing, and how a link goes on is not known yet.
        assert last["text"].startswith(first["text"][:20])
        assert ed.shown == []


async def test_the_wait_is_told_to_a_client_that_shows_it_itself(kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path, progress="client") as ed:
        uri = ed.open("a.py", SOURCE)
        await ed.run("kimi.explain", ed.place(uri, "add"))
        last = await ed.until("kimi/progress", lambda told: told["done"])
        first, *more = ed.told["kimi/progress"]
        assert (first["phase"], first["title"], first["uri"]) == ("waiting", "Kimi: Explain", uri)
        assert {"thinking", "writing"} <= {one["phase"] for one in more}
        assert {one["job"] for one in more} == {first["job"]}
        assert "$" in last["message"]
        assert ed.progress == []


async def test_a_job_is_cancelled_by_the_name_that_the_progress_gave(kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path, progress="client") as ed:
        uri = ed.open("a.py", SOURCE)
        await kimi.control(hold="before_content")
        _, answer = ed.start("kimi.explain", ed.place(uri, "add"))
        await kimi.wait("held")
        job = (await ed.until("kimi/progress", lambda told: bool(told["job"])))["job"]
        await ed.run("kimi.cancel", {"job": job})
        assert (await answer)["status"] == "cancelled"
        await kimi.wait("disconnected")
        assert (await ed.until("kimi/progress", lambda told: told["done"]))["message"] == "cancelled"


async def test_the_status_tells_of_jobs_and_of_what_was_spent_today(kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path, ui={"status": True}) as ed:
        idle = await ed.until("kimi/status", lambda told: told["today"]["usd"] is not None)
        assert idle == {"state": "idle", "jobs": 0, "today": {"usd": 0.0, "requests": 0}, "message": ""}
        uri = ed.open("a.py", SOURCE)
        await kimi.control(hold="before_content")
        _, answer = ed.start("kimi.explain", ed.place(uri, "add"))
        await ed.until("kimi/status", lambda told: (told["state"], told["jobs"]) == ("busy", 1))
        await kimi.wait("held")
        await kimi.release()
        assert (await answer)["status"] == "ok"
        spent = await ed.until(
            "kimi/status",
            lambda told: told["state"] == "idle" and told["today"]["usd"] and told["today"]["requests"] == 1,
        )
        assert 0 < spent["today"]["usd"] < 1


async def test_a_missing_key_is_a_status_until_there_is_one(kimi: Sandbox, tmp_path: Path) -> None:
    environ = {name: value for name, value in kimi.environ.items() if name != "KIMI_LSP_API_KEY"}
    async with editor(environ, tmp_path, ui={"status": True}) as ed:
        uri = ed.open("a.py", SOURCE)
        answer = await ed.run("kimi.explain", ed.place(uri, "add"))
        assert answer["status"] == "failed"
        told = await ed.until("kimi/status", lambda told: told["state"] == "noKey")
        assert "EMPIRIOLABS_API_KEY" in told["message"]


async def test_a_failure_is_a_status_until_the_next_success(kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path, ui={"status": True}) as ed:
        uri = ed.open("a.py", SOURCE)
        await kimi.control(fault="401*1")
        assert (await ed.run("kimi.explain", ed.place(uri, "add")))["status"] == "failed"
        told = await ed.until("kimi/status", lambda told: told["state"] == "error")
        assert told["message"] == ed.messages[-1].removeprefix("Kimi: ")
        seen = len(ed.told["kimi/status"])
        assert (await ed.run("kimi.explain", ed.place(uri, "add")))["status"] == "ok"
        await ed.until(
            "kimi/status", lambda told: told in ed.told["kimi/status"][seen:] and told["state"] == "idle"
        )


async def test_nothing_of_our_own_is_told_to_a_client_that_did_not_ask(kimi: Sandbox, tmp_path: Path) -> None:
    async with editor(kimi.environ, tmp_path) as ed:
        uri = ed.open("a.py", SOURCE)
        await ed.run("kimi.explain", ed.place(uri, "add"))
        await asyncio.gather(ed.run("kimi.cancel", {}), ed.run("kimi.usage", {}))
        assert not set(ed.told) & set(OWN)
        assert ed.previews == []
