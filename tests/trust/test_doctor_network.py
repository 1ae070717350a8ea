"""`kimi-lsp doctor` in a company's network: who is trusted, and each trouble as one sentence with a way out.

Every server, certificate and proxy is real and on loopback.
"""

import base64
import sys
from pathlib import Path

import pytest

from tests.cli.running import KEY, Ran, nowhere, run
from tests.kimi.server import Script, Server, answers, sends
from tests.trust.tls import Authority, nobody, serving, tunnelling

LISTING: Script = answers("200 OK", {"id": "kimi-k2-7-code", "context_window": 262_144})
HOST = "kimi.test"


@pytest.fixture
def company(tmp_path: Path) -> Authority:
    (tmp_path / "company").mkdir()
    return Authority(tmp_path / "company")


async def doctor(folder: Path, base_url: str, settings: str = "", **environ: str) -> Ran:
    (folder / "kimi-lsp").mkdir()
    (folder / "kimi-lsp" / "config.toml").write_text(settings, "utf-8")
    more = {"XDG_CONFIG_HOME": str(folder), "KIMI_LSP_STATE": str(folder / "state"), **environ}
    return await run("doctor", environ=nowhere(KIMI_LSP_BASE_URL=base_url, **more), cwd=folder)


def failure(ran: Ran) -> str:
    """Return the one sentence that says what is wrong."""
    assert ran.code == 1
    (line,) = [line for line in ran.out.split("\n") if line.startswith("FAIL  ")]
    assert line.startswith("FAIL  service: ")
    assert KEY not in ran.out + ran.err
    return line.removeprefix("FAIL  service: ")


def is_well(ran: Ran) -> bool:
    return ran.code == 0 and "\nok    service: https://" in ran.out


@pytest.mark.parametrize("way", ["setting", "environment", "system"])
async def test_a_company_s_authority_is_trusted_where_the_user_says_so(
    way: str, company: Authority, tmp_path: Path
) -> None:
    if way == "system" and sys.platform != "linux":
        pytest.skip("elsewhere the system's store cannot be set for one process")
    settings = f"ca_file = '{company.file}'\n" if way == "setting" else ""
    environ = {
        "setting": {},
        "environment": {"SSL_CERT_FILE": str(company.file)},
        "system": {"SSL_CERT_DIR": str(company.system_store)},
    }[way]
    async with serving(company.certify("127.0.0.1"), LISTING) as server:
        ran = await doctor(tmp_path, f"https://127.0.0.1:{server.port}", settings, **environ)
    assert is_well(ran), ran.out
    assert server.requests[0].header("authorization") == [f"Bearer {KEY}"]


