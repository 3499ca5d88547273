"""The robots' side: who is free, and how far away."""

import os
import random as rnd
import socket
from operator import itemgetter
from typing import Protocol

try:
    import orjson as json
except ImportError:
    import json


def _ask(host: str, port: int, question: str) -> bytes:
    address = socket.getaddrinfo(host, port)[0][4]  # expect: DUR121
    return socket.create_connection(address, timeout=1).makefile("rb").readline()  # expect: DUR121


class Driver(Protocol):
    def battery(self, robot: str) -> float: ...


class TelnetDriver:
    """Talks to the controller over its line protocol."""

    port = socket.IPPORT_RESERVED + 8080

    def __init__(self, host: str) -> None:
        self.host = host

    def battery(self, robot: str) -> float:
        try:
            reply = _ask(self.host, self.port, f"BAT {robot}")
            return float(json.loads(reply))
        except (socket.timeout, ConnectionError, socket.gaierror):
            return 0.0


class Fleet:
    random = rnd.Random(7)

    def __init__(self, names: list[str], driver: Driver):
        self.names = names
        self._driver = driver
        self._turn = 0

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def next_free(self) -> str:
        ranked = sorted(self.names, key=self._driver.battery)
        self._turn += 1
        return ranked[self._turn % len(ranked)]

    def shuffle(self) -> None:
        # breaks ties at the start of a shift
        rnd.shuffle(self.names)  # expect: DUR111

    def weakest(self, levels: dict[str, float]) -> str:
        return min(levels.items(), key=itemgetter(1))[0]


def default_fleet(size: int | None = None) -> Fleet:
    fleet = Fleet([f"r{n}" for n in range(size or os.cpu_count() or 1)], TelnetDriver("controller"))  # expect: DUR125
    fleet.shuffle()
    return fleet
