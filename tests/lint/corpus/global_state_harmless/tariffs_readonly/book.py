"""Constants, and state that belongs to one execution."""

from __future__ import annotations

import contextvars
import functools
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import ClassVar, Final

STANDARD: Final = {"peak": 30, "night": 12}
ZONES = ["a", "b"]
PATTERN = re.compile(r"^[a-z]+$")
HANDLERS: dict[str, type] = {}
REGISTRY: list[str] = []
current_zone: contextvars.ContextVar[str] = contextvars.ContextVar("zone", default="a")
counter = 0


def register(kind: type) -> type:
    HANDLERS[kind.__name__] = kind
    REGISTRY.append(kind.__name__)
    return kind


@register
class Tariff:
    limits: ClassVar[dict[str, int]] = {"a": 1}
    marks: list[str] = []

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.marks = []
        self.count = 0

    def mark(self, text: str) -> None:
        self.marks.append(text)
        self.count += 1

    def limit(self) -> int:
        return self.limits.get(self.zone, 0)


@dataclass
class Book:
    entries: dict[str, int] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def add(self, zone: str) -> None:
        self.entries[zone] = STANDARD["peak"]
        self.order.append(zone)


def local_shadow(zones: list[str]) -> int:
    ZONES = []
    for zone in zones:
        ZONES.append(zone)
    return len(ZONES)


def closure(zones: list[str]) -> int:
    counter = 0

    def bump() -> None:
        nonlocal counter
        counter += 1

    for _ in zones:
        bump()
    return counter


def copied(zone: str) -> list[str]:
    zones = list(ZONES)
    zones.append(zone)
    return zones


def merged(extra: dict[str, int]) -> dict[str, int]:
    result = {**STANDARD, **extra}
    result["weekend"] = 9
    return result


def default_unchanged(zone: str, options: tuple[str, ...] = (), table: dict[str, int] = {}) -> int:
    return table.get(zone, len(options))


def grouped(zones: list[str]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = defaultdict(list)
    for zone in zones:
        result[zone[:1]].append(zone)
    return result


def parameter(JOURNAL: list[str]) -> None:
    JOURNAL.append("line")


@functools.wraps(copied)
def copied_again(zone: str) -> list[str]:
    return copied(zone)


@functools.lru_cache
def exported(zone: str) -> int:
    """Of the exporter's process."""
    REGISTRY.append(zone)
    return len(zone)


def handler_names() -> list[str]:
    return [name for name in HANDLERS if PATTERN.match(name.lower())] + [current_zone.get()]
