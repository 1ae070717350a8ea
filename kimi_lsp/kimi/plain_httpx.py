"""httpx without its command line, which it imports by itself wherever click and rich happen to be installed: 4 MiB unused."""

import sys
from types import ModuleType
from typing import cast

# Python's own way of saying that there is no such module; httpx then goes without.
sys.modules.setdefault("httpx._main", cast("ModuleType", None))

import httpx  # noqa: E402

__all__ = ["httpx"]
