"""The sandbox's levers for an editor under test: `python -m tests.editors.lever WHAT`, with the environment of `conftest`.

    control '{"hold": "in_content"}'   set a hold, a fault or seconds of thinking
    release                            let everything that is held go on
    wait held 1                        return once that many requests were held (or: open, finished, disconnected)
    requests                           print the journal, as JSON

Standard library only, so that it starts quickly. `pull` is the same for Python.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any

LONGEST = 30.0
"""Seconds for one pull; `wait` itself gives up a little earlier, with a sentence."""


def pull(base_url: str, key: str, what: str, *words: str) -> Any:
    """Move one lever and return the sandbox's JSON. Raises RuntimeError with what the sandbox said."""
    body: bytes | None = None
    match what, words:
        case "control", (settings,):
            path, body = "control", settings.encode()
        case "release", ():
            path, body = "release", b"{}"
        case "wait", (state, count):
            path = f"wait?state={state}&count={count}&timeout={LONGEST - 5:g}"
        case "requests", ():
            path = "requests"
        case _:
            raise RuntimeError(f"no such lever: {' '.join((what, *words))}")
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{base_url}/sandbox/{path}", body, headers)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=LONGEST) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise RuntimeError(error.read().decode()) from error


if __name__ == "__main__":
    environ = os.environ
    print(json.dumps(pull(environ["KIMI_TEST_SANDBOX"], environ["KIMI_TEST_SANDBOX_KEY"], *sys.argv[1:])))
