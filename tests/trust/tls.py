"""Certificates made on the spot, and servers and proxies on loopback that show them, refuse, or are not there."""

import asyncio
import datetime
import hashlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.kimi.server import Script, Server

_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A company's own authority, which no machine knows by itself."""

    folder: Path
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def file(self) -> Path:
        """A PEM file with the authority's certificate."""
        path = self.folder / "authority.pem"
        made = _builder("kimi-lsp test authority", self._key, -1, 2)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        path.write_bytes(_public(made.sign(self._key, hashes.SHA256())))
        return path

    @property
    def system_store(self) -> Path:
        """A folder of certificates as OpenSSL keeps it for a whole system: a file is named by its subject's hash."""
        folder = self.folder / "certs"
        folder.mkdir()
        # The subject in OpenSSL's canonical form is the name's own encoding without its outermost head.
        subject = x509.load_pem_x509_certificate(self.file.read_bytes()).subject.public_bytes()[2:]
        number = int.from_bytes(hashlib.sha1(subject, usedforsecurity=False).digest()[:4], "little")
        (folder / f"{number:08x}.0").write_bytes(self.file.read_bytes())
        return folder

    def certify(self, *hosts: str, first_day: int = -1, last_day: int = 2) -> Path:
        """Return a PEM file with a certificate for some hosts, and its key; the days count from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder("kimi-lsp test authority", key, first_day, last_day, "kimi-lsp test server")
        made = made.add_extension(
            x509.SubjectAlternativeName([_name(host) for host in hosts]), critical=False
        )
        path = self.folder / f"{'-'.join(hosts)}{first_day}{last_day}.pem"
        path.write_bytes(_private(key) + _public(made.sign(self._key, hashes.SHA256())))
        return path

    def certify_itself(self, host: str) -> Path:
        """Return a PEM file with a certificate that no authority has signed, and its key."""
        made = _builder(host, self._key, -1, 2)
        made = made.add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
        path = self.folder / "itself.pem"
        path.write_bytes(_private(self._key) + _public(made.sign(self._key, hashes.SHA256())))
        return path


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _builder(
    issuer: str, key: ec.EllipticCurvePrivateKey, first: int, last: int, subject: str = ""
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject or issuer)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + first * _DAY)
        .not_valid_after(now + last * _DAY)
    )


def _name(host: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    return x509.DNSName(host)


@asynccontextmanager
async def serving(certificate: Path, *scripts: Script) -> AsyncGenerator[Server, None]:
    """Serve scripts over TLS with a certificate."""
    server = Server(list(scripts))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with server.listening(context):
        yield server


@dataclass
class Tunnel:
    """A proxy that lets everything through to one port, whatever host was asked for."""

    port: int
    asked: list[str] = field(default_factory=list)
    """What was said to it before the tunnel stood."""


@asynccontextmanager
async def tunnelling(to: int) -> AsyncGenerator[Tunnel, None]:
    """Run a proxy that knows CONNECT."""
    tunnel = Tunnel(0)
    busy: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        busy.add(task)
        try:
            tunnel.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            there_reader, there = await asyncio.open_connection("127.0.0.1", to)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pump(reader, there), _pump(there_reader, writer))
        except asyncio.CancelledError:
            # asyncio's streams report a cancelled handler as an error of their own.
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    tunnel.port = listener.sockets[0].getsockname()[1]
    try:
        yield tunnel
    finally:
        listener.close()
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        await listener.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def nobody() -> Iterator[int]:
    """Hold a port of loopback on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
