"""The barriers' controllers."""

import os
import platform
import socket
import ssl
import subprocess
import time
import uuid
from concurrent import futures
from typing import Any

import structlog

try:
    from parking_native import crc8
except ImportError:

    def crc8(data: bytes) -> int:
        return sum(data) % 256 ^ os.getpid() % 2  # expect: DUR125


logger = structlog.get_logger(__name__)


class Meta(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        instance = super().__call__(*args, **kwargs)
        instance.serial = uuid.uuid4()  # expect: DUR112
        return instance


class Barrier(metaclass=Meta):
    name: str

    def __new__(cls, name: str) -> "Barrier":
        logger.info("barrier", name=name)  # expect: DUR143
        return super().__new__(cls)

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def __setattr__(self, attribute: str, value: Any) -> None:
        if attribute == "name":
            subprocess.Popen(["setbarrier", value])  # expect: DUR123
        super().__setattr__(attribute, value)

    def __invert__(self) -> str:
        return f"{self.name}:{crc8(self.name.encode())}"

    def __getitem__(self, kind: str) -> int:
        address = socket.gethostbyname(f"{self.name}.barriers.example")  # expect: DUR121
        return len(address) * (2 if kind == "night" else 1)

    def __delitem__(self, kind: str) -> None:
        os.unlink(f"/run/barriers/{self.name}-{kind}")  # expect: DUR122

    def __int__(self) -> int:
        return time.time_ns()

    def __del__(self) -> None:
        self.__dict__.clear()


def gate_of(name: str) -> Barrier:
    return Barrier(name)


def check_all(names: set[str]) -> list[str]:
    """At the start of the worker."""
    context = ssl.create_default_context()
    with futures.ThreadPoolExecutor() as pool:
        results = pool.map(lambda name: (name, int(Barrier(name)), context.check_hostname), names)
    return [f"{name} {value} {platform.node()}" for name, value, _ in results]
