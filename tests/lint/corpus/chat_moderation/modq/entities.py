from __future__ import annotations

import time
from uuid import uuid4

import attrs
import durable_async as da

from modq.shared import metrics, words


@da.entity
@attrs.define
class Reputation:
    points: int = 100
    history: list[str] = attrs.Factory(list)

    def add(self, delta: int) -> int:
        self.points += delta
        self.history.append(f"{time.time():.0f}:{delta}")  # expect: DUR101
        return self.points

    def reset(self) -> None:
        self.points = 100
        self.history.clear()
        metrics.bump("reset")

    def _trim(self) -> None:
        self.history = self.history[-50:]


@da.entity(name="strikes")
@attrs.define
class StrikeBook:
    strikes: dict[str, int] = attrs.field(factory=dict)
    updated: str = ""

    async def strike(self, user: str, text: str) -> str:
        self.strikes[user] = self.strikes.get(user, 0) + len(words.flagged(text))
        self.updated = da.now().isoformat()
        return str(uuid4())  # expect: DUR112

    def forgive(self, user: str) -> None:
        self.strikes.pop(user, None)
        if not self.strikes:
            da.delete_entity()


@attrs.define
class LocalCounter:
    """Same shape, but no entity: lives in the gateway process."""

    started: float = attrs.Factory(time.monotonic)
    n: int = 0

    def add(self) -> float:
        self.n += 1
        return time.monotonic() - self.started
