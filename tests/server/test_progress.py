"""What a progress shows at once."""

from typing import Any, cast

from kimi_lsp.features import Phase
from kimi_lsp.server.progress import Progress


class Shown:
    """Stands for the server: it keeps the lines that are sent."""

    is_behind = False

    def __init__(self) -> None:
        self.lines: list[str] = []

    @property
    def protocol(self) -> "Shown":
        return self

    def progress(self, params: Any) -> None:
        self.lines.append(params.value.message)


async def test_every_file_that_is_read_is_shown() -> None:
    shown = Shown()
    progress = Progress(cast("Any", shown), "token", "Kimi: Explain", shown=True)
    for name in ("a.py", "b.py", "c.py"):
        progress.report(Phase("reading", note=f"read_file {name}"))
    assert shown.lines == [f"reading… – read_file {name}" for name in ("a.py", "b.py", "c.py")]
