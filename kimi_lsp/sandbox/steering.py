"""The endpoints that steer a sandbox and tell what came of it. They are no part of the model card."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kimi_lsp.sandbox.body import json_of
from kimi_lsp.sandbox.control import HOLDS, Control
from kimi_lsp.sandbox.errors import Rejected, UnknownFault
from kimi_lsp.sandbox.faults import Fault
from kimi_lsp.sandbox.journal import Journal, Milestone

_LONGEST_WAIT = 600.0
_LONGEST_THINKING = 3600.0
_FASTEST_CLOCK = 1e6
_MOST_REQUESTS = 1_000_000
Endpoint = Callable[[Request], Awaitable[Response]]
_SETTINGS = ("think", "fault", "hold", "requests_per_minute", "clock_scale")


def routes(control: Control, journal: Journal) -> list[Route]:
    """Return the steering endpoints of one sandbox."""
    return [
        Route("/sandbox/requests", _requests(journal), methods=["GET"]),
        Route("/sandbox/spend", _spend(journal), methods=["GET"]),
        Route("/sandbox/control", _control(control), methods=["POST"]),
        Route("/sandbox/release", _release(control), methods=["POST"]),
        Route("/sandbox/wait", _wait(journal), methods=["GET"]),
    ]


def _requests(journal: Journal) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return JSONResponse([record.as_json() for record in journal.records])

    return endpoint


def _spend(journal: Journal) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        return JSONResponse({**journal.spent.as_json(), "requests": journal.reached["open"]})

    return endpoint


def _control(control: Control) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        wanted = await json_of(request)
        if not isinstance(wanted, dict) or not wanted.keys() <= set(_SETTINGS):
            raise Rejected(400, f"The body must be an object with any of {', '.join(_SETTINGS)}.")
        _check_number(wanted, "think", 0, _LONGEST_THINKING)
        _check_number(wanted, "clock_scale", 0, _FASTEST_CLOCK)
        if wanted.get("requests_per_minute") is not None:
            _check_number(wanted, "requests_per_minute", 0, _MOST_REQUESTS)
        hold = wanted.get("hold")
        if hold is not None and hold not in HOLDS:
            raise Rejected(400, f"hold must be null or one of {', '.join(HOLDS)}.", param="hold")
        try:
            fault = None if wanted.get("fault") is None else Fault.parse(str(wanted["fault"]))
        except UnknownFault as error:
            raise Rejected(400, str(error), param="fault") from error
        if "think" in wanted:
            control.think = wanted["think"]
        if "fault" in wanted:
            control.fault = fault
        if "hold" in wanted:
            control.hold = hold
        if "requests_per_minute" in wanted:
            control.rate.limit = wanted["requests_per_minute"]
        if "clock_scale" in wanted:
            control.clock.run(wanted["clock_scale"])
        return JSONResponse(control.as_json())

    return endpoint


def _check_number(wanted: dict[str, Any], name: str, least: float, most: float) -> None:
    value = wanted.get(name, least)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Rejected(400, f"{name} must be a number from {least:g} to {most:g}.", param=name)


def _release(control: Control) -> Endpoint:
    async def endpoint(_request: Request) -> Response:
        control.release()
        return JSONResponse({"released": True})

    return endpoint


def _wait(journal: Journal) -> Endpoint:
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
