from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .durable import side_effect

PINNED = "fleet-ca-2024"


def _fresh_serial() -> int:
    return secrets.randbits(64)


class CertificateFactory:
    """Small signing helper. The key lies beside the process."""

    def __init__(self, ca: str = PINNED) -> None:
        self.ca = ca
        self.issuer = socket.gethostname()  # expect: DUR125
        self._key: bytes | None = None

    @property
    def key(self) -> bytes:
        if self._key is None:
            self._key = Path(f"/etc/fleet/{self.ca}.key").read_bytes()  # expect: DUR122
        return self._key

    @contextmanager
    def session(self, serial: str) -> Iterator[bytes]:
        nonce = os.urandom(16)  # expect: DUR111
        yield hmac.digest(self.key, nonce + serial.encode(), "sha256")

    def sign(self, serial: str) -> bytes:
        number = side_effect(_fresh_serial)
        with self.session(serial) as mac:
            return hashlib.blake2b(mac + number.to_bytes(8, "big"), person=b"fleet").digest()


def resolve(name: str) -> str:
    return socket.gethostbyname(name)  # expect: DUR121


def fingerprint(certificate: bytes) -> str:
    digest = hashlib.sha1(certificate, usedforsecurity=False).hexdigest()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
