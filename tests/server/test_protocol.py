"""Whatever arrives is answered as the specification says, and the server goes on."""

import asyncio
from typing import Any

import pytest

from tests.support.sandboxed import Sandbox
from tests.support.wire import Wire, wire

PLACE = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}


def opened(server: Wire, uri: str = "file:///a.py", text: str = "one\ntwo\n") -> None:
    server.notify(
        "textDocument/didOpen",
        {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}},
    )


async def test_exit_codes() -> None:
    async with wire() as server:
        await server.initialize()
        assert await server.end() == 0
    async with wire() as server:
        await server.initialize()
        server.notify("exit")
        assert await server.process.wait() == 1
    async with wire() as server:
        server.hang_up()
        assert await server.process.wait() == 1


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"jsonrpc": "2.0", "id": 7, "method": "no/suchMethod", "params": {}}, -32601),
        ({"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand", "params": {"command": "no.such"}}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand", "params": {"command": "kimi.fix"}}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand", "params": {"command": "kimi.fix", "arguments": [{}]}}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand", "params": {"command": "kimi.fix", "arguments": ["x"]}}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand", "params": {"command": "kimi.fix", "arguments": [1, 2]}}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": "workspace/executeCommand", "params": {"command": "kimi.fix", "arguments": [{"uri": "file:///closed.py"}]}}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": "textDocument/codeAction", "params": {"textDocument": 3}}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": "textDocument/codeAction", "params": None}, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": 12, "params": {}}, -32600),
        ({"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": {"capabilities": {}}}, -32600),
        ({"jsonrpc": "1.0", "id": 7, "method": "shutdown"}, -32600),
    ],
)  # fmt: skip
async def test_a_bad_request_gets_its_code(message: dict[str, Any], code: int) -> None:
    async with wire() as server:
        await server.initialize()
        server.send(message)
        answer = await server.answer(7)
        assert answer["error"]["code"] == code
        assert "Traceback" not in str(answer)
        assert "data" not in answer["error"]
        await server.alive()
        assert await server.end() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [(one, -32700) for one in (b"{not json", b"[" * 50_000, b"\xff\xfe", b"")]
    + [(one, -32600) for one in (b"[]", b"3", b"null", b'"text"')],
)
async def test_what_is_no_message_is_answered_with_a_null_id(body: bytes, code: int) -> None:
    async with wire() as server:
        await server.initialize()
        server.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        assert (await server.answer(None))["error"]["code"] == code
        await server.alive()
        assert await server.end() == 0


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": "no/suchNotification", "params": {}},
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}},
        {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": "file:///never.py", "version": 2}, "contentChanges": [{"text": "x"}]}},
        {"jsonrpc": "2.0", "method": "textDocument/didClose", "params": {"textDocument": {"uri": "file:///never.py"}}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 12345}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {}},
        {"jsonrpc": "2.0", "method": "window/workDoneProgress/cancel", "params": {"token": "unknown"}},
        {"jsonrpc": "2.0", "method": "initialized", "params": {}},
        {"jsonrpc": "2.0", "id": "never-asked", "result": {"applied": True}},
        {"jsonrpc": "2.0", "id": 99, "error": {"code": 1, "message": "nobody asked"}},
        {"jsonrpc": "2.0", "method": "workspace/didChangeConfiguration", "params": {"settings": {"kimi": {"max_tokens": "many"}}}},
    ],
)  # fmt: skip
async def test_a_bad_notification_is_ignored(message: dict[str, Any]) -> None:
    async with wire() as server:
        await server.initialize()
        server.send(message)
        await server.alive()
        assert await server.end() == 0


async def test_requests_before_initialize_and_after_shutdown() -> None:
    async with wire() as server:
        server.request(1, "workspace/executeCommand", {"command": "kimi.cancel", "arguments": [{}]})
        assert (await server.answer(1))["error"]["code"] == -32002
        server.notify("textDocument/didOpen", {})
        await server.initialize()
        server.request(2, "shutdown")
        assert "error" not in await server.answer(2)
        server.request(3, "shutdown")
        assert (await server.answer(3))["error"]["code"] == -32600
        server.notify("exit")
        assert await server.process.wait() == 0


async def test_frames_come_in_any_pieces() -> None:
    async with wire() as server:
        await server.initialize()
        body = b'{"jsonrpc":"2.0","id":1,"method":"no/such"}'
        frame = (
            b"content-length:%d\r\nX-Other: 1\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n%s"
            % (
                len(body),
                body,
            )
        )
        for byte in frame:
            server.raw(bytes([byte]))
        assert (await server.answer(1))["error"]["code"] == -32601
        server.raw(frame.replace(b'"id":1', b'"id":2') + frame.replace(b'"id":1', b'"id":3'))
        await server.answer(2)
        await server.answer(3)
        assert await server.end() == 0


