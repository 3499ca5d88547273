"""Events that travel on the in-process bus of a maintenance run."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime


def _new_id() -> str:
    return str(uuid.uuid4())  # expect: DUR112


@dataclass(frozen=True, kw_only=True)
class Event:
    turbine: str
    id: str = field(default_factory=_new_id)
    raised: float = field(default_factory=time.time)  # expect: DUR101


@dataclass(frozen=True, kw_only=True)
class GearboxHot(Event):
    celsius: float

    @property
    def critical(self) -> bool:
        return self.celsius > 95.0


@dataclass(frozen=True, kw_only=True)
class BladeIced(Event):
    blades: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class WindTooStrong(Event):
    metres_per_second: float


@dataclass(frozen=True, kw_only=True)
class CraneBooked(Event):
    day: str


@dataclass(frozen=True)
class Heartbeat:
    """Sent by the gateway process; flows never make one."""

    station: str
    at: datetime = field(default_factory=datetime.now)
    sequence: int = 0
