"""The key is in one header and nowhere else: not in a repr, not in an error or what it hangs on, not in a log."""

import copy
import logging
import pickle
from collections.abc import Iterator

import pytest

from kimi_lsp.kimi import ClientConfig, Key, KimiError, Redirected
from kimi_lsp.kimi.transport import Transport
from tests.kimi.conftest import ASK, SECRET, MakeClient, collect
from tests.kimi.server import GOOD, Script, Server, answers, delta, event, sends, streams

ECHO = f"Bad key {SECRET}, starting {SECRET[:14]}..., Bearer abc.def, sk-other-1234567, s\x00k-empiriolabs-Zx81mQ04pLr7"

LEAKING: dict[str, Script] = {
    "401": answers(
        "401 Unauthorized", {"error": {"message": ECHO, "code": SECRET, "type": SECRET, "param": SECRET}}
    ),
    "400": answers("400 Bad Request", ECHO.encode(), content_type="text/plain"),
    "500": answers(
        "500 Internal Server Error", f"<html><title>{ECHO}</title>".encode(), content_type="text/html"
    ),
    "429": answers("429 Too Many Requests", {"error": ECHO}, f"Retry-After: {SECRET}"),
    "redirect": answers("307 Temporary Redirect", b"", f"Location: https://{SECRET}.example/{SECRET}"),
    "type": answers("200 OK", b"", content_type=f"text/{SECRET}"),
    "event": streams(delta(content="a"), event({"error": {"message": ECHO}})),
    "dropped": sends(),
    "garbled": streams(b"data: " + SECRET.encode() + b"\n\n"),
    "broken": streams(b"data: \xff" + SECRET.encode() + b"\n\n"),
    "cut": streams(delta(content="a")),
}


def hanging_on(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it came from, whether a traceback would show it or not."""
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is not None:
            yield one
            todo += [one.__cause__, one.__context__]


@pytest.mark.parametrize("script", LEAKING.values(), ids=LEAKING.keys())
async def test_no_failure_shows_the_key(
    server: Server, make: MakeClient, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    server.plays(script)
    with pytest.raises(KimiError) as caught:
        await collect(make())
    for error in hanging_on(caught.value):
        # What httpx raises keeps the request, and with it the header.
        assert isinstance(error, KimiError)
        for shown in (str(error), repr(error), repr(error.args), repr(vars(error))):
            assert_clean(shown)
    for record in caplog.records:
        # What the HTTP library logs of the answer's own headers is the server's doing.
        if not record.name.startswith("httpcore"):
            assert_clean(repr(vars(record)))


async def test_no_log_of_a_good_answer_shows_the_key(
    server: Server, make: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    server.plays(GOOD)
    await collect(make())
    assert {record.name.partition(".")[0] for record in caplog.records} >= {"kimi_lsp", "httpx", "httpcore"}
    assert all(SECRET not in repr(vars(record)) for record in caplog.records)


async def test_the_key_is_in_one_header_of_the_request(server: Server, make: MakeClient) -> None:
    server.plays(GOOD)
    await collect(make())
    (request,) = server.requests
    assert [name.lower() for name, value in request.headers if SECRET in value] == ["authorization"]
    assert SECRET.encode() not in request.body
    assert SECRET not in request.line


async def test_a_redirect_is_not_followed(server: Server, make: MakeClient) -> None:
    server.plays(answers("307 Temporary Redirect", b"", f"Location: {server.url}/elsewhere"))
    with pytest.raises(Redirected):
        await collect(make())
    assert len(server.requests) == 1


async def test_another_origin_does_not_get_the_key(server: Server) -> None:
    transport = Transport(ClientConfig(base_url="http://localhost:1"), Key(SECRET))
    other = Transport(ClientConfig(base_url=server.url), Key(SECRET))
    other._auth = transport._auth
    server.plays(answers("200 OK", {}))
    await other.get("models/x")
    await other.close()
    assert server.requests[0].header("authorization") == []


@pytest.mark.parametrize(
    "shown", [repr, str, "{}".format, "{!r}".format, lambda key: repr([key]), lambda key: repr(dir(key))]
)
def test_a_key_does_not_show_itself(shown: object) -> None:
    assert callable(shown)
    assert SECRET not in shown(Key(SECRET))


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy, vars])
def test_a_key_is_not_copied_or_stored(take: object) -> None:
    assert callable(take)
    with pytest.raises(TypeError):
        take(Key(SECRET))


async def test_the_client_and_its_log_lines_hold_no_message(
    server: Server, make: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    server.plays(GOOD)
    client = make()
    await collect(client, ASK)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.levelno >= logging.DEBUG)
    assert "You are a programmer" not in ours
    assert "Hello there" not in ours
    assert SECRET not in repr(vars(client))


def assert_clean(shown: str) -> None:
    for part in (SECRET, SECRET[:14], "Zx81mQ04pLr7", "abc.def", "other-1234567"):
        assert part.lower() not in shown.lower()
