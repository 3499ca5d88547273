"""statsd over UDP, because it costs nothing (they said)."""
from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

_sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ADDRESS = ("127.0.0.1", 8125)


class Metrics:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def count(self, name: str, value: int = 1) -> None:
        self._send(f"{self.prefix}.{name}:{value}|c")

    @contextmanager
    def timer(self, name: str) -> Iterator[None]:
        begin = time.monotonic_ns()  # expect: DUR101
        yield
        spent = (time.monotonic_ns() - begin) // 1_000_000  # expect: DUR101
        self._send(f"{self.prefix}.{name}:{spent}|ms")

    def _send(self, line: str) -> None:
        _sock.sendto(line.encode(), ADDRESS)  # expect: DUR121


metrics = Metrics("skyways")
