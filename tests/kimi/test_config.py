"""The address that a base URL comes to, and those that are refused."""

import pytest

from kimi_lsp.kimi.config import address
from kimi_lsp.kimi.errors import BadSetting


@pytest.mark.parametrize(
    ("base_url", "url", "host"),
    [
        ("https://api.empiriolabs.ai", "https://api.empiriolabs.ai/v1/x", "api.empiriolabs.ai"),
        ("https://api.empiriolabs.ai/v1/", "https://api.empiriolabs.ai/v1/x", "api.empiriolabs.ai"),
        (" HTTPS://API.Example:8443/gate/v1 ", "https://api.example:8443/gate/v1/x", "api.example:8443"),
        ("http://localhost:11434", "http://localhost:11434/v1/x", "localhost:11434"),
        ("http://127.9.9.9", "http://127.9.9.9/v1/x", "127.9.9.9"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1/x", "[::1]:8080"),
    ],
)
def test_an_address(base_url: str, url: str, host: str) -> None:
    where = address(base_url)
    assert (where.url("x"), where.host) == (url, host)


@pytest.mark.parametrize(
    ("base_url", "says"),
    [
        ("http://api.empiriolabs.ai", "must start with https"),
        ("http://192.168.1.7:8000", "must start with https"),
        ("http://localhost.evil.example", "must start with https"),
        ("http://127.0.0.1.evil.example", "must start with https"),
        ("api.empiriolabs.ai", "must be a URL"),
        ("", "must be a URL"),
        ("ftp://localhost", "must be a URL"),
        ("https://me:hunter2@api.example", "no user name"),
        ("https://@api.example", "no user name"),
        ("https://api.example/?a=1", "no \\?"),
        ("https://api.example:port", "is not a URL"),
        ("https://[::1", "is not a URL"),
    ],
)
def test_an_address_that_is_refused(base_url: str, says: str) -> None:
    with pytest.raises(BadSetting, match=f"The setting base_url .*{says}") as caught:
        address(base_url)
    assert "hunter2" not in str(caught.value)


def test_only_this_machine_is_loopback() -> None:
    assert address("https://localhost").loopback
    assert not address("https://api.example").loopback
