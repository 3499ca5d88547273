"""Adapters that talk to the till and to the host it runs on."""

from __future__ import annotations

import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import requests

from ..ports import Clock, Loyalty, MenuSource, TicketNumbers

TILL_TIMEOUT = 2.5
_BASE_URL = os.environ.get("LOYALTY_URL", "http://loyalty.internal")


class TillClock(Clock):
    def current(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)  # expect: DUR101


class FixedClock(Clock):
    def __init__(self, at: datetime) -> None:
        self._at = at

    def current(self) -> datetime:
        return self._at


class TillNumbers(TicketNumbers):
    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self.prefix = socket.gethostname().split("-")[0]  # expect: DUR125

    def next_number(self, store: str) -> str:
        counter = self.spool / store / "counter"
        current = int(counter.read_text())  # expect: DUR122
        counter.write_text(str(current + 1))  # expect: DUR122
        return f"{self.prefix}{current:05d}"


class FileMenu(MenuSource):
    def __init__(self, region: str) -> None:
        self.region = region
        self.currency = os.getenv("TILL_CURRENCY", "EUR")  # expect: DUR124

    def price_of(self, sku: str) -> int:
        path = os.path.join("/srv/menu", self.region, sku + ".txt")
        with open(path) as handle:  # expect: DUR122
            return int(handle.read())


class HttpLoyalty(Loyalty):
    def points(self, member: str) -> int:
        for pause in (0.1, 0.5):
            try:
                reply = requests.get(f"{_BASE_URL}/members/{member}", timeout=TILL_TIMEOUT)  # expect: DUR121
                return int(reply.json()["points"])
            except requests.ConnectionError:
                time.sleep(pause)  # expect: DUR102
        return 0


class PrinterProbe:
    """Used by the health endpoint, not by the ordering core."""

    def alive(self, host: str) -> bool:
        with socket.create_connection((host, 9100), timeout=1):
            return True
