"""`kimi-lsp usage`: the same figures as a table, as JSON and as lines, equal to what the sandbox itself counted."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path

from tests.cli.running import FIX, nowhere, run
from tests.support.sandboxed import Sandbox


async def test_nothing_was_asked(tmp_path: Path) -> None:
    ran = await run("usage", environ=nowhere(KIMI_LSP_STATE=str(tmp_path / "state")), cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("since 20")
    assert ran.out.endswith("-01: nothing was asked\nToday $0.0000 (0 requests), this month $0.0000.\n")


async def test_the_figures_are_the_sandbox_s_own(kimi: Sandbox, cart: Path) -> None:
    environ = kimi.environ
    for _ in range(2):
        assert (await run("fix", str(cart), *FIX, environ=environ)).code == 0
    counted = [record["usage"] for record in await kimi.requests()]
    exact = sum(950 * one["prompt_tokens"] + 4_000 * one["completion_tokens"] for one in counted)

    table = (await run("usage", environ=environ, cwd=cart.parent)).out
    assert f"Today ${exact / 1e9:.4f} (2 requests), this month ${exact / 1e9:.4f}." in table
    assert f"kimi-k2-7-code at {kimi.base_url.removeprefix('http://')}" in table
    assert all(line == line.rstrip() for line in table.split("\n"))

    told = json.loads((await run("usage", "--json", environ=environ, cwd=cart.parent)).out)
    assert told["total"]["cost_usd"] == exact / 1e9
    assert told["total"]["prompt_tokens"] == sum(one["prompt_tokens"] for one in counted)
    assert told["total"]["completion_tokens"] == sum(one["completion_tokens"] for one in counted)
    assert told["days"] == [{**told["total"], "name": told["days"][0]["name"]}]
    assert told["budgets"] == []

    lines = (await run("usage", "--csv", environ=environ, cwd=cart.parent)).out
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert sum(round(float(row["cost_usd"]) * 1e9) for row in rows) == exact
    assert {(row["kind"], row["outcome"], row["estimated"]) for row in rows} == {("fix", "finished", "false")}
    assert all(datetime.fromisoformat(row["time"]).utcoffset() is not None for row in rows)


async def test_budgets_and_dates(kimi: Sandbox, cart: Path) -> None:
    environ = kimi.environ
    (cart.parent / ".kimi-lsp.toml").write_text("budget_day = 0.25\nbudget_month = 5\n", "utf-8")
    assert (await run("explain", str(cart), "--lines", "4-5", environ=environ)).code == 0
    ran = await run("usage", "--since", "2026-01-31", environ=environ, cwd=cart.parent)
    assert ran.code == 0
    assert "\nbudget_day: $0.24" in ran.out
    assert " of $5.0000 left\n" in ran.out
    later = await run("usage", "--since", "2999-01-01", environ=environ, cwd=cart.parent)
    assert "since 2999-01-01: nothing was asked" in later.out
    assert "(1 request)" in later.out


async def test_a_budget_refuses_in_one_sentence(kimi: Sandbox, cart: Path) -> None:
    (cart.parent / ".kimi-lsp.toml").write_text("budget_request = 0.001\n", "utf-8")
    ran = await run("fix", str(cart), *FIX, environ=kimi.environ)
    assert ran.code == 3
    assert ran.err.startswith("kimi-lsp: Nothing was sent, because it may cost up to $0.06")
    assert await kimi.requests() == []


async def test_wrong_use_and_a_folder_that_is_none(tmp_path: Path) -> None:
    wrong = await run("usage", "--since", "yesterday", environ=nowhere(), cwd=tmp_path)
    assert wrong.code == 2
    assert "'yesterday' is not a date such as 2026-11-23" in wrong.err
    (tmp_path / "file").write_text("")
    ran = await run("usage", environ=nowhere(KIMI_LSP_STATE=str(tmp_path / "file" / "x")), cwd=tmp_path)
    assert ran.code == 1
    assert ran.err.startswith("kimi-lsp: What is spent cannot be read or kept (")
    assert ran.out == ""
