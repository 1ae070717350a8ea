"""What one connection knows without any LSP library: the documents, the jobs, the editor's flags, the settings.

Light on purpose: the menu is answered from here while the libraries of the other half are still being loaded.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kimi_lsp.server import uris
from kimi_lsp.server.capabilities import encoding
from kimi_lsp.server.client_profile import ClientProfile, profile
from kimi_lsp.server.documents import Documents
from kimi_lsp.server.jobs import Jobs
from kimi_lsp.server.suggestions import Suggestions
from kimi_lsp.text import Encoding

if TYPE_CHECKING:
    from kimi_lsp.project.settings import Loaded, Settings


class Desk:
    """One for each connection; there is no global one."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.documents = Documents()
        self.jobs = Jobs()
        self.reported: dict[str, list[dict[str, Any]]] = {}
        """By document, what an editor told of all its tools' diagnostics: `handlers.diagnostics`."""
        self.suggestions = Suggestions()
        """What reviews suggested, as it stands in the documents now."""
        self.notebooks: dict[str, str] = {}
        """The notebook of each cell that the editor told of as such, by their URIs."""
        self.exited = asyncio.Event()
        self.profile = ClientProfile()
        self.encoding: Encoding = "utf-16"
        self.root: Path | None = None
        """The workspace's first folder, which may hold settings."""
        self.options: Mapping[str, Any] = {}
        """What the editor set when it started the server."""
        self._tell: Callable[[str], object] | None = None
        self._untold: list[str] = []
        self._loaded: Loaded | None = None

    def begin(self, params: Mapping[str, Any]) -> None:
        """Learn what the client can do and what its user set, from LSP's InitializeParams as JSON."""
        self.profile = profile(params)
        self.encoding = cast("Encoding", encoding(params))
        self.root = _root(params)
        options = params.get("initializationOptions")
        self.options = options if isinstance(options, dict) else {}

    def tell(self, sentence: str) -> None:
        """Show a sentence to the user, as soon as somebody can."""
        if self._tell is None:
            self._untold.append(sentence)
        else:
            self._tell(sentence)

    def told_by(self, tell: Callable[[str], object]) -> None:
        """Take who can show sentences from now on, and those that wait."""
        self._tell = tell
        untold, self._untold = self._untold, []
        for sentence in untold:
            tell(sentence)

    @property
    def loaded(self) -> "Loaded":
        """The settings in force and what is to be said of them; read when first asked for."""
        return self._loaded or self.configure(self.options)

    @property
    def settings(self) -> "Settings":
        """The settings in force."""
        return self.loaded.settings

    def configure(self, editor: Mapping[str, Any]) -> "Loaded":
        """Read all layers of the settings anew."""
        # pydantic is not needed before the first menu.
        from kimi_lsp.project.settings import load  # noqa: PLC0415

        # Said when the editor starts us, and not by settings: those of a folder could say it of themselves.
        trusted = self.options.get("workspaceTrusted") is True
        self._loaded = load(editor=editor, root=self.root, environ=self.environ, trusted=trusted)
        return self._loaded


def _root(params: Mapping[str, Any]) -> Path | None:
    folders = params.get("workspaceFolders")
    first = folders[0] if isinstance(folders, list) and folders else None
    uri = first.get("uri") if isinstance(first, dict) else params.get("rootUri")
    return uris.path(uri) if isinstance(uri, str) else None
