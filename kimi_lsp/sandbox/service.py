"""The HTTP service: who may ask, which endpoint answers, and the endpoints that steer it.

What an endpoint's bodies look like is in its dialect; what is answered is in `answer`.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, get_args

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kimi_lsp.sandbox import card
from kimi_lsp.sandbox.answer import content, think_through
from kimi_lsp.sandbox.chat import CHAT
from kimi_lsp.sandbox.control import HOLDS, Control
from kimi_lsp.sandbox.dialect import Dialect, speak
from kimi_lsp.sandbox.errors import Rejected, UnknownFault
from kimi_lsp.sandbox.faults import BAD_GATEWAY_PAGE, Fault, no_model, rejection, spoil
from kimi_lsp.sandbox.journal import Journal, Milestone, Record
from kimi_lsp.sandbox.playing import Play, Playing

DIALECTS = (CHAT,)
_LARGEST_BODY = 32 * 1024 * 1024
_LONGEST_WAIT = 600.0
_LONGEST_THINKING = 3600.0
_Endpoint = Callable[[Request], Awaitable[Response]]


def app(api_key: str, *, think: float = 0.0, fault: str | None = None) -> Starlette:
    """Build the sandbox. `think` is in seconds, `fault` a name of `faults.NAMES`. Raises UnknownFault."""
    control, journal = Control(think, fault), Journal()
    routes = [
        Route("/v1/models", _models, methods=["GET"]),
        Route("/v1/models/{name:path}", _model, methods=["GET"]),
        Route("/sandbox/requests", _requests(journal), methods=["GET"]),
        Route("/sandbox/control", _control(control), methods=["POST"]),
        Route("/sandbox/release", _release(control), methods=["POST"]),
        Route("/sandbox/wait", _wait(journal), methods=["GET"]),
    ]
    routes += [
        Route(dialect.endpoint, _answering(dialect, control, journal), methods=["POST"])
        for dialect in DIALECTS
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(_Door, api_key=api_key)],
        exception_handlers={Rejected: _on_rejected, HTTPException: _on_http_exception},
    )


class _Door:
    """Lets in who has the key, and labels every response."""

    def __init__(self, app: ASGIApp, api_key: str) -> None:
        self._app = app
        self._key = api_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"x-kimi-lsp-sandbox", b"1")]
            await send(message)

        rejected = self._turned_away(Request(scope)) if scope["type"] == "http" else None
        if rejected:
            await _refusal(rejected, CHAT)(scope, receive, labelled)
        else:
            await self._app(scope, receive, labelled)

    def _turned_away(self, request: Request) -> Rejected | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
        if secrets.compare_digest(key.encode(), self._key.encode()):
            return None
        code = "invalid_api_key" if key else "missing_api_key"
        message = (
            "The API key is not the one that this sandbox announced."
            if key
            else "No API key was sent; use Authorization: Bearer or x-api-key."
        )
        return Rejected(401, message, kind="authentication_error", code=code)


def _answering(dialect: Dialect, control: Control, journal: Journal) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        problem: Rejected | None = None
        body: Any = None
        try:
            body = await _json(request)
        except Rejected as error:
            problem = error
        record = journal.open(dialect.endpoint, body)
        try:
            fault = _fault(request, control)
            record.fault = fault.name if fault else None
            if fault and fault.name == "502-html":
                return _settled(HTML(BAD_GATEWAY_PAGE, 502), record, journal)
            problem = rejection(fault) or problem
            if problem:
                raise problem
            return Playing(_play(dialect, record, body, control, fault), record, control, journal)
        except Rejected as error:
            return _settled(_refusal(error, dialect), record, journal)

    return endpoint


def _play(dialect: Dialect, record: Record, body: Any, control: Control, fault: Fault | None) -> Play:
    asked = dialect.read(body)
    answer = think_through(asked.turns)
    said = spoil(
        fault, content(answer, asked.format), is_json=answer.edits is not None or asked.format is not None
    )
    spoken = speak(asked, answer.reasoning, said, empty=fault is not None and fault.name == "empty-length")
    middle = Rejected(500, "The provider returned an error.", kind="api_error", code="upstream_error")
    return Play(
        dialect.beats(record.id, asked, spoken),
        dialect.whole(record.id, spoken),
        asked.stream,
        control.think,
        fault,
        dialect.error_beat(middle),
    )


def _fault(request: Request, control: Control) -> Fault | None:
    spelling = request.headers.get("x-sandbox-fault")
    if spelling is None:
        return control.take_fault()
    try:
        return Fault.parse(spelling)
    except UnknownFault as error:
        raise Rejected(400, str(error), param="x-sandbox-fault") from error


class HTML(Response):
    """A page, as a proxy in between would answer."""

    media_type = "text/html"


def _settled(response: Response, record: Record, journal: Journal) -> Response:
    record.status = response.status_code
    journal.end(record, "finished")
    return response


def _refusal(rejected: Rejected, dialect: Dialect) -> Response:
    headers = {} if rejected.retry_after is None else {"retry-after": f"{rejected.retry_after:g}"}
    return JSONResponse(dialect.error(rejected), rejected.status, headers)


async def _on_rejected(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Rejected):
        raise error
    return _refusal(error, CHAT)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    message = f"{request.method} {request.url.path}: {error.detail}"
    return _refusal(Rejected(error.status_code, message, code="unknown_endpoint"), CHAT)


async def _models(_request: Request) -> Response:
    return JSONResponse({"object": "list", "data": [card.entry()]})


async def _model(request: Request) -> Response:
    if request.path_params["name"] != card.MODEL:
        raise no_model(request.path_params["name"])
    return JSONResponse(card.entry())


def _requests(journal: Journal) -> _Endpoint:
    async def endpoint(_request: Request) -> Response:
        return JSONResponse([record.as_json() for record in journal.records])

    return endpoint


def _control(control: Control) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        wanted = await _json(request)
        if not isinstance(wanted, dict) or not wanted.keys() <= {"think", "fault", "hold"}:
            raise Rejected(400, "The body must be an object with any of think, fault and hold.")
        think, fault, hold = wanted.get("think", 0), wanted.get("fault"), wanted.get("hold")
        if (
            isinstance(think, bool)
            or not isinstance(think, int | float)
            or not 0 <= think <= _LONGEST_THINKING
        ):
            raise Rejected(400, "think must be a number of seconds from 0 to 3600.", param="think")
        if hold is not None and hold not in HOLDS:
            raise Rejected(400, f"hold must be null or one of {', '.join(HOLDS)}.", param="hold")
        try:
            parsed = None if fault is None else Fault.parse(str(fault))
        except UnknownFault as error:
            raise Rejected(400, str(error), param="fault") from error
        if "think" in wanted:
            control.think = think
        if "fault" in wanted:
            control.fault = parsed
        if "hold" in wanted:
            control.hold = hold
        current = control.fault
        return JSONResponse(
            {"think": control.think, "fault": current.name if current else None, "hold": control.hold}
        )

    return endpoint


def _release(control: Control) -> _Endpoint:
    async def endpoint(_request: Request) -> Response:
        control.release()
        return JSONResponse({"released": True})

    return endpoint


def _wait(journal: Journal) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        state = next(
            (name for name in get_args(Milestone) if name == request.query_params.get("state")), None
        )
        try:
            count = int(request.query_params.get("count", "1"))
            timeout = float(request.query_params.get("timeout", "25"))
        except ValueError as error:
            raise Rejected(400, "count and timeout (seconds) must be numbers.") from error
        if not 0 <= timeout <= _LONGEST_WAIT:
            raise Rejected(400, f"timeout must be from 0 to {_LONGEST_WAIT:g} seconds.", param="timeout")
        if state is None:
            raise Rejected(400, f"state must be one of {', '.join(get_args(Milestone))}.", param="state")
        try:
            async with asyncio.timeout(timeout):
                await journal.wait(state, count)
        except TimeoutError as error:
            reached = journal.reached[state]
            raise Rejected(408, f"{reached} of {count} requests were {state} after {timeout:g} s.") from error
        return JSONResponse({"state": state, "count": journal.reached[state]})

    return endpoint


async def _json(request: Request) -> Any:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _LARGEST_BODY:
            raise Rejected(413, "The request body is too large.", kind="request_too_large")
    try:
        body = json.loads(raw.decode())
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Rejected(400, f"Invalid request: the body is not JSON ({error})") from error
    return body
