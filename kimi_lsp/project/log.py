"""The log: a rotating file where the user names one, else stderr. Never stdout, which is the wire.

Nobody logs a document's text, a prompt or a key; libraries that log whole messages are kept quiet here.
"""

import logging
from logging.handlers import RotatingFileHandler

_BYTES = 1_000_000
"""Of one log file; three older ones are kept beside it."""
_TALKATIVE = ("pygls", "httpx", "httpcore", "asyncio", "uvicorn")


def log_to(file: str | None) -> None:
    """Send warnings to stderr or, where a file is named, what happens to that file."""
    handler: logging.Handler = logging.StreamHandler()
    if file:
        handler = RotatingFileHandler(file, maxBytes=_BYTES, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if file else logging.WARNING, handlers=[handler])
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
