"""TLS: who is trusted, over a real handshake with a certificate made here."""

import asyncio
import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kimi_lsp.kimi import Client, ClientConfig, Key, Unreachable, UntrustedCertificate
from tests.kimi.conftest import SECRET, collect, reply_of
from tests.kimi.server import GOOD, Server


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A PEM file with a certificate for 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kimi-lsp test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


async def ask(certificate: Path, ca_file: str | None) -> str:
    scripted = Server([GOOD])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with scripted.listening(context):
        config = ClientConfig(base_url=f"https://127.0.0.1:{scripted.port}", ca_file=ca_file)
        async with Client(config, Key(SECRET)) as client:
            return reply_of(await collect(client)).message.text


async def test_an_unknown_certificate_is_not_trusted(certificate: Path) -> None:
    with pytest.raises(UntrustedCertificate, match=r"does not trust .*ca_file"):
        await ask(certificate, None)


async def test_a_certificate_of_the_settings_is_trusted(certificate: Path) -> None:
    assert await ask(certificate, str(certificate)) == "Hello there"


async def test_a_certificate_of_the_environment_is_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert await ask(certificate, None) == "Hello there"


async def test_a_server_without_tls_is_unreachable_over_https() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with Client(ClientConfig(base_url=f"https://127.0.0.1:{port}"), Key(SECRET)) as client:
        with pytest.raises(Unreachable, match="TLS failed"):
            await collect(client)
    listener.close()
    await listener.wait_closed()
