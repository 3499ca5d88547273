"""Ten ways of changing what outlives the execution."""

from __future__ import annotations

import functools
from functools import lru_cache as memoised

from . import shared
from .shared import BY_ZONE, COUNTERS, JOURNAL, PENDING, STANDARD, VISITED
from .shared import RATES as KNOWN


class Tariff:
    instances = 0
    aliases: dict[str, str] = {}
    current: "Tariff | None" = None

    def __init__(self, zone: str) -> None:
        self.zone = zone
        Tariff.instances += 1  # expect: DUR141
        type(self).current = self  # expect: DUR141

    def rename(self, name: str) -> None:
        self.aliases[self.zone] = name  # expect: DUR141

    def forget(self) -> None:
        del self.aliases[self.zone]  # expect: DUR141

    @classmethod
    def reset(cls) -> None:
        cls.aliases.clear()  # expect: DUR141


def learn(zone: str, cents: int) -> None:
    KNOWN[zone] = cents  # expect: DUR141


def known(zone: str) -> int:
    return KNOWN.get(zone, STANDARD["peak"])  # expect: DUR141


def queue(zone: str) -> str:
    PENDING.append(zone)  # expect: DUR141
    return PENDING.popleft()  # expect: DUR141


def visit(zone: str) -> bool:
    if zone in VISITED:  # expect: DUR141
        return False
    VISITED.add(zone)  # expect: DUR141
    return True


def count(zone: str) -> None:
    COUNTERS[zone] += 1  # expect: DUR141
    shared.last_zone = zone  # expect: DUR141


def journal(line: str) -> None:
    JOURNAL.extend([line, "--"])  # expect: DUR141


def group(zone: str) -> None:
    BY_ZONE[zone[:1]].append(zone)  # expect: DUR141


@functools.lru_cache(maxsize=32)  # expect: DUR141
def cents(zone: str) -> int:
    return len(zone)


@memoised()  # expect: DUR141
def rounded(zone: str) -> int:
    return len(zone) // 10 * 10


@functools.cache  # expect: DUR141
def night(zone: str) -> int:
    return STANDARD["night"] + len(zone)


def collect(zone: str, into: dict[str, int] = {}) -> int:
    into[zone] = 1  # expect: DUR141
    return 1


def unseen(zone: str) -> None:
    """Of the import tool."""
    JOURNAL.clear()
    shared.last_zone = "import"
