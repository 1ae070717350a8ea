"""What can be seen to be wrong with a request before it is sent: the service's limits, and turns of another endpoint."""

from kimi_lsp.conversation import Request
from kimi_lsp.kimi.wire.endpoint import Endpoint

MOST_TOKENS = 131_072
"""Largest `max_tokens` (the model card)."""
MOST_STOPS = 4
"""Strings in `stop` (the model card)."""
LONGEST_STOP = 32
"""Bytes in UTF-8 of one such string (the maker's documentation)."""


def complaint(request: Request, endpoint: Endpoint) -> str | None:
    """Return what is wrong with a request, as the end of a sentence, or None where nothing is."""
    if all(message.role == "system" for message in request.messages):
        return "it asks nothing"
    if not 1 <= request.max_tokens <= MOST_TOKENS:
        return f"max_tokens is {request.max_tokens:,}, and must be from 1 to {MOST_TOKENS:,}"
    if len(request.stop) > MOST_STOPS:
        return f"it has {len(request.stop)} stop strings, and {MOST_STOPS} are the most"
    if not all(1 <= len(stop.encode("utf-8", "surrogatepass")) <= LONGEST_STOP for stop in request.stop):
        return f"a stop string has to have 1 to {LONGEST_STOP} bytes"
    for message in request.messages:
        if message.reasoning is not None and message.reasoning.field not in endpoint.replays:
            return "its earlier turns came over another protocol, and only that one can go on with them"
    return None
