"""A gate in front of a Temporal server that speaks TLS, as clusters elsewhere have it: it sees what
clients send, and may want a certificate of theirs."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["Authority", "Gate", "huffman", "open_gate"]


@attrs.frozen
class Issued:
    """Paths of PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates for 127.0.0.1 and for clients."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
        built = self._builder(self._name, self._key.public_key())
        built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.certificate = folder / "authority.pem"
        self._write(self.certificate, built)

    def issue(self, name: str) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        here = x509.SubjectAlternativeName(
            [x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName("localhost")]
        )
        issued = Issued(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        self._write(
            issued.certificate,
            self._builder(subject, key.public_key()).add_extension(here, critical=False),
        )
        issued.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return issued

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
        )

    def _write(self, path: Path, builder: x509.CertificateBuilder) -> None:
        signed = builder.sign(self._key, hashes.SHA256())
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


class Gate:
    """seen: what clients have sent, as it was inside TLS. clients: names in the certificates that
    they have shown."""

    def __init__(self, behind: str) -> None:
        self._host, _, self._port = behind.rpartition(":")
        self._open: set[asyncio.Task[None]] = set()
        self.target = ""
        self.seen = bytearray()
        self.clients: set[str] = set()

    async def listen(self, context: ssl.SSLContext) -> asyncio.Server:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Here, and not by the server itself: one that has not come so far must be closed too.
            task = asyncio.current_task()
            assert task is not None
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            with contextlib.suppress(OSError, asyncio.CancelledError):
                try:
                    await writer.start_tls(context)
                    await self._pass(reader, writer)
                finally:
                    writer.transport.abort()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        self.target = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def close(self) -> None:
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("peercert") or {}
        self.clients |= {value for part in shown.get("subject", ()) for _, value in part}
        inner_reader, inner_writer = await asyncio.open_connection(self._host, int(self._port))
        try:
            both = (
                self._copy(reader, inner_writer, self.seen),
                self._copy(inner_reader, writer, None),
            )
            await asyncio.wait(
                [asyncio.ensure_future(each) for each in both],
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            inner_writer.transport.abort()

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray | None
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if seen is not None:
                    seen += data
                writer.write(data)
                await writer.drain()


@contextlib.asynccontextmanager
async def open_gate(
    behind: str, authority: Authority, *, wants_certificates: bool = False
) -> AsyncIterator[Gate]:
    """behind: "host:port" of a server without TLS."""
    own = authority.issue("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    context.set_alpn_protocols(["h2"])
    if wants_certificates:
        context.load_verify_locations(authority.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
    gate = Gate(behind)
    server = await gate.listen(context)
    try:
        yield gate
    finally:
        server.close()
        await gate.close()


_CODES = {
    " ": "010100",
    "0": "00000",
    "1": "00001",
    "2": "00010",
    "B": "1011101",
    "a": "00011",
    "e": "00101",
    "r": "101100",
}
"""Of the code that headers are sent in (RFC 7541, appendix B), as much as keys of tests need."""


def huffman(text: str) -> bytes:
    """A header's value as HTTP/2 sends it, without the bits that its last byte is filled up with.
    text: of " 012Baer"."""
    bits = "".join(_CODES[each] for each in text)
    whole = len(bits) // 8 * 8
    return bytes(int(bits[begin : begin + 8], 2) for begin in range(0, whole, 8))
