"""Metered usage, one entity for each customer."""

from __future__ import annotations

import logging
import random
from datetime import UTC, datetime

import attrs
import durable_async as da

logger = logging.getLogger("billing.usage")


@da.entity(name="usage-meter")
@attrs.define
class UsageMeter:
    """Counts units until the cycle drains them."""

    counters: dict[str, int] = attrs.field(factory=dict)
    last_seen: str | None = None
    sampled: int = 0

    def record(self, metric: str, units: int) -> int:
        self.counters[metric] = self.counters.get(metric, 0) + units
        self.last_seen = datetime.now(UTC).isoformat()  # expect: DUR101
        if random.randrange(100) == 0:  # expect: DUR111
            self.sampled += 1
        return self.counters[metric]

    def drain(self) -> dict[str, int]:
        drained, self.counters = self.counters, {}
        logger.info("drained %d metrics at %s", len(drained), da.now())
        return drained

    async def compact(self, keep: set[str]) -> list[str]:
        removed = [metric for metric in list(self.counters) if metric not in keep]
        for metric in removed:
            del self.counters[metric]
        kept = []
        for metric in keep:  # expect: DUR134
            kept.append(metric)
        return kept

    def _sample_rate(self) -> float:
        return self.sampled / max(sum(self.counters.values()), 1)


def estimate_cost(meter: UsageMeter, unit_cents: dict[str, int]) -> int:
    return sum(units * unit_cents.get(metric, 0) for metric, units in meter.counters.items())
