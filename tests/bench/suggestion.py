"""Suggestions: milliseconds from the menu on one to its edit being made and followed, and what they cost a keystroke.

A paced model suggests something for many functions of a document; then it is asked no more. An edit is made as an editor
makes it: the menu's answer holds it, the editor changes its text and tells of that.
"""

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

from tests.bench.client import frame
from tests.bench.figures import ROUNDS, python_text
from tests.bench.paced_model import paced_model
from tests.bench.servers import KIMI, Session, session

LINES = (1_000, 10_000)
KEPT = 50
"""Suggestions of one document; no more are kept."""
CHANGES = 500
"""Keystrokes of one round."""


def table(rounds: int = ROUNDS, lines: Sequence[int] = LINES, kept: int = KEPT) -> Iterator[str]:
    """Measure, and yield the rows."""
    yield f"suggestion: one of {kept} made from memory, ms from codeAction; {rounds} rounds of {kept // 2}"
    yield f"{'lines':34}{'answered':>9}{'followed':>9}{'slowest':>9}"
    for length in lines:
        answered, followed = made(rounds, length, kept)
        middle = statistics.median(answered), statistics.median(followed)
        yield f"{length:<34,}{middle[0]:9.2f}{middle[1]:9.2f}{max(followed):9.2f}"
    yield f"{'µs for each didChange, lines':34}{'none kept':>12}{f'{kept} kept':>12}{'all move':>12}"
    for length in lines:
        figures = [
            statistics.median(keystrokes(length, count, text) for _ in range(rounds))
            for count, text in ((0, "#"), (kept, "#"), (kept, "\n"))
        ]
        yield f"{length:<34,}" + "".join(f"{figure:12.1f}" for figure in figures)


def made(rounds: int, lines: int, kept: int) -> tuple[list[float], list[float]]:
    """Return for each suggestion that was made the milliseconds until its edit was there, and until it was followed."""
    answered: list[float] = []
    followed: list[float] = []
    for _ in range(rounds):
        with paced_model(_answer(lines, kept), 1, 1e5) as model, session(KIMI, model.environ) as running:
            uri = running.open("made.py", python_text(lines))
            found = _reviewed(running, uri)
            for version, one in enumerate(found[: kept // 2], start=2):
                began = time.monotonic()
                heard = running.client.call("textDocument/codeAction", _menu(uri, one["range"]))
                (change,) = heard.result[0]["edit"]["documentChanges"]
                identity = {"uri": uri, "version": version}
                assert change["textDocument"] == {"uri": uri, "version": version - 1}
                edits = [{"range": edit["range"], "text": edit["newText"]} for edit in change["edits"]]
                running.client.notify(
                    "textDocument/didChange", {"textDocument": identity, "contentChanges": edits}
                )
                done = running.client.call("bench/barrier", {}).at
                answered.append((heard.at - began) * 1000)
                followed.append((done - began) * 1000)
    return answered, followed


def keystrokes(lines: int, kept: int, text: str) -> float:
    """Return the microseconds of each of many changes at the top of a document with so many suggestions below."""
    with paced_model(_answer(lines, kept), 1, 1e5) as model, session(KIMI, model.environ) as running:
        uri = running.open("typed.py", python_text(lines))
        assert len(_reviewed(running, uri)) == kept
        data = bytearray()
        place = {"line": 0, "character": 0}
        for version in range(2, CHANGES + 2):
            change = {"range": {"start": place, "end": place}, "text": text}
            params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
            data += frame({"method": "textDocument/didChange", "params": params})
        running.client.linger(0.3)
        began = time.monotonic()
        running.client.send(bytes(data))
        return (running.client.call("bench/barrier", {}).at - began) / CHANGES * 1e6


def _reviewed(running: Session, uri: str) -> list[dict[str, Any]]:
    asked = {"command": "kimi.review", "arguments": [{"uri": uri}]}
    heard = running.client.call("workspace/executeCommand", asked)
    found: list[dict[str, Any]] = heard.result["suggestions"]
    return found


def _menu(uri: str, place: dict[str, Any]) -> dict[str, Any]:
    context = {"diagnostics": [], "triggerKind": 2}
    return {
        "textDocument": {"uri": uri},
        "range": {"start": place["start"], "end": place["start"]},
        "context": context,
    }


def _answer(lines: int, count: int) -> str:
    """Return suggestions for functions all over the document, each of which takes two of its lines."""
    functions = lines // 10
    suggestions = []
    for one in range(count):
        number = one * functions // count
        search = f"        gamma = total - {number}\n    return total + gamma"
        new = f"        return total + total - {number}\n    return total + gamma"
        edit = {"file": "", "search": search, "replace": new, "line": number * 10 + 8}
        suggestions.append({"reason": f"Function {number} can return early", "edits": [edit]})
    return json.dumps({"summary": "Looked.", "suggestions": suggestions})