async def test_an_unknown_enum_value_is_no_reason_to_fail() -> None:
    async with wire() as server:
        kinds = {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["novel.kind"]}}}}
        answer = await server.initialize(
            trace="novel",
            capabilities={"textDocument": kinds, "general": {"positionEncodings": ["utf-7", "utf-8"]}},
        )
        assert answer["result"]["capabilities"]["positionEncoding"] == "utf-8"
        opened(server)
        context = {
            "diagnostics": [{"range": PLACE, "message": "m", "severity": 9, "tags": [77]}],
            "triggerKind": 5,
        }
        server.request(
            1,
            "textDocument/codeAction",
            {"textDocument": {"uri": "file:///a.py"}, "range": PLACE, "context": context},
        )
        assert "error" not in await server.answer(1)
        assert await server.end() == 0


async def test_a_key_named_jsonrpc_inside_a_message_is_data() -> None:
    async with wire() as server:
        await server.initialize()
        opened(server)
        found = {
            "range": PLACE,
            "message": "m",
            "severity": 1,
            "data": {"jsonrpc": "2.0", "id": 3, "method": "exit"},
        }
        context = {"diagnostics": [found], "triggerKind": 1}
        server.request(
            1,
            "textDocument/codeAction",
            {"textDocument": {"uri": "file:///a.py"}, "range": PLACE, "context": context},
        )
        (fix, *_) = (await server.answer(1))["result"]
        assert fix["command"]["arguments"][0]["diagnostics"] == [found]
        assert await server.end() == 0


async def test_an_id_in_use_is_refused_and_the_first_request_lives(kimi: Sandbox) -> None:
    await kimi.control(hold="before_content")
    async with wire(kimi.environ) as server:
        await server.initialize(clientInfo={"name": "Neovim"})
        opened(server)
        params = {"command": "kimi.explain", "arguments": [{"uri": "file:///a.py", "range": PLACE}]}
        server.request(5, "workspace/executeCommand", params)
        await kimi.wait("held")
        server.request(5, "workspace/executeCommand", params)
        assert (await server.answer(5))["error"]["code"] == -32600
        await kimi.release()
        assert (await server.answer(5))["result"]["status"] == "ok"
        assert await server.end() == 0


async def test_end_of_input_stops_the_request_to_the_model(kimi: Sandbox) -> None:
    await kimi.control(hold="before_content")
    async with wire(kimi.environ) as server:
        await server.initialize(clientInfo={"name": "Neovim"})
        opened(server)
        server.request(
            5,
            "workspace/executeCommand",
            {"command": "kimi.explain", "arguments": [{"uri": "file:///a.py", "range": PLACE}]},
        )
        await kimi.wait("held")
        server.hang_up()
        await kimi.wait("disconnected")
        assert await server.process.wait() == 1


async def test_versions_that_go_back_end_the_following_and_are_said_once() -> None:
    async with wire() as server:
        await server.initialize()
        opened(server)

        def change(version: int, *changes: dict[str, Any]) -> None:
            server.notify(
                "textDocument/didChange",
                {"textDocument": {"uri": "file:///a.py", "version": version}, "contentChanges": changes},
            )

        async def menu(number: int) -> Any:
            where = {"textDocument": {"uri": "file:///a.py"}, "range": PLACE}
            context = {"diagnostics": [], "triggerKind": 1}
            server.request(number, "textDocument/codeAction", {**where, "context": context})
            return (await server.answer(number))["result"]

        change(9, {"range": PLACE, "text": "two"})
        assert await menu(1)
        change(9, {"range": PLACE, "text": "two"})
        change(8, {"range": PLACE, "text": "two"})
        assert await menu(2) is None
        server.request(3, "workspace/executeCommand", {"command": "kimi.cancel", "arguments": [{}]})
        assert (await server.answer(3))["result"]["status"] == "ok"
        (told,) = [
            one["params"]["message"] for one in server.notifications if one["method"] == "window/showMessage"
        ]
        assert told.startswith("Kimi: a.py is not followed any more")
        change(10, {"text": "all of it\n"})
        assert await menu(4)
        assert await server.end() == 0


async def test_a_client_that_does_not_read_is_not_read_from() -> None:
    async with wire() as server:
        await server.initialize()
        asked = b'{"jsonrpc":"2.0","id":1,"method":"%s"}' % (b"no/such" * 10_000)
        frame = b"Content-Length: %d\r\n\r\n%s" % (len(asked), asked)
        count = 0
        try:
            while count < 1_000:
                server.raw(frame)
                count += 1
                await asyncio.wait_for(server.sent(), 2)
        except TimeoutError:
            pass
        assert count < 1_000, "the server took everything in"
        for _ in range(count):
            assert (await server.answer(1))["error"]["code"] == -32601
        await server.alive()
        assert await server.end() == 0
