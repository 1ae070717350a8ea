"""How the demo tells what its editor hears: each progress on one line that grows, messages on lines of their own."""

import asyncio
from typing import Any

from kimi_lsp.text.harmless import visible


class Told:
    """Prints what the server notifies; `thinking` is set once the model has been seen to think."""

    def __init__(self) -> None:
        self.thinking = asyncio.Event()
        self._last = ""

    def hear(self, method: str, params: dict[str, Any]) -> None:
        """Take one notification. The last line of a progress is what the command answers, too, so it is not shown."""
        if method == "$/progress":
            value = params["value"]
            if value["kind"] == "end":
                print(end="\n" if self._last else "", flush=True)
                self._last = ""
            elif value["kind"] == "report":
                self._grow(visible(value["message"]))
        elif method == "window/showMessage":
            start = "\n" if self._last else ""
            self._last = ""
            print(f"{start}  message: {visible(params['message'])}", flush=True)

    def _grow(self, message: str) -> None:
        """Add a report to the line; of a phase that is named already only what is new."""
        phase, _, rest = message.partition("… ")
        if not self._last:
            print(f"  progress: {message}", end="", flush=True)
        elif message != self._last:
            again = self._last.partition("… ")[0] == phase
            new = rest.removesuffix(" tokens") if again and rest else message
            print(f" · {new}", end="", flush=True)
        self._last = message
        if phase == "thinking":
            self.thinking.set()
