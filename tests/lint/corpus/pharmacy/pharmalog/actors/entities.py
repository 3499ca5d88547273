"""Durable entities: stock and vehicles."""

from __future__ import annotations

import os
import random
import uuid
from datetime import datetime

import attrs
import durable_async as da
import requests

from pharmalog.common import clock, serial
from pharmalog.common.codes import parse_label

LIMIT = 5_000


@da.entity
@attrs.define
class Stock:
    drug: str = ""
    boxes: dict[str, int] = attrs.field(factory=dict)
    sites: set[str] = attrs.field(factory=set)
    updated: datetime | None = None

    def receive(self, site: str, count: int) -> int:
        self.boxes[site] = min(LIMIT, self.boxes.get(site, 0) + count)
        self.sites.add(site)
        self.updated = datetime.now()  # expect: DUR101
        return self.boxes[site]

    def pick(self, count: int) -> list[str]:
        picked: list[str] = []
        for site in self.sites:  # expect: DUR134
            if self.boxes.get(site, 0) >= count:
                self.boxes[site] -= count
                picked.append(f"{site}/{serial()}")
                break
        return picked

    def recall(self, label: str) -> str:
        site, key = parse_label(label)
        self.sites.discard(site)
        requests.delete(f"https://stock.internal/{key}")  # expect: DUR121
        return os.getenv("RECALL_DESK", "central")  # expect: DUR124

    def touched(self) -> None:
        self.updated = da.now()

    def report(self) -> list[str]:
        return [f"{site}: {self.boxes[site]}" for site in sorted(self.sites)]

    def _rebalance(self) -> None:
        random.shuffle(list(self.boxes))


@da.entity(name="van")
@attrs.define
class Van:
    plate: str = ""
    load: list[str] = attrs.field(factory=list)

    async def add(self, label: str) -> int:
        self.load.append(label)
        return len(self.load)

    async def depart(self) -> str:
        trip = uuid.uuid4()  # expect: DUR112
        return f"{trip}/{da.uuid4()}/{clock.shift_of(da.now())}"

    def shuffle(self) -> list[str]:
        da.random("load").shuffle(self.load)
        return self.load


@attrs.define
class Ramp:
    """A plain object of the yard display; no entity."""

    number: int = 0
    opened: datetime = attrs.field(factory=datetime.now)

    def code(self) -> int:
        return random.randint(1000, 9999)
