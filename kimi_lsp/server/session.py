"""What one connection knows besides its documents: the editor's profile, the settings, the model, the jobs."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from kimi_lsp import __version__
from kimi_lsp.connect import Connected, open_model
from kimi_lsp.features import Source
from kimi_lsp.project.log import log_to
from kimi_lsp.project.settings import Loaded, Settings, load
from kimi_lsp.server import convert
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.server.documents import Document, Documents
from kimi_lsp.server.explanation import Explanations
from kimi_lsp.server.jobs import Jobs
from kimi_lsp.server.protocol import HardenedProtocol, lenient_converter


class KimiServer(LanguageServer):
    """One server for one editor. Built by `server.app.build`; there is no global one."""

    protocol: HardenedProtocol

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(
            "kimi-lsp", __version__, protocol_cls=HardenedProtocol, converter_factory=lenient_converter
        )
        self.environ = environ
        self.profile = ClientProfile()
        self.loaded = Loaded(Settings(), ())
        self.jobs = Jobs()
        self.explanations = Explanations()
        self.protocol.on_close = self.jobs.document_closed
        self.protocol.on_lost_step = self._lost_step
        self.protocol.on_progress_cancel = self.jobs.cancel
        self.start_options: dict[str, Any] = {}
        self.pending_remarks: list[str] = []
        self.watch: asyncio.Task[None] | None = None
        self._connected: Connected | None = None
        self._connecting = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def documents(self) -> Documents:
        """The open documents."""
        return self.protocol.documents

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.loaded.settings

    @property
    def roots(self) -> tuple[Path, ...]:
        """The workspace's folders that are on a disk."""
        uris = [folder.uri for folder in self.workspace.folders.values()] or [self.workspace.root_uri or ""]
        return tuple(path for uri in uris if (path := convert.path(uri)) is not None)

    def source(self, document: Document) -> Source:
        """Return a document as the features take it, at this moment."""
        return Source(
            document.snapshot(),
            convert.path(document.uri),
            self.roots,
            self.settings.exclude,
            self.settings.context_tokens,
            self.settings.max_tokens,
            self.settings.web_search,
        )

    def configure(self, editor: Mapping[str, Any]) -> list[str]:
        """Read all layers of settings anew; return the remarks that were not made before."""
        before, root = self.loaded, next(iter(self.roots), None)
        self.loaded = load(editor=editor, root=root, environ=self.environ)
        if self.settings.log_file != before.settings.log_file:
            log_to(self.settings.log_file)
        if self.loaded.settings != before.settings and self._connected is not None:
            old, self._connected = self._connected, None
            closing = asyncio.ensure_future(old.close_when_idle())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        return [remark for remark in self.loaded.remarks if remark not in before.remarks]

    async def model(self) -> Connected:
        """Return the model, made at the first use. Raises conversation.ModelError where there is no key."""
        # Finding the key may take a while, and two requests that wait for it share one model.
        async with self._connecting:
            if self._connected is None:
                self._connected = await open_model(self.settings, self.environ)
            return self._connected

    async def stop(self) -> None:
        """Cancel all work and close the model's connections."""
        await self.jobs.close()
        await asyncio.gather(*self._closing)
        if self.watch is not None:
            self.watch.cancel()
        if self._connected is not None:
            old, self._connected = self._connected, None
            await old.close()

    def tell(self, sentence: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        """Show one sentence to the user."""
        self.window_show_message(types.ShowMessageParams(type=kind, message=f"Kimi: {sentence}"))

    def _lost_step(self, uri: str) -> None:
        self.jobs.cancel(uri=uri)
        name = unquote(uri.rpartition("/")[2])
        self.tell(
            f"{name} is not followed any more, since the editor's numbering of its changes went back. "
            "Close it and open it again."
        )

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Keep pygls from showing an exception's text to the user; the protocol has logged it."""
