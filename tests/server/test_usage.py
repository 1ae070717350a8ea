"""`kimi.usage` in a real server: one sentence, one table, and no request."""

from pathlib import Path

from tests.support.editor import Editor, editor
from tests.support.sandboxed import Sandbox


async def test_what_was_spent_is_told(kimi: Sandbox, ed: Editor) -> None:
    before = await ed.run("kimi.usage", {})
    assert before["status"] == "ok"
    assert before["message"] == "today $0.0000 (0 requests), this month $0.0000"
    uri = ed.open("cart.py", "def first() -> int:\n    return 1\n")
    where = {"uri": uri, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}}
    assert (await ed.run("kimi.explain", where))["status"] == "ok"
    after = await ed.run("kimi.usage", {})
    (record,) = await kimi.requests()
    used = record["usage"]
    cost = (950 * used["prompt_tokens"] + 4_000 * used["completion_tokens"]) / 1e9
    assert after["message"] == f"today ${cost:.4f} (1 request), this month ${cost:.4f}"
    last = after["markdown"].strip().split("\n")[-1]
    assert (
        last == f"| total | 1 | {used['prompt_tokens']:,} | {used['completion_tokens']:,} | 0 | ${cost:.4f} |"
    )


async def test_books_that_cannot_be_read_are_one_message(kimi: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with editor({**kimi.environ, "KIMI_LSP_STATE": str(tmp_path / "file" / "x")}, tmp_path) as ed:
        told = await ed.run("kimi.usage", {})
        assert told["status"] == "failed"
        assert told["message"].startswith("What is spent cannot be read or kept (")
        uri = ed.open("cart.py", "def first() -> int:\n    return 1\n")
        where = {
            "uri": uri,
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}},
        }
        assert (await ed.run("kimi.explain", where))["status"] == "ok"
        assert sum("What is spent" in message for message in ed.messages) == 1
