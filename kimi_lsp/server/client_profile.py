"""What the editor can do, read once from its `initialize` request into plain flags.

What a client did not advertise is not sent; the few exceptions are clients that were seen to do a thing
without saying so, by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Answers = Literal["attached", "detached"]

LLM_GENERATED = 1
"""CodeActionTag.LLMGenerated."""
_ATTACHED = (
    "visual studio code",
    "code",
    "code - oss",
    "vscodium",
    "code-server",
    "cursor",
    "neovim",
    "helix",
    "zed",
    "sublime text lsp",
    "sublime text",
    "kak-lsp",
    "kakoune-lsp",
    "pytest-lsp",
    "kimi-lsp demo",
)


@dataclass(frozen=True, slots=True)
class ClientProfile:
    """Flags, each the whole answer to one question that the server asks itself."""

    name: str = ""
    answers: Answers = "detached"
    """Whether a command is answered when it is done, or at once because the client blocks on it."""
    apply_edit: bool = False
    document_changes: bool = False
    change_annotations: bool = False
    needs_confirmation: bool = False
    """Whether the client asks its user before it applies an annotated change."""
    resource_operations: frozenset[str] = frozenset()
    """Of `create`, `rename` and `delete`, what an edit may do to whole files."""
    takes_back: bool = False
    """Whether an edit of which one part fails leaves nothing behind; most clients stop in the middle."""
    ends_new_files: bool = False
    """Whether the client ends the last line of a new file itself, so that an end that is sent makes one line more."""
    progress: bool = False
    show_document: bool = False
    text_content: bool = False
    """`workspace/textDocumentContent`: virtual documents that the server serves."""
    markdown_result: bool = False
    """The client shows the Markdown of a command's answer itself."""
    configuration: bool = False
    llm_tag: bool = False
    client_progress: bool = False
    """The client shows the wait itself, from `kimi/progress`."""
    streams: bool = False
    """The client shows an explanation while it is written, from `kimi/explaining`."""
    previews: bool = False
    """The client shows an edit before it is made, and asks its user, by `kimi/preview`."""
    status: bool = False
    """The client shows the server's state and what was spent today, from `kimi/status`."""
    pushed_diagnostics: bool = False
    """The client takes `textDocument/publishDiagnostics`."""
    refreshes: frozenset[str] = frozenset()
    """Of `codeLens` and `diagnostics`, what the client asks for again on demand."""
    client_prompt: bool = False
    """The client has the command `kimi.client.prompt`, which asks its user for an instruction."""


def profile(params: Mapping[str, Any]) -> ClientProfile:
    """Read the flags from LSP's InitializeParams as JSON; what has not the right shape counts as not said."""
    client = _table(params, "capabilities")
    edit = _table(client, "workspace", "workspaceEdit")
    name = _table(params, "clientInfo").get("name")
    name = name if isinstance(name, str) else ""
    options = _table(params, "initializationOptions")
    shows = _table(options, "ui")
    client_progress = options.get("progress") == "client"
    neovim = name.lower() == "neovim"
    # Neovim applies versioned edits, and checks the version, without advertising them.
    versioned = bool(edit.get("documentChanges")) or neovim
    annotations = edit.get("changeAnnotationSupport") is not None
    return ClientProfile(
        name=name,
        answers=_answers(name, options),
        apply_edit=bool(_table(client, "workspace").get("applyEdit")),
        document_changes=versioned,
        change_annotations=annotations,
        needs_confirmation=annotations and _confirms(name),
        # They travel among `documentChanges`, so they are nothing to a client that does not take those.
        resource_operations=frozenset(_strings(edit, "resourceOperations") if versioned else ()),
        takes_back=edit.get("failureHandling") in ("transactional", "undo"),
        ends_new_files=neovim,
        progress=bool(_table(client, "window").get("workDoneProgress")) and not client_progress,
        show_document=bool(_table(client, "window", "showDocument").get("support")),
        text_content=bool(_table(client, "workspace", "textDocumentContent").get("dynamicRegistration")),
        markdown_result=bool(shows.get("markdown")),
        client_progress=client_progress,
        streams=bool(shows.get("stream")),
        previews=bool(shows.get("preview")),
        status=bool(shows.get("status")),
        configuration=bool(_table(client, "workspace").get("configuration")),
        llm_tag=LLM_GENERATED
        in _list(_table(client, "textDocument", "codeAction", "tagSupport"), "valueSet"),
        pushed_diagnostics=isinstance(_table(client, "textDocument").get("publishDiagnostics"), Mapping),
        refreshes=frozenset(
            name
            for name in ("codeLens", "diagnostics")
            if _table(client, "workspace", name).get("refreshSupport") is True
        ),
        client_prompt="kimi.client.prompt" in _strings(options, "clientCommands"),
    )


def _answers(name: str, options: Mapping[str, Any]) -> Answers:
    said = options.get("commands")
    if said in ("attached", "detached"):
        return "attached" if said == "attached" else "detached"
    return "attached" if name.lower().startswith(_ATTACHED) else "detached"


def _confirms(name: str) -> bool:
    # Kakoune advertises annotations and ignores them; Sublime shows the labels only.
    return not name.lower().startswith(("kak", "sublime"))


def _table(place: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        found = place.get(name)
        place = found if isinstance(found, dict) else {}
    return place


def _list(place: Mapping[str, Any], name: str) -> list[Any]:
    found = place.get(name)
    return found if isinstance(found, list) else []


def _strings(place: Mapping[str, Any], name: str) -> list[str]:
    return [one for one in _list(place, name) if isinstance(one, str)]
