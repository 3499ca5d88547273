from __future__ import annotations

import enum
import ipaddress
from dataclasses import dataclass, field
from typing import Final

from .fields import Age, Checked, matches

SERIAL: Final = r"[A-Z]{2}\d{8}"


class Phase(enum.Enum):
    NEW = enum.auto()
    CLAIMED = enum.auto()
    FLASHED = enum.auto()
    ENROLLED = enum.auto()
    REJECTED = enum.auto()

    @property
    def final(self) -> bool:
        return self in (Phase.ENROLLED, Phase.REJECTED)


class Capability(enum.Flag):
    NONE = 0
    BLE = enum.auto()
    LORA = enum.auto()
    CAMERA = enum.auto()


class Device:
    serial = Checked[str](matches(SERIAL), "not a serial number")
    firmware = Checked[str](matches(r"\d+\.\d+\.\d+"), "not a version")
    age = Age()

    def __init__(self, serial: str, firmware: str, host: str, last_seen: float = 0.0) -> None:
        self.serial = serial
        self.firmware = firmware
        self.host = ipaddress.ip_address(host)
        self.last_seen = last_seen
        self.capabilities = Capability.NONE

    def __hash__(self) -> int:
        return int(self.serial[2:])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and other.serial == self.serial

    def __lt__(self, other: Device) -> bool:
        return self.serial < other.serial

    @property
    def version(self) -> tuple[int, ...]:
        return tuple(map(int, self.firmware.split(".")))


@dataclass
class DeviceRecord:
    serial: str
    firmware: str
    host: str
    last_seen: float


@dataclass
class Rollout:
    firmware: str
    serials: list[str]
    done: list[str] = field(default_factory=list)
    zones: set[int] = field(default_factory=set)

    @property
    def missing(self) -> set[str]:
        return set(self.serials) - set(self.done)
