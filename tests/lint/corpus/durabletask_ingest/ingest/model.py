"""Feeds, batches, reports."""

import dataclasses
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from uuid import uuid4


@dataclass
class Feed:
    partner: str
    url: str
    columns: list[str] = field(default_factory=list)
    batch_size: int = 500


@dataclass
class Batch:
    feed: str
    first: int
    size: int

    def split(self, parts: int) -> "list[Batch]":
        step = max(1, self.size // parts)
        return [Batch(self.feed, at, min(step, self.first + self.size - at)) for at in range(self.first, self.first + self.size, step)]


@dataclass
class Report:
    feed: str
    rows: int = 0
    rejected: int = 0
    run_id: str = field(default_factory=lambda: str(uuid4()))  # expect: DUR112
    host: str = ""

    def __post_init__(self) -> None:
        if not self.host:
            self.host = os.uname().nodename  # expect: DUR125

    def __add__(self, other: "Report") -> "Report":
        return dataclasses.replace(self, rows=self.rows + other.rows, rejected=self.rejected + other.rejected)


@dataclass
class Heartbeat:
    """Sent by the importer itself."""

    pid: int = field(default_factory=os.getpid)
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))


class Window:
    """A range of days, walked a day at a time."""

    def __init__(self, since: datetime, until: datetime | None = None) -> None:
        self.since = since
        self.until = until or datetime.now(timezone.utc)  # expect: DUR101

    def __iter__(self) -> Iterator[datetime]:
        for days in itertools.count():
            day = self.since + timedelta(days=days)
            if day >= self.until:
                return
            yield day

    def __len__(self) -> int:
        return (self.until - self.since).days
