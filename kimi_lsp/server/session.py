"""The full server: what one connection needs of LSP's own library, and the model. It works on the desk's knowledge."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from kimi_lsp import __version__
from kimi_lsp.connect import Connected, open_model, spent
from kimi_lsp.features import Source
from kimi_lsp.kimi.dismissed import Dismissed
from kimi_lsp.kimi.spending import Spending
from kimi_lsp.project.log import log_to
from kimi_lsp.project.settings import Settings
from kimi_lsp.server import uris
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.server.desk import Desk
from kimi_lsp.server.documents import Document
from kimi_lsp.server.explanation import Explanations
from kimi_lsp.server.hints import Hints
from kimi_lsp.server.protocol import HardenedProtocol, lenient_converter
from kimi_lsp.server.settings_asked import SettingsAsked
from kimi_lsp.server.status import Status
from kimi_lsp.server.stdio import Writer
from kimi_lsp.text import harmless


@dataclass
class Saves:
    """What is known of reviews on save, of one session."""

    seen: dict[str, int] = field(default_factory=dict)
    """By document, the hash of the text that was reviewed last."""
    said: bool = False
    """Whether the price was said."""
    trouble: str = ""
    """The last sentence on why there was none."""


class KimiServer(LanguageServer):
    """One server for one editor. Built by `server.app.build`; there is no global one."""

    protocol: HardenedProtocol

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            "kimi-lsp", __version__, protocol_cls=HardenedProtocol, converter_factory=lenient_converter
        )
        self.desk = desk
        self.environ = desk.environ
        self.jobs = desk.jobs
        self.documents = desk.documents
        self.explanations = Explanations()
        self.status = Status(self)
        self.hints = Hints(self)
        self.dismissed = Dismissed.of(desk.environ)
        self.saves = Saves()
        self.suggestion_ids = itertools.count(1)
        self.protocol.exited = desk.exited
        self.protocol.on_progress_cancel = self.jobs.cancel
        self.pending_remarks: list[str] = []
        self.editor: Mapping[str, Any] = {}
        """The settings that the editor gave last."""
        self.asking = SettingsAsked()
        self.folders_changed = False
        """Whether the client has told of other folders; then `rootUri` says nothing any more."""
        self.watch: asyncio.Task[None] | None = None
        self._connected: Connected | None = None
        self._connecting = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def profile(self) -> ClientProfile:
        """What the editor can do."""
        return self.desk.profile

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.desk.settings

    @property
    def closing(self) -> bool:
        """Whether the client has asked for the end."""
        return self.protocol.closing

    @property
    def exit_code(self) -> int:
        """0 after `shutdown`, 1 without, as LSP asks."""
        return self.protocol.exit_code

    def connect(self, writer: Writer) -> None:
        """Take the stream that answers go to."""
        self.protocol.set_writer(writer)

    def begin(self, params: Mapping[str, Any]) -> None:
        """Take the parameters of `initialize`, which was answered already."""
        self.protocol.initialize_answered(params)
        self.editor = self.desk.options
        self.pending_remarks = list(self.desk.loaded.remarks)
        if self.profile.configuration:
            self.asking.announce()
        self.desk.told_by(self.tell)
        if self.settings.log_file is not None:
            log_to(self.settings.log_file)

    def receive(self, message: Any) -> None:
        """Take one decoded message. Never raises."""
        self.protocol.receive(message)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The workspace's folders that are on a disk."""
        named = [folder.uri for folder in self.workspace.folders.values()]
        if not named and not self.folders_changed:
            named = [self.workspace.root_uri or ""]
        return tuple(path for uri in named if (path := uris.path(uri)) is not None)

    def source(self, document: Document) -> Source:
        """Return a document as the features take it, at this moment."""
        notebook = uris.path(self.desk.notebooks.get(document.uri, "")) or uris.notebook(document.uri)
        return self.governed(Source(document.snapshot(), uris.path(document.uri), notebook=notebook))

    def governed(self, source: Source) -> Source:
        """Return the same text under the settings as they are now."""
        settings = self.settings
        return replace(
            source,
            roots=self.roots,
            exclude=settings.exclude,
            context_tokens=settings.context_tokens,
            max_tokens=settings.max_tokens,
            web_search=settings.web_search,
            context=settings.context,
        )

    def configure(self, editor: Mapping[str, Any]) -> list[str]:
        """Read all layers of settings anew; return the remarks that were not made before."""
        self.editor, before = editor, self.desk.loaded
        self.desk.root = next(iter(self.roots), None)
        now = self.desk.configure(editor)
        if now.settings.log_file != before.settings.log_file:
            log_to(now.settings.log_file)
        if now.settings != before.settings and self._connected is not None:
            old, self._connected = self._connected, None
            closing = asyncio.ensure_future(old.close_when_idle())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        return [remark for remark in now.remarks if remark not in before.remarks]

    async def model(self) -> Connected:
        """Return the model, made at the first use. Raises conversation.ModelError where there is no key."""
        # Finding the key may take a while, and two requests that wait for it share one model.
        async with self._connecting:
            if self._connected is None:
                self._connected = await open_model(self.settings, self.environ)
            return self._connected

    async def spent(self) -> Spending:
        """Return what was spent, what has just ended included. Raises conversation.ModelError."""
        if self._connected is not None:
            return await self._connected.spent()
        return await spent(self.settings, self.environ)

    async def stop(self) -> None:
        """Cancel all work and close the model's connections."""
        await self.jobs.close()
        await self.status.stop()
        await self.hints.stop()
        await self.dismissed.close()
        self.protocol.cancel_all()
        await asyncio.gather(*self._closing)
        if self.watch is not None:
            self.watch.cancel()
        if self._connected is not None:
            old, self._connected = self._connected, None
            await old.close()

    def tell(self, sentence: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        """Show one sentence to the user."""
        self.window_show_message(
            types.ShowMessageParams(type=kind, message=f"Kimi: {harmless.message(sentence)}")
        )

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Keep pygls from showing an exception's text to the user; the protocol has logged it."""