async def test_the_setting_is_stronger_than_the_environment(company: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    environ = {"SSL_CERT_FILE": str(other.file)}
    async with serving(company.certify("127.0.0.1"), LISTING) as server:
        url = f"https://127.0.0.1:{server.port}"
        assert is_well(await doctor(tmp_path, url, f"ca_file = '{company.file}'\n", **environ))


TLS: dict[str, tuple[tuple[str, ...], dict[str, int], tuple[str, ...]]] = {
    "an authority that nobody knows": (
        ("127.0.0.1",),
        {},
        ("does not trust (unable to get local issuer certificate)", "behind a company proxy, set ca_file"),
    ),
    "expired": (
        ("127.0.0.1",),
        {"first_day": -9, "last_day": -2},
        ("not valid now (certificate has expired)", "check the clock of this machine", "must renew"),
    ),
    "not yet valid": (
        ("127.0.0.1",),
        {"first_day": 2, "last_day": 9},
        ("not valid now (certificate is not yet valid)", "check the clock of this machine"),
    ),
    "another address": (
        ("127.0.0.2",),
        {},
        ("not its own (IP address mismatch, certificate is not valid for '127.0.0.1')", "check the base_url"),
    ),
    "another name": (
        ("other.test",),
        {},
        ("not its own (IP address mismatch", "whether this network wants a login"),
    ),
}


@pytest.mark.parametrize("trouble", TLS)
async def test_a_certificate_that_does_not_hold_is_said(
    trouble: str, company: Authority, tmp_path: Path
) -> None:
    hosts, days, words = TLS[trouble]
    known = {} if "nobody" in trouble else {"SSL_CERT_FILE": str(company.file)}
    async with serving(company.certify(*hosts, **days), LISTING) as server:
        ran = await doctor(tmp_path, f"https://127.0.0.1:{server.port}", **known)
    said = failure(ran)
    assert said.startswith(f"127.0.0.1:{server.port} shows a certificate ")
    for part in words:
        assert part in said
    assert server.requests == []


async def test_a_certificate_signed_by_itself_is_said(company: Authority, tmp_path: Path) -> None:
    async with serving(company.certify_itself("127.0.0.1"), LISTING) as server:
        said = failure(await doctor(tmp_path, f"https://127.0.0.1:{server.port}"))
    assert "does not trust (self-signed certificate)" in said
    assert "set ca_file" in said


@pytest.mark.parametrize("by", ["setting", "environment"])
async def test_a_proxy_leads_to_the_service_and_does_not_see_the_key(
    by: str, company: Authority, tmp_path: Path
) -> None:
    async with serving(company.certify(HOST), LISTING) as server, tunnelling(server.port) as proxy:
        url = f"http://mona:hunter2@127.0.0.1:{proxy.port}"
        settings = f"proxy = '{url}'\n" if by == "setting" else ""
        environ = {"SSL_CERT_FILE": str(company.file), **({} if settings else {"HTTPS_PROXY": url})}
        ran = await doctor(tmp_path, f"https://{HOST}", settings, **environ)
    assert is_well(ran), ran.out
    assert "hunter2" not in ran.out + ran.err
    assert {asked.split("\r\n")[0] for asked in proxy.asked} == {f"CONNECT {HOST}:443 HTTP/1.1"}
    for asked in proxy.asked:
        assert f"Basic {base64.b64encode(b'mona:hunter2').decode()}" in asked
        assert KEY not in asked
    assert server.requests[0].header("proxy-authorization") == []


async def test_the_setting_is_stronger_than_the_environment_s_proxy(
    company: Authority, tmp_path: Path
) -> None:
    with nobody() as port:
        async with serving(company.certify(HOST), LISTING) as server, tunnelling(server.port) as proxy:
            settings = f"proxy = 'http://127.0.0.1:{proxy.port}'\n"
            environ = {"SSL_CERT_FILE": str(company.file), "HTTPS_PROXY": f"http://127.0.0.1:{port}"}
            assert is_well(await doctor(tmp_path, f"https://{HOST}", settings, **environ))


async def test_a_proxy_that_reads_along_needs_its_authority(company: Authority, tmp_path: Path) -> None:
    async with serving(company.certify(HOST), LISTING) as server, tunnelling(server.port) as proxy:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
        said = failure(await doctor(tmp_path, f"https://{HOST}", **environ))
    assert said.startswith(f"{HOST} shows a certificate that this machine does not trust")
    assert "behind a company proxy, set ca_file" in said
    assert server.requests == []


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("407 Proxy Authentication Required", "http://name:password@proxy.example:3128"),
        ("403 Forbidden", "ask whoever runs it to let this host through"),
        ("502 Bad Gateway", "ask whoever runs it to let this host through"),
    ],
)
async def test_a_proxy_that_says_no_is_said(status: str, advice: str, tmp_path: Path) -> None:
    proxy = Server([sends(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n".encode())])
    async with proxy.listening():
        ran = await doctor(
            tmp_path, f"https://{HOST}", HTTPS_PROXY=f"http://mona:hunter2@127.0.0.1:{proxy.port}"
        )
    said = failure(ran)
    assert said.startswith(f"The proxy did not connect to {HOST} ({status}): ")
    assert advice in said
    assert "hunter2" not in ran.out + ran.err


@pytest.mark.parametrize("by", ["setting", "environment"])
async def test_a_proxy_that_is_not_there_is_said(by: str, tmp_path: Path) -> None:
    with nobody() as port:
        url = f"http://mona:hunter2@127.0.0.1:{port}"
        settings = f"proxy = '{url}'\n" if by == "setting" else ""
        environ = {} if settings else {"HTTPS_PROXY": url}
        ran = await doctor(tmp_path, f"https://{HOST}", settings, **environ)
    said = failure(ran)
    assert said.startswith(
        f"The proxy on the way to {HOST} cannot be reached (127.0.0.1:{port}: connection refused): "
    )
    assert "hunter2" not in ran.out + ran.err


async def test_a_host_that_needs_no_proxy_is_not_blamed_on_one(tmp_path: Path) -> None:
    """What is excepted goes straight there, so the sentence is about the host."""
    with nobody() as port:
        url = f"https://127.0.0.1:{port}"
        said = failure(await doctor(tmp_path, url, HTTPS_PROXY=f"http://127.0.0.1:{port}"))
    assert said.startswith(f"127.0.0.1:{port} cannot be reached (connection refused)")
