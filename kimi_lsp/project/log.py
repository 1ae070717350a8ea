"""The log: a rotating file where the user names one, else stderr. Never stdout, which is the wire.

Nobody logs a document's text, a prompt or a key; libraries that log whole messages are kept quiet here. What an
exception says of itself may quote any of these, so of an exception the log tells where it happened and its kind.
"""

import logging
import traceback
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from types import TracebackType

from kimi_lsp.text.harmless import visible

_BYTES = 1_000_000
"""Of one log file; three older ones are kept beside it."""
_TALKATIVE = {
    "pygls": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "asyncio": logging.WARNING,
    "stamina": logging.ERROR,
}
"""Levels; a retry is told by the progress, so stamina's warnings would tell it twice."""
_OURS = "kimi_lsp"


def log_to(file: str | None) -> None:
    """Send warnings to stderr or, where a file is named, what happens to that file; said again, the last word holds."""
    handler: logging.Handler = logging.StreamHandler()
    trouble: OSError | None = None
    if file:
        try:
            handler = RotatingFileHandler(file, maxBytes=_BYTES, backupCount=3, encoding="utf-8")
        except OSError as error:
            trouble = error
    handler.setFormatter(_Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if file else logging.WARNING, handlers=[handler], force=True)
    for name, level in _TALKATIVE.items():
        logging.getLogger(name).setLevel(level)
    if trouble is not None:
        reason = (trouble.strerror or "no reason given").lower()
        logging.getLogger(__name__).warning("the log %s cannot be written (%s); stderr is used", file, reason)


class _Discreet(logging.Formatter):
    """One line for each record, and below it where an exception happened, without its words."""

    def format(self, record: logging.LogRecord) -> str:
        # What a library fills into its sentence, or says on further lines, may be a message of the wire.
        ours = record.name.partition(".")[0] == _OURS
        said = record.getMessage() if ours else str(record.msg).partition("\n")[0]
        record.message = visible(said).replace("\n", "\\n")
        record.asctime = self.formatTime(record)
        lines = [self.formatMessage(record)]
        if record.exc_info and record.exc_info[1] is not None:
            lines += _told(record.exc_info[1], record.exc_info[2])
        return "\n".join(lines)


def _told(error: BaseException, where: TracebackType | None) -> Iterator[str]:
    """Yield the kind of an exception and its way through the code, innermost last, causes after it."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield f"{'' if one is error else 'from '}{type(one).__module__}.{type(one).__qualname__}"
        for frame in traceback.extract_tb(where if one is error else one.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        one = one.__cause__ or one.__context__
