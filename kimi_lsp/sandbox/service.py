"""The HTTP service: which endpoint answers, and how a request becomes an answer.

What an endpoint's bodies look like is in its dialect; what is answered is in `answer`.
"""

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from kimi_lsp.sandbox import card, steering
from kimi_lsp.sandbox.answer import content, think_through
from kimi_lsp.sandbox.asked import Asked
from kimi_lsp.sandbox.bill import Bill
from kimi_lsp.sandbox.body import json_of
from kimi_lsp.sandbox.chat import CHAT
from kimi_lsp.sandbox.control import Control
from kimi_lsp.sandbox.dialect import Dialect
from kimi_lsp.sandbox.door import Door
from kimi_lsp.sandbox.errors import Rejected, UnknownFault, no_model
from kimi_lsp.sandbox.faults import BAD_GATEWAY_PAGE, Fault, field_rejection, rejection
from kimi_lsp.sandbox.journal import Journal, Record
from kimi_lsp.sandbox.memory import Memory
from kimi_lsp.sandbox.messages import MESSAGES
from kimi_lsp.sandbox.playing import Play, Playing
from kimi_lsp.sandbox.responses import RESPONSES
from kimi_lsp.sandbox.spoiling import REFUSAL, endless_call, reindexed, spoil
from kimi_lsp.sandbox.spoken import Spoken, speak

DIALECTS = (CHAT, RESPONSES, MESSAGES)


def app(
    api_key: str, *, think: float = 0.0, fault: str | None = None, requests_per_minute: int | None = None
) -> Starlette:
    """Build the sandbox. `think` is in seconds, `fault` a name of `faults.NAMES`. Raises UnknownFault."""
    control = Control(think, fault, requests_per_minute)
    journal, memory = Journal(control.clock, api_key), Memory()
    routes = [
        Route("/v1/models", _models, methods=["GET"]),
        Route("/v1/models/{name:path}", _model, methods=["GET"]),
        *steering.routes(control, journal),
        *(
            Route(one.endpoint, _answering(one, control, journal, memory), methods=["POST"])
            for one in DIALECTS
        ),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Door, api_key=api_key, refusal=_refusal_at)],
        exception_handlers={Rejected: _on_rejected, HTTPException: _on_http_exception},
    )


def _answering(dialect: Dialect, control: Control, journal: Journal, memory: Memory) -> steering.Endpoint:
    async def endpoint(request: Request) -> Response:
        problem: Rejected | None = None
        body: Any = None
        try:
            body = await json_of(request)
        except Rejected as error:
            problem = error
        record = journal.open(dialect.endpoint, body)
        try:
            control.rate.admit()
            fault = _fault(request, control)
            record.fault = fault.name if fault else None
            if fault and fault.name == "502-html":
                return _settled(HTMLResponse(BAD_GATEWAY_PAGE, 502), record, journal)
            problem = rejection(fault) or problem
            if problem:
                raise problem
            play = _play(dialect, record, body, memory, control.think, fault)
            return Playing(play, record, control, journal)
        except Rejected as error:
            return _settled(_refusal(error, dialect), record, journal)

    return endpoint


def _play(
    dialect: Dialect, record: Record, body: Any, memory: Memory, think: float, fault: Fault | None
) -> Play:
    asked = dialect.read(body)
    problem = field_rejection(fault, dialect.format_field, asked, body)
    if problem:
        raise problem
    memory.check(asked.turns)
    spoken = _spoken(asked, memory, fault)
    memory.note(spoken)
    middle = Rejected(500, "The provider returned an error.", kind="api_error", code="upstream_error")
    return Play(
        reindexed(fault, dialect.beats(record.id, asked, spoken)),
        dialect.whole(record.id, asked, spoken),
        asked.stream,
        think,
        fault,
        dialect.error_beat(middle),
        Bill(1, spoken.prompt_tokens, spoken.completion_tokens, spoken.searches),
    )


def _spoken(asked: Asked, memory: Memory, fault: Fault | None) -> Spoken:
    cached = memory.cached_tokens(asked)
    answer = think_through(asked)
    wanted = endless_call(fault, asked) or answer.calls
    calls = [memory.call(name, arguments) for name, arguments in wanted]
    if fault and fault.name == "refusal":
        return speak(asked, answer.reasoning, REFUSAL, cached_tokens=cached, finish="refusal")
    if fault and fault.name == "empty-length":
        return speak(asked, answer.reasoning, "", cached_tokens=cached, finish="length")
    is_json = answer.edits is not None or asked.format is not None
    said = "" if calls else spoil(fault, content(answer, asked.format), is_json=is_json)
    return speak(asked, answer.reasoning, said, calls=calls, cached_tokens=cached)


def _fault(request: Request, control: Control) -> Fault | None:
    spelling = request.headers.get("x-sandbox-fault")
    if spelling is None:
        return control.take_fault()
    try:
        return Fault.parse(spelling)
    except UnknownFault as error:
        raise Rejected(400, str(error), param="x-sandbox-fault") from error


def _settled(response: Response, record: Record, journal: Journal) -> Response:
    record.status = response.status_code
    response.headers["x-request-id"] = response.headers["request-id"] = record.id
    journal.end(record, "finished")
    return response


def _refusal(rejected: Rejected, dialect: Dialect) -> Response:
    headers = {} if rejected.retry_after is None else {"retry-after": f"{rejected.retry_after:g}"}
    return JSONResponse(dialect.error(rejected), rejected.status, headers)


def _refusal_at(request: Request, rejected: Rejected) -> Response:
    return _refusal(rejected, next((one for one in DIALECTS if one.endpoint == request.url.path), CHAT))


async def _on_rejected(request: Request, error: Exception) -> Response:
    if not isinstance(error, Rejected):
        raise error
    return _refusal_at(request, error)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    message = f"{request.method} {request.url.path}: {error.detail}"
    return _refusal_at(request, Rejected(error.status_code, message, code="unknown_endpoint"))


async def _models(_request: Request) -> Response:
    listed = {"object": "list", "data": [card.entry()], "has_more": False}
    return JSONResponse({**listed, "first_id": card.MODEL, "last_id": card.MODEL})


async def _model(request: Request) -> Response:
    if request.path_params["name"] != card.MODEL:
        raise no_model(request.path_params["name"])
    return JSONResponse(card.entry())
