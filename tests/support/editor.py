"""A fake editor on pytest-lsp's client: it opens, types, shows a menu, runs an action, applies edits as editors do.

It keeps its own buffer by its own simple rules, so that the server's idea of the text is checked against another's.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.uris import to_fs_path
from pytest_lsp import LanguageClient, make_test_lsp_client

from tests.support import warm

PROFILES = Path(__file__).parent.parent / "client_profiles"

UNITS: Mapping[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode()),
    "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
    "utf-32": len,
}


def profile(name: str) -> dict[str, Any]:
    """Return what a real client sent as `initialize`'s parameters."""
    found: dict[str, Any] = json.loads((PROFILES / f"{name}.json").read_text("utf-8"))
    return found


class Editor:
    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.buffers: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.asked: list[types.ApplyWorkspaceEditParams] = []
        self.shown: list[types.ShowDocumentParams] = []
        self.questions: list[types.ShowMessageRequestParams] = []
        self.encoding = "utf-16"
        self.answers_apply_edit = True
        self.choose: Callable[[types.ShowMessageRequestParams], Awaitable[str | None]] = _nothing
        self.breaks_at: int | None = None
        self.told: dict[str, list[dict[str, Any]]] = {}
        self.previews: list[dict[str, Any]] = []
        self.preview: Callable[[dict[str, Any]], Awaitable[Any]] = _rejected
        self.heard = asyncio.Condition()
        self.capabilities: types.ServerCapabilities = types.ServerCapabilities()
        self.left = asyncio.Event()
        self._ids = itertools.count(1000)

    @property
    def messages(self) -> list[str]:
        return [message.message for message in self.client.messages]

    @property
    def progress(self) -> list[Any]:
        return list(itertools.chain.from_iterable(self.client.progress_reports.values()))

    async def until(self, method: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first notification of our own kind that fits, once it is there."""
        async with self.heard:
            await self.heard.wait_for(lambda: any(map(fits, self.told.get(method, []))))
        return next(filter(fits, self.told[method]))

    async def initialize(self, params: Mapping[str, Any]) -> None:
        given = {
            **params,
            "rootUri": self.root.as_uri(),
            "rootPath": None,
            "processId": None,
            "workspaceFolders": None,
        }
        structured = self.client.protocol._converter.structure(given, types.InitializeParams)
        answer = await self.client.initialize_session(structured)
        self.capabilities = answer.capabilities
        self.encoding = str(getattr(answer.capabilities.position_encoding, "value", None) or "utf-16")

    def open(self, name: str, text: str, language: str = "python") -> str:
        uri = (self.root / name).as_uri()
        self.buffers[uri], self.versions[uri] = text, 1
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
        )
        del self.buffers[uri]

    def type(self, uri: str, at: str, new: str, *, replace: bool = False) -> None:
        """Insert before the one place where `at` stands, or replace it."""
        text = self.buffers[uri]
        assert text.count(at) == 1, at
        start = text.index(at)
        self.change(uri, start, start + len(at) if replace else start, new)

    def change(self, uri: str, start: int, end: int, new: str) -> None:
        text = self.buffers[uri]
        range_ = types.Range(self.position(text, start), self.position(text, end))
        self.buffers[uri] = text[:start] + new + text[end:]
        self.versions[uri] += 1
        identity = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        event = types.TextDocumentContentChangePartial(range=range_, text=new)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identity, [event]))

    def position(self, text: str, offset: int) -> types.Position:
        before = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return types.Position(len(before) - 1, UNITS[self.encoding](before[-1]))

    def range_of(self, uri: str, part: str) -> types.Range:
        text = self.buffers[uri]
        start = text.index(part)
        return types.Range(self.position(text, start), self.position(text, start + len(part)))

    async def menu(
        self,
        uri: str,
        range_: types.Range,
        diagnostics: Sequence[types.Diagnostic] = (),
        trigger: types.CodeActionTriggerKind | None = types.CodeActionTriggerKind.Invoked,
        only: Sequence[str] | None = None,
    ) -> list[types.CodeAction]:
        context = types.CodeActionContext(diagnostics=list(diagnostics), only=only, trigger_kind=trigger)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), range_, context)
        found = await self.client.text_document_code_action_async(params)
        return [action for action in found or [] if isinstance(action, types.CodeAction)]

    async def pick(self, actions: Sequence[types.CodeAction], title: str, **more: Any) -> dict[str, Any]:
        command = next(action for action in actions if title in action.title).command
        assert command is not None
        assert command.arguments
        argument: Any = command.arguments[0]
        answer: dict[str, Any] = await self.run(command.command, {**argument, **more})
        return answer

    async def run(self, command: str, argument: Any) -> Any:
        return await self.client.workspace_execute_command_async(
            types.ExecuteCommandParams(command, [argument])
        )

    def start(self, command: str, argument: Any) -> "tuple[int, asyncio.Future[Any]]":
        """Send a command and return its id with the future of its answer."""
        identity = next(self._ids)
        params = types.ExecuteCommandParams(command, [argument])
        sent = self.client.protocol.send_request(types.WORKSPACE_EXECUTE_COMMAND, params, msg_id=identity)
        return identity, asyncio.wrap_future(sent)

    def place(self, uri: str, part: str, **more: Any) -> dict[str, Any]:
        """Return a command's argument for one part of a document."""
        unstructure = self.client.protocol._converter.unstructure
        return {"uri": uri, "range": unstructure(self.range_of(uri, part)), **more}

    def diagnostic(self, uri: str, part: str, message: str, **more: Any) -> dict[str, Any]:
        unstructure = self.client.protocol._converter.unstructure
        found: dict[str, Any] = unstructure(types.Diagnostic(self.range_of(uri, part), message, **more))
        return found

    def apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        """Do one part after another and stop at the first that fails, as most editors do."""
        self.asked.append(params)
        for uri, edits in (params.edit.changes or {}).items():
            self._edit(uri, edits)
        parts = params.edit.document_changes or []
        for part in parts:
            identity = part.text_document if isinstance(part, types.TextDocumentEdit) else None
            if identity and identity.version not in (None, self.versions.get(identity.uri)):
                return types.ApplyWorkspaceEditResult(applied=False)
        for number, part in enumerate(parts):
            if number == self.breaks_at or not self._do(part):
                return types.ApplyWorkspaceEditResult(applied=False, failed_change=number)
        return types.ApplyWorkspaceEditResult(applied=True)

    def _do(
        self, part: types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile
    ) -> bool:
        if isinstance(part, types.TextDocumentEdit):
            plain = [edit for edit in part.edits if not isinstance(edit, types.SnippetTextEdit)]
            self._edit(part.text_document.uri, plain)
            return True
        assert part.options is None
        if isinstance(part, types.CreateFile):
            file = self.file(part.uri)
            free = not file.exists()
            if free:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(b"")
            return free
        if isinstance(part, types.DeleteFile):
            self.file(part.uri).unlink()
            if part.uri in self.buffers:
                self.close(part.uri)
            return True
        file = self.file(part.new_uri)
        if file.exists():
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file(part.old_uri).rename(file)
        if part.old_uri in self.buffers:
            text = self.buffers[part.old_uri]
            self.close(part.old_uri)
            self.open(file.relative_to(self.root).as_posix(), text)
        return True

    def _edit(self, uri: str, edits: Sequence[types.TextEdit | types.AnnotatedTextEdit]) -> None:
        if uri not in self.buffers:
            file = self.file(uri)
            # A byte order mark is no text to an editor.
            text = file.read_bytes().decode().removeprefix("\ufeff")
            self.open(file.relative_to(self.root).as_posix(), text)
        spans = [
            (self._offset(uri, edit.range.start), self._offset(uri, edit.range.end), edit.new_text)
            for edit in edits
        ]
        for start, end, new in sorted(spans, reverse=True):
            self.change(uri, start, end, new)

    def put(self, name: str, text: str) -> str:
        """Write a file and open it."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        return self.open(name, text)

    @staticmethod
    def file(uri: str) -> Path:
        path = to_fs_path(uri)
        assert path is not None
        return Path(path)

    def _offset(self, uri: str, position: types.Position) -> int:
        text, start = self.buffers[uri], 0
        for _ in range(position.line):
            ends = [found for end in "\r\n" if (found := text.find(end, start)) >= 0]
            if not ends:
                return len(text)
            start = min(ends) + (2 if text.startswith("\r\n", min(ends)) else 1)
        offset = start
        while UNITS[self.encoding](text[start:offset]) < position.character:
            offset += 1
        return offset


@asynccontextmanager
async def editor(
    environ: Mapping[str, str], root: Path, params: Mapping[str, Any] | None = None, **options: Any
) -> AsyncGenerator[Editor, None]:
    """Start `kimi-lsp serve` as an editor does; on leaving, shut it down and check that it ended well."""
    client = make_test_lsp_client()
    _read_code_actions(client)
    made = Editor(client, root)
    client.feature(types.WORKSPACE_APPLY_EDIT)(_answer(made))
    client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)(_choose(made))
    client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: None)
    _take_our_own(client, made)
    await client.start_io(*warm.command(environ), "serve", env=dict(environ))
    given = dict(params or profile("vscode-1.100.3"))
    given["initializationOptions"] = {**(given.get("initializationOptions") or {}), **options}
    try:
        await made.initialize(given)
        yield made
        made.left.set()
        await client.shutdown_session()
        assert client._server is not None
        assert client._server.returncode == 0
    finally:
        if client._server is not None and client._server.returncode is None:
            client._server.kill()
        await client.stop()  # type: ignore[no-untyped-call]


OWN = ("kimi/progress", "kimi/explaining", "kimi/status")


def _take_our_own(client: LanguageClient, made: Editor) -> None:
    """pygls would make objects of the tables in messages of our own kind; here they stay what they are."""
    receive = client.protocol.structure_message

    def structured(message: dict[str, Any]) -> Any:
        if str(message.get("method", "")).startswith("kimi/"):
            message["params"] = json.dumps(message["params"])
        return receive(message)

    client.protocol.structure_message = structured  # type: ignore[method-assign, assignment]

    async def show(params: str) -> Any:
        shown = json.loads(params)
        made.previews.append(shown)
        return await made.preview(shown)

    def hearing(method: str) -> Callable[[str], Awaitable[None]]:
        async def hear(params: str) -> None:
            async with made.heard:
                made.told.setdefault(method, []).append(json.loads(params))
                made.heard.notify_all()

        return hear

    async def hints(params: types.PublishDiagnosticsParams) -> None:
        async with made.heard:
            made.told.setdefault(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, []).append(
                client.protocol._converter.unstructure(params)
            )
            made.heard.notify_all()

    # pytest-lsp's own keeps the last ones only, and tells nobody of them.
    del client.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]
    client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(hints)
    client.feature("kimi/preview")(show)
    for method in OWN:
        client.feature(method)(hearing(method))


def _read_code_actions(client: LanguageClient) -> None:
    """lsprotocol takes a code action that has only a command for a bare Command; only a string is one."""
    converter = client.protocol._converter

    def structured(found: dict[str, Any], _kind: Any) -> types.Command | types.CodeAction:
        kind = types.Command if isinstance(found.get("command"), str) else types.CodeAction
        result: types.Command | types.CodeAction = converter.structure(found, kind)  # type: ignore[assignment]
        return result

    converter.register_structure_hook(types.Command | types.CodeAction, structured)


def _answer(made: Editor) -> Callable[[types.ApplyWorkspaceEditParams], Any]:
    async def answer(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        result = made.apply(params)
        if not made.answers_apply_edit:
            await made.left.wait()
        return result

    return answer


def _choose(made: Editor) -> Callable[[types.ShowMessageRequestParams], Any]:
    async def choose(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        made.questions.append(params)
        title = await made.choose(params)
        return next((action for action in params.actions or [] if action.title == title), None)

    return choose


async def _rejected(_preview: dict[str, Any]) -> Any:
    return {"action": "reject"}


async def _nothing(_params: types.ShowMessageRequestParams) -> str | None:
    return None
