"""Which addresses the key may be sent to: https, or http to this machine. Nothing is looked up or opened here."""

import ipaddress
import re
from urllib.parse import urlsplit

_ODD = re.compile(r"[^!-~]|[\\@?#]")


def checked_base_url(value: str) -> str:
    """Return a base URL that shows the key to nobody else. Raises ValueError, without the URL in its sentence."""
    # Parsers differ in what they make of these characters, and so in the host that they would send the key to.
    if _ODD.search(value):
        raise ValueError(
            "it may hold no blank, backslash, @, ?, # or control character, and only ASCII characters"
        )
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("it must be a plain URL such as https://api.example.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(
            "http would show the key to everybody on the way; only https, or http to this machine, is used"
        )
    return value.rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host, a name or an address, is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
