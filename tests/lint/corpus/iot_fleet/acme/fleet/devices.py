"""The device registry, and what an entity remembers of one device."""

from __future__ import annotations

import datetime as dt
import enum
import locale
import os
from typing import ClassVar

import attrs
import durable_async
from durable_async import entity

PREFIX = os.environ.get("DEVICE_PREFIX", "acme")


class Ring(enum.IntEnum):
    CANARY = 0
    EARLY = 1
    BROAD = 2

    @classmethod
    def of(cls, serial: str) -> Ring:
        return cls(hash(serial) % 3)  # expect: DUR125

    @classmethod
    def stable(cls, serial: str) -> Ring:
        return cls(sum(serial.encode()) % 3)


@entity
@attrs.define
class Device:
    firmware: str = "0.0.0"
    last_seen: dt.datetime | None = None
    failures: int = 0
    online: ClassVar[set[str]] = set()

    def heartbeat(self, serial: str) -> None:
        self.last_seen = dt.datetime.now(dt.timezone.utc)  # expect: DUR101
        self.online.add(serial)  # expect: DUR141

    def report(self, firmware: str) -> str:
        self.firmware = firmware
        self.failures = 0
        return self._label()

    def failed(self) -> int:
        self.failures += 1
        if self.failures > 3:
            with open("/var/log/fleet/failures.log", "a") as log:  # expect: DUR122
                log.write(self._label())
        return self.failures

    def stale(self, hours: int) -> bool:
        return self.last_seen is not None and durable_async.now() - self.last_seen > dt.timedelta(hours=hours)

    def _label(self) -> str:
        return f"{PREFIX}/{self.firmware}/{locale.getlocale()[0]}"  # expect: DUR125

    @staticmethod
    def _console_table() -> str:
        return f"{dt.datetime.now()} {os.getpid()}"
