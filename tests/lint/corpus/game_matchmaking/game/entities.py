"""Players and queues."""

from __future__ import annotations

import datetime
import gc
import os
import random
import time
import uuid

import attrs
import durable_async as da
import ulid

from game.rating import Rating, season

_region_load: dict[str, int] = {}


class Audited:
    """Operations that every entity of ours has."""

    changes: int

    def touch(self) -> str:
        self.changes += 1
        return f"{self.changes}@{time.time():.0f}"  # expect: DUR101

    def compact(self) -> int:
        return gc.collect()  # expect: DUR125


@da.entity
@attrs.define(slots=False)
class Player(Audited):
    changes: int = 0
    rating: Rating = attrs.field(factory=Rating)
    inventory: list[str] = attrs.field(factory=list)
    last_match: datetime.datetime | None = None

    def won_against(self, other: Rating) -> Rating:
        self.rating = self.rating.after(other, won=True)
        self.last_match = da.now()
        return self.rating

    def loot(self, table: list[str]) -> str:
        item = random.choices(table, k=1)[0]  # expect: DUR111
        self.inventory.append(f"{item}:{ulid.new()}")  # expect: DUR112
        return item

    def season_pass(self) -> str:
        return season(self.last_match or datetime.datetime.now())  # expect: DUR101


@da.entity(name="queue")
@attrs.define
class MatchQueue:
    waiting: list[str] = attrs.field(factory=list)
    matches: int = 0

    def join(self, player: str, region: str) -> int:
        _region_load[region] = len(self.waiting)  # expect: DUR141
        if player not in self.waiting:
            self.waiting.append(player)
        da.entity_ref(Player, player).signal(Player.touch)
        return len(self.waiting)

    def take(self, size: int) -> list[str]:
        """A full group, or nobody."""
        if len(self.waiting) < size:
            return []
        group, self.waiting = self.waiting[:size], self.waiting[size:]
        self.matches += 1
        return self._seat(group)

    def busiest(self) -> str:
        return max(_region_load, key=_region_load.__getitem__, default="eu")  # expect: DUR141

    def _seat(self, group: list[str]) -> list[str]:
        da.random("seats").shuffle(group)
        if os.getenv("FAIR_SEATS"):  # expect: DUR124
            group.sort(key=lambda player: da.uuid4().int)
        return group

    def _ticket(self) -> str:
        return uuid.uuid4().hex
