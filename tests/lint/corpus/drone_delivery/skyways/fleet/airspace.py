"""No-fly zones and weather."""
from __future__ import annotations

import threading
from dataclasses import dataclass

from skyguard_sdk import AuthorityClient

from ..common import Position
from ..common.geo import crosses

ZONES: dict[str, tuple[Position, float]] = {
    "hospital": (Position(52.52, 13.37), 300.0),
    "stadium": (Position(52.51, 13.24), 500.0),
}


@dataclass
class Clearance:
    granted: bool
    number: str = ""


class Airspace:
    def __init__(self, region: str) -> None:
        self.region = region
        self._lock = threading.Lock()  # expect: DUR131
        self._granted: dict[str, Clearance] = {}

    async def clearance(self, drone: str, route: list[Position]) -> Clearance:
        if crosses(route, ZONES):
            return Clearance(False)
        if drone in self._granted:
            return self._granted[drone]
        authority = AuthorityClient(self.region)
        number = await authority.file_plan(drone, [tuple(p) for p in route])  # expect: DUR132
        self._granted[drone] = Clearance(bool(number), number)
        return self._granted[drone]

    def describe(self, route: list[Position]) -> str:
        names = crosses(route, ZONES)
        return f"{self.region}: {len(names)} zones, first {sorted(names)[0]}" if names else self.region
