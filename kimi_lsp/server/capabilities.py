"""What this server offers: the one table that the front door and the full server both answer `initialize` from.

Plain values and the standard library only: it is read before anything heavy is imported. It depends on the client in
one point, the unit of positions.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kimi_lsp import __version__

FIX = "quickfix.kimi"
FIX_ALL = f"{FIX}.all"
REWRITE = "refactor.rewrite.kimi"
IMPLEMENT = f"{REWRITE}.implement"
COMMENT = f"{REWRITE}.comment"
NAMES = f"{REWRITE}.names"
EXPLAIN = "kimi.explain"
ASK = "kimi.ask"
GENERATE = "kimi.generate"
DOCUMENT = f"{GENERATE}.docs"
TESTS = f"{GENERATE}.tests"
SUGGESTION = f"{FIX}.suggestion"
REVIEW = "kimi.review"

CODE_ACTION_KINDS: Sequence[str] = (
    "quickfix",
    FIX,
    "refactor.rewrite",
    REWRITE,
    EXPLAIN,
    ASK,
    GENERATE,
    REVIEW,
)
"""What is advertised: the standard parents too, for clients that compare kinds for equality."""

COMMANDS: Sequence[str] = (
    "kimi.explain",
    "kimi.refactor",
    "kimi.implement",
    "kimi.fix",
    "kimi.fixAll",
    "kimi.document",
    "kimi.ask",
    "kimi.doComment",
    "kimi.renameBetter",
    "kimi.writeTests",
    "kimi.action",
    "kimi.review",
    "kimi.applySuggestion",
    "kimi.dismiss",
    "kimi.commitMessage",
    "kimi.cancel",
    "kimi.showRequest",
    "kimi.usage",
)
"""The commands, each of which takes one object."""

ENCODINGS = ("utf-8", "utf-16", "utf-32")
"""Units of a position's character; the client's first of these is taken, UTF-16 where it names none."""

SYNC_INCREMENTAL = 2
"""TextDocumentSyncKind.Incremental."""


def initialize_result(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return LSP's InitializeResult for a client's InitializeParams, both as plain JSON."""
    return {
        "capabilities": {
            "positionEncoding": encoding(params),
            "textDocumentSync": {"openClose": True, "change": SYNC_INCREMENTAL, "save": True},
            "notebookDocumentSync": {"notebookSelector": [{"notebook": "*"}], "save": False},
            "codeActionProvider": {"codeActionKinds": list(CODE_ACTION_KINDS), "resolveProvider": False},
            "executeCommandProvider": {"commands": list(COMMANDS)},
            "codeLensProvider": {"resolveProvider": False},
            **_where_asked_for(params),
            "workspace": {
                "workspaceFolders": {"supported": True, "changeNotifications": True},
                "fileOperations": {},
            },
        },
        "serverInfo": {"name": "kimi-lsp", "version": __version__},
    }


def _where_asked_for(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is only offered to a client that says it can use it."""
    client = params.get("capabilities")
    found = client.get("textDocument") if isinstance(client, Mapping) else None
    can = found if isinstance(found, Mapping) else {}
    offered: dict[str, Any] = {}
    if isinstance(can.get("inlineCompletion"), Mapping):
        offered["inlineCompletionProvider"] = True
    if isinstance(can.get("diagnostic"), Mapping) and not isinstance(can.get("publishDiagnostics"), Mapping):
        # Most clients take what is pushed, and would only ask in vain at each change.
        offered["diagnosticProvider"] = {"interFileDependencies": False, "workspaceDiagnostics": False}
    return offered


def encoding(params: Mapping[str, Any]) -> str:
    """Return the unit of positions for a client: the first of its own that is known here."""
    place: Any = params
    for name in ("capabilities", "general", "positionEncodings"):
        place = place.get(name) if isinstance(place, Mapping) else None
    offered = place if isinstance(place, Sequence) and not isinstance(place, str) else ()
    return next((one for one in offered if one in ENCODINGS), "utf-16")
