"""What the editor can do, read once from its `initialize` request into plain flags.

What a client did not advertise is not sent; the few exceptions are clients that were seen to do a thing
without saying so, by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lsprotocol import types

Answers = Literal["attached", "detached"]

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
    client_prompt: bool = False
    """The client has the command `kimi.client.prompt`, which asks its user for an instruction."""


def profile(params: types.InitializeParams) -> ClientProfile:
    """Read the flags."""
    caps = params.capabilities
    workspace = caps.workspace or types.WorkspaceClientCapabilities()
    window = caps.window or types.WindowClientCapabilities()
    action = (
        caps.text_document.code_action if caps.text_document else None
    ) or types.CodeActionClientCapabilities()
    edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
    name = params.client_info.name if params.client_info else ""
    options: Mapping[str, Any] = (
        params.initialization_options if isinstance(params.initialization_options, dict) else {}
    )
    ui = options.get("ui") if isinstance(options.get("ui"), dict) else {}
    commands = options.get("clientCommands")
    neovim = name.lower() == "neovim"
    return ClientProfile(
        name=name,
        answers=_answers(name, options),
        apply_edit=bool(workspace.apply_edit),
        # Neovim applies versioned edits, and checks the version, without advertising them.
        document_changes=bool(edit.document_changes) or neovim,
        change_annotations=edit.change_annotation_support is not None,
        needs_confirmation=edit.change_annotation_support is not None and _confirms(name),
        resource_operations=_operations(edit, versioned=bool(edit.document_changes) or neovim),
        takes_back=edit.failure_handling
        in (types.FailureHandlingKind.Transactional, types.FailureHandlingKind.Undo),
        ends_new_files=neovim,
        progress=bool(window.work_done_progress) and options.get("progress") != "client",
        show_document=bool(window.show_document and window.show_document.support),
        text_content=workspace.text_document_content is not None
        and bool(workspace.text_document_content.dynamic_registration),
        markdown_result=bool(ui.get("markdown")) if isinstance(ui, dict) else False,
        configuration=bool(workspace.configuration),
        llm_tag=action.tag_support is not None
        and types.CodeActionTag.LlmGenerated in action.tag_support.value_set,
        client_prompt=isinstance(commands, list) and "kimi.client.prompt" in commands,
    )


def _answers(name: str, options: Mapping[str, Any]) -> Answers:
    said = options.get("commands")
    if said in ("attached", "detached"):
        return "attached" if said == "attached" else "detached"
    return "attached" if name.lower().startswith(_ATTACHED) else "detached"


def _operations(edit: types.WorkspaceEditClientCapabilities, *, versioned: bool) -> frozenset[str]:
    # They travel among `documentChanges`, so they are nothing to a client that does not take those.
    found = edit.resource_operations or () if versioned else ()
    return frozenset(str(getattr(one, "value", one)) for one in found)


def _confirms(name: str) -> bool:
    # Kakoune advertises annotations and ignores them; Sublime shows the labels only.
    return not name.lower().startswith(("kak", "sublime"))
