"""Flat-earth geometry; good enough within ten kilometres of a depot."""
from __future__ import annotations

import math
import platform
from typing import NamedTuple

METERS_PER_DEGREE = 111_320
ON_DRONE = platform.machine() == "aarch64"


class Position(NamedTuple):
    lat: float
    lon: float

    def towards(self, other: Position, share: float) -> Position:
        return Position(self.lat + (other.lat - self.lat) * share, self.lon + (other.lon - self.lon) * share)

    def __sub__(self, other: Position) -> float:
        return distance_m(self, other)


def distance_m(a: Position, b: Position) -> float:
    dy = (a.lat - b.lat) * METERS_PER_DEGREE
    dx = (a.lon - b.lon) * METERS_PER_DEGREE * math.cos(math.radians((a.lat + b.lat) / 2))
    return math.hypot(dx, dy)


def detour(a: Position, b: Position, *, steps: int) -> list[Position]:
    return [a.towards(b, i / steps) for i in range(1, steps + 1)]


def crosses(route: list[Position], zones: dict[str, tuple[Position, float]]) -> set[str]:
    return {name for name, (center, radius) in zones.items() if any(p - center < radius for p in route)}
