"""Who gets a campaign, in which variant."""

from __future__ import annotations

import bisect
import random
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import shortuuid

import durable_async as da


@dataclass(frozen=True)
class Recipient:
    user: str
    channels: frozenset[str] = frozenset({"mail"})
    language: str = "en"

    def preferred(self) -> str:
        for channel in self.channels:  # expect: DUR134
            if channel != "push":
                return channel
        return "push"

    def reachable(self) -> bool:
        return any(channel in {"mail", "sms"} for channel in self.channels)


@dataclass
class Segment:
    name: str
    recipients: list[Recipient] = field(default_factory=list)
    key: str = field(default_factory=shortuuid.uuid)  # expect: DUR112

    def __iter__(self) -> Iterator[Recipient]:
        return iter(sorted(self.recipients, key=lambda r: r.user))

    def __and__(self, other: Segment) -> Segment:
        users = {r.user for r in other.recipients}
        return Segment(self.name, [r for r in self.recipients if r.user in users])

    def languages(self) -> tuple[str, ...]:
        return tuple({r.language for r in self.recipients})  # expect: DUR134


def bucket(user: str, buckets: int = 100) -> int:
    return zlib.crc32(user.encode()) % buckets


def variant(user: str, weights: Sequence[float]) -> int:
    edges = [sum(weights[: i + 1]) for i in range(len(weights))]
    return bisect.bisect(edges, bucket(user) / 100)


def holdout(segment: Segment, share: float) -> set[str]:
    count = int(len(segment.recipients) * share)
    return set(random.sample([r.user for r in segment], count))  # expect: DUR111


def holdout_seeded(segment: Segment, share: float, campaign: str) -> set[str]:
    rng = random.Random(campaign)
    return {r.user for r in segment if rng.random() < share}


async def waves(segment: Segment, size: int, pause: float) -> AsyncIterator[list[Recipient]]:
    recipients = iter(segment)
    while wave := list(islice(recipients, size)):
        yield wave
        await da.sleep(pause)


def fake_segment(size: int) -> Segment:
    """Demo data for the staging environment."""
    return Segment("demo", [Recipient(f"u-{random.randrange(10**6)}") for _ in range(size)])
