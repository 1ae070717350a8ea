"""`kimi.usage`: what was spent, from the ledger. No model is called, and no key is needed."""

from typing import Any

import attrs
from lsprotocol import types

from kimi_lsp.conversation import ModelError
from kimi_lsp.kimi.spending import HEADINGS, Spending
from kimi_lsp.server.session import KimiServer


@attrs.frozen
class Anything:
    """The argument: an object that says nothing."""


async def usage(server: KimiServer, _anything: Anything) -> dict[str, Any]:
    """Answer with one sentence, and with a table in Markdown."""
    try:
        found = await server.spent()
    except ModelError as error:
        server.tell(str(error))
        return {"status": "failed", "message": str(error)}
    if not server.profile.markdown_result:
        # Few editors show what a command answers.
        server.tell(f"{found.sentence()}.", types.MessageType.Info)
    return {"status": "ok", "message": found.sentence(), "markdown": _markdown(found)}


def _markdown(found: Spending) -> str:
    totals = [*found.days, *found.models, found.total]
    rows = [HEADINGS, (":--", *("--:" for _ in HEADINGS[1:])), *(total.cells() for total in totals)]
    table = "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)
    said = "".join(f"\n- {remark}" for remark in found.remarks())
    return f"### Kimi since {found.since.isoformat()}\n\n{table}\n" + (f"{said}\n" if said else "")


def _cell(text: str) -> str:
    """Return a text that stays in its cell: a model's name is whatever the settings say."""
    return "".join(f"\\{char}" if char in "\\|`*_<[" else char for char in text if char.isprintable())
