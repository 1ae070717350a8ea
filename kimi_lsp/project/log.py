"""The log: a rotating file where the user names one, else stderr. Never stdout, which is the wire.

Nobody logs a document's text, a prompt or a key; libraries that log whole messages are kept quiet here.
"""

import logging
from logging.handlers import RotatingFileHandler

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


def log_to(file: str | None) -> None:
    """Send warnings to stderr or, where a file is named, what happens to that file; said again, the last word holds."""
    handler: logging.Handler = logging.StreamHandler()
    trouble: OSError | None = None
    if file:
        try:
            handler = RotatingFileHandler(file, maxBytes=_BYTES, backupCount=3, encoding="utf-8")
        except OSError as error:
            trouble = error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if file else logging.WARNING, handlers=[handler], force=True)
    for name, level in _TALKATIVE.items():
        logging.getLogger(name).setLevel(level)
    if trouble is not None:
        reason = (trouble.strerror or "no reason given").lower()
        logging.getLogger(__name__).warning("the log %s cannot be written (%s); stderr is used", file, reason)
