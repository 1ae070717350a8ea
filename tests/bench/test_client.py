"""The client of the measurements: it takes what comes in any pieces, answers questions, and tells of a silent server."""

import sys
import time
from pathlib import Path

import pytest

from tests.bench import client as client_room
from tests.bench.client import NoAnswer, StdioClient, frame
from tests.bench.servers import BARE, environ

ASKING = """
import sys
source, sink = sys.stdin.buffer, sys.stdout.buffer
def say(body):
    for byte in b"X-Other: 1\\r\\nContent-Length: %d\\r\\n\\r\\n%b" % (len(body), body):
        sink.write(bytes([byte]))
        sink.flush()
say(b'{"jsonrpc":"2.0","id":"a","method":"workspace/configuration","params":{"items":[{},{}]}}')
say(b'{"jsonrpc":"2.0","id":"b","method":"workspace/applyEdit","params":{}}')
say(b'{"jsonrpc":"2.0","method":"told","params":{}}')
for _ in range(2):
    size = int(source.readline().split(b":")[1])
    source.readline()
    body = source.read(size)
    say(b'{"jsonrpc":"2.0","method":"echo","params":%b}' % body)
size = int(source.readline().split(b":")[1])
source.readline()
source.read(size)
say(b'{"jsonrpc":"2.0","id":1,"result":null}')
sink.close()
"""


def test_a_server_may_ask_and_tell(tmp_path: Path) -> None:
    with StdioClient((sys.executable, "-c", ASKING), environ(tmp_path, {}), tmp_path) as client:
        assert client.heard("told").message["params"] == {}
        assert client.heard("echo").message["params"]["result"] == [None, None]
        second = client.heard("echo", 2)
        assert second.message["params"] == {"jsonrpc": "2.0", "id": "b", "result": {"applied": True}}
        assert client.began < client.heard("told").at <= second.at < time.monotonic()


def test_more_than_a_pipe_holds_goes_both_ways(tmp_path: Path) -> None:
    with StdioClient(BARE.command, environ(tmp_path, {}), tmp_path) as client:
        client.send(b"".join(frame({"method": "note", "params": {"text": "x" * 5_000}}) for _ in range(200)))
        asked = [client.request("textDocument/codeAction", {"text": "é" * 5_000}) for _ in range(300)]
        assert [len(client.wait(one).result) for one in asked] == [2] * 300
        assert client.timed("textDocument/codeAction", {}) > 0


def test_a_silent_server_is_an_error_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_room, "_PATIENCE", 0.0)
    command = (sys.executable, "-c", "import sys; sys.stdin.read()")
    with (
        pytest.raises(NoAnswer, match="other did not come"),
        StdioClient(command, environ(tmp_path, {}), tmp_path) as client,
    ):
        client.heard("other")
    ended = (sys.executable, "-c", "raise SystemExit('no such thing')")
    monkeypatch.setattr(client_room, "_PATIENCE", 60.0)
    with (
        pytest.raises(NoAnswer, match="no such thing"),
        StdioClient(ended, environ(tmp_path, {}), tmp_path) as client,
    ):
        client.call("initialize")
