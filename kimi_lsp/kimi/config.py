"""What a connection is built from, as one value, and the address that follows from it.

No file and no environment is read here: whoever builds a Client hands the values in.
"""

import ipaddress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from kimi_lsp.kimi.errors import BadSetting

Protocol = Literal["chat", "responses", "messages"]


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """Where Kimi is, and how long to wait for it. The four timers are in seconds."""

    base_url: str = "https://api.empiriolabs.ai"
    """The service's address, with or without a final `/v1`."""
    model: str = "kimi-k2-7-code"
    protocol: Protocol = "chat"
    connect_timeout: float = 10
    """For the connection: TCP and TLS, each."""
    first_data_timeout: float = 120
    """From the start of an attempt to the first data of its answer; comments are not data."""
    idle_timeout: float = 90
    """Between two pieces of data; comments are not data."""
    total_timeout: float = 900
    """For the whole answer, waits before a retry included; the service itself ends a request after 15 minutes."""
    proxy: str | None = None
    """A proxy's URL; None takes what the environment says (HTTPS_PROXY, NO_PROXY)."""
    ca_file: str | None = None
    """A PEM file to trust instead of the system's store; None looks at SSL_CERT_FILE first."""
    disable_formatting: bool = True
    """Ask the gateway to pass the model's text through unchanged."""


@dataclass(frozen=True, slots=True)
class Address:
    """The service's address, checked."""

    root: str
    """Scheme, host, port and path, without `/v1` and without a final slash."""
    host: str
    """The host as the user is told it, with the port where it is not the usual one."""
    loopback: bool
    """Whether it is this machine."""

    def url(self, path: str) -> str:
        """Return the URL of a path such as `chat/completions`."""
        return f"{self.root}/v1/{path}"


def address(base_url: str) -> Address:
    """Check a base URL: https, or http to this machine, so that the key never travels in the clear.

    Raises BadSetting; the sentence leaves out a password that the URL may hold.
    """
    if not base_url:
        raise BadSetting(
            what="base_url is not usable, so nothing was sent: it must be a URL such as https://api.example.com"
        )
    try:
        parts = urlsplit(base_url.strip())
        name, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadSetting(what="base_url is not a URL") from None
    loopback = _is_loopback(name)
    if parts.scheme not in ("http", "https") or not name:
        raise BadSetting(what="base_url must be a URL that starts with https://")
    if parts.scheme == "http" and not loopback:
        raise BadSetting(
            what=f"base_url must start with https:// (http would show the API key to everyone between here and {name})"
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise BadSetting(what="base_url may hold no user name, no ? and no #")
    path = parts.path.rstrip("/").removesuffix("/v1")
    shown = f"[{name}]" if ":" in name else name
    shown = f"{shown}:{port}" if port else shown
    return Address(f"{parts.scheme}://{shown}{path}", shown, loopback)


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
