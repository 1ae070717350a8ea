"""`kimi-lsp usage`: what was spent, by day and by model, and what the budgets have left. Nothing is sent."""

import argparse
import csv
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from kimi_lsp.cli.exit_codes import FAILED, OK
from kimi_lsp.connect import spent
from kimi_lsp.kimi import KimiError
from kimi_lsp.kimi.cost import NANO
from kimi_lsp.kimi.spending import HEADINGS, Spending, Total
from kimi_lsp.project import files
from kimi_lsp.project.settings import load
from kimi_lsp.text.harmless import visible

_COLUMNS = (
    "time", "host", "model", "protocol", "kind", "outcome", "prompt_tokens", "completion_tokens", "reasoning_tokens",
    "cached_tokens", "tool_usage", "cost_usd", "estimated",
)  # fmt: skip


async def usage(arguments: argparse.Namespace) -> int:
    """Print what was spent since a day, or this month, in one of three forms."""
    loaded = load(root=files.find_root(Path.cwd() / "any"), environ=os.environ)
    for remark in loaded.remarks:
        print(f"kimi-lsp: {visible(remark)}", file=sys.stderr)
    try:
        found = await spent(loaded.settings, os.environ, arguments.since)
    except KimiError as error:
        print(f"kimi-lsp: {visible(str(error))}", file=sys.stderr)
        return FAILED
    if arguments.json:
        print(json.dumps(_told(found)))
    elif arguments.csv:
        print(_csv(found), end="")
    else:
        print(visible(_text(found)))
    return OK


def _text(found: Spending) -> str:
    tables = [("by day", found.days), ("by model", [*found.models, found.total])]
    shown = [_aligned((title, *HEADINGS[1:]), rows) for title, rows in tables if found.total.requests]
    since = f"since {found.since.isoformat()}"
    nothing = [] if shown else [f"{since}: nothing was asked"]
    return "\n\n".join(
        [
            *shown,
            "\n".join([*nothing, f"{found.sentence()[0].upper()}{found.sentence()[1:]}.", *found.remarks()]),
        ]
    )


def _aligned(headings: Sequence[str], totals: Sequence[Total]) -> str:
    rows = [tuple(headings), *(total.cells() for total in totals)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(headings))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _told(found: Spending) -> dict[str, object]:
    return {
        "since": found.since.isoformat(),
        "today": _of(found.today),
        "month": _of(found.month),
        "total": _of(found.total),
        "days": [_of(day) for day in found.days],
        "models": [_of(model) for model in found.models],
        "budgets": [
            {"name": left.name, "budget_usd": left.budget / NANO, "left_usd": left.left / NANO}
            for left in found.left
        ],
        "message": found.sentence(),
    }


def _of(total: Total) -> dict[str, object]:
    figures = asdict(total)
    return {**figures, "cost_usd": figures.pop("nanodollars") / NANO}


def _csv(found: Spending) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for row in found.rows:
        figures = {
            **asdict(row),
            "time": datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds"),
            "tool_usage": json.dumps(row.tool_usage),
            "cost_usd": f"{row.nanodollars // NANO}.{row.nanodollars % NANO:09}",
            "estimated": str(row.estimated).lower(),
        }
        table.writerow(_cell(figures[name]) for name in _COLUMNS)
    return text.getvalue()


def _cell(value: object) -> object:
    # A spreadsheet would take such a text for a formula.
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value
