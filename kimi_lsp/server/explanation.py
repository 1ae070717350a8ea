"""How a text to read, an explanation or a diff, reaches the user: the best way that the editor has, out of four.

1. the command's own answer, where it is Markdown and the client said that it shows that;
2. a virtual document `kimi:/explain/…` or `kimi:/diff/…`, served from memory;
3. a file in the cache folder, shown as a document;
4. a message, an explanation shortened, which then names the file.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import from_fs_path

from kimi_lsp.project.files import FileProblem, write_explanation
from kimi_lsp.server.client_profile import ClientProfile
from kimi_lsp.text import harmless

logger = logging.getLogger(__name__)

Kind = Literal["explain", "diff"]
_FILES: Mapping[Kind, tuple[str, str]] = {"explain": ("explanation", "md"), "diff": ("diff", "diff")}
"""The beginning and the ending of a file's name, by what it holds."""
_KEPT = 20
"""Virtual documents; an editor asks for one again when its window is shown again."""
_SHOWN_WITHIN = 10.0
"""Seconds for an editor to open a document; after that the next way is taken."""
_BETWEEN_TELLINGS = 0.2
"""Seconds; nobody reads faster, and what is told costs its whole length each time."""
_MESSAGE = 600
"""Code points of an explanation that still read well in a message."""


class Explanations:
    """The virtual documents, oldest dropped first."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._count = 0

    def add(self, text: str, kind: Kind) -> str:
        """Keep a text and return its URI."""
        self._count += 1
        uri = f"kimi:/{kind}/{self._count}.{_FILES[kind][1]}"
        self._texts[uri] = text
        while len(self._texts) > _KEPT:
            self._texts.popitem(last=False)
        return uri

    def text(self, uri: str) -> str:
        """Return a kept text, or a sentence that says it is gone."""
        return self._texts.get(uri, "This text is no longer kept; ask again.")


class Editor(Protocol):
    """What is needed of the server to show something."""

    explanations: Explanations

    @property
    def profile(self) -> ClientProfile:
        """What the editor can do."""
        ...

    def window_show_message(self, params: types.ShowMessageParams) -> None:
        """Send a message."""

    async def window_show_document_async(self, params: types.ShowDocumentParams) -> types.ShowDocumentResult:
        """Ask the editor to show a document."""
        ...


class Telling:
    """An explanation told while it is written, to a client that shows it: the whole of it so far, a few times a second."""

    def __init__(self, server: Any, job: str, uri: str) -> None:
        self._server = server
        self._place = {"job": job, "uri": uri}
        self._told = float("-inf")

    def so_far(self, markdown: Callable[[], str]) -> None:
        """Take what was written so far, as Markdown that is worked out only where it is told."""
        now = asyncio.get_running_loop().time()
        if now - self._told >= _BETWEEN_TELLINGS and not self._server.protocol.is_behind:
            self._told = now
            self._tell(markdown(), done=False)

    def end(self, markdown: str) -> None:
        """Tell the whole of it."""
        self._tell(markdown, done=True)

    def _tell(self, markdown: str, *, done: bool) -> None:
        self._server.protocol.notify("kimi/explaining", {**self._place, "text": markdown, "done": done})


async def show(server: Editor, markdown: str) -> None:
    """Show an explanation by the first way that works."""
    if server.profile.markdown_result:
        return
    place = await as_document(server, markdown, "explain")
    if not place:
        return
    short = markdown if len(markdown) <= _MESSAGE else f"{markdown[:_MESSAGE].rstrip()} …\n\n{place}"
    told = types.ShowMessageParams(type=types.MessageType.Info, message=harmless.message(short))
    server.window_show_message(told)


async def as_document(server: Editor, text: str, kind: Kind) -> str:
    """Show a text as a document of its own; return an empty string, or a sentence on where else it is."""
    profile = server.profile
    if (
        profile.text_content
        and profile.show_document
        and await _shown(server, server.explanations.add(text, kind))
    ):
        return ""
    title, ending = _FILES[kind]
    try:
        file = write_explanation(text, title, ending=ending)
    except FileProblem as problem:
        return str(problem)
    if profile.show_document and await _shown(server, from_fs_path(str(file)) or ""):
        return ""
    return f"The whole text is in {file}."


async def _shown(server: Editor, uri: str) -> bool:
    try:
        asked = server.window_show_document_async(types.ShowDocumentParams(uri=uri, take_focus=True))
        answer = await asyncio.wait_for(asked, _SHOWN_WITHIN)
    except (TimeoutError, JsonRpcException) as error:
        logger.info("a text was not shown as a document: %s", str(error) or "no answer")
        return False
    return bool(answer and answer.success)
