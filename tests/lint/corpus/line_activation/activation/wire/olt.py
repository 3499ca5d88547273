"""Optical line terminals, over NETCONF. The session is opened by activities."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import types
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator


class OltSession:
    def __init__(self, host: str, timeout: float = 5.0) -> None:
        self.socket = socket.create_connection((host, 830), timeout)
        self.opened = time.monotonic()

    def __enter__(self) -> OltSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, text: str) -> None:
        self.socket.sendall(text.encode())


class Olt(t.NamedTuple):
    """Where a line ends; plain data."""

    host: str
    slot: int
    port: int

    @classmethod
    def parse(cls, text: str) -> Olt:
        host, slot, port = text.split("/")
        return cls(host, int(slot), int(port))

    def session(self) -> OltSession:
        return OltSession(self.host)

    def commands(self, profile: str) -> Iterator[str]:
        yield f"interface gpon {self.slot}/{self.port}"
        yield f"profile {profile}"

    def __str__(self) -> str:
        return f"{self.host}/{self.slot}/{self.port}"


class Throttle:
    lock: t.ClassVar[threading.Lock] = threading.Lock()

    def wait(self) -> None:
        with self.lock:
            time.sleep(1)
