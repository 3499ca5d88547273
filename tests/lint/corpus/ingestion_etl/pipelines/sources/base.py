"""The contract of a reader: plan partitions, then load each by an activity."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.config import SourceConfig


@dataclass(frozen=True, order=True)
class Partition:
    table: str
    low: int
    high: int

    @property
    def rows(self) -> int:
        return self.high - self.low

    def __str__(self) -> str:
        return f"{self.table}[{self.low}:{self.high}]"

    def split(self, size: int) -> Iterator[Partition]:
        for low in range(self.low, self.high, size):
            yield Partition(self.table, low, min(low + size, self.high))


class Reader(abc.ABC):
    def __init__(self, config: SourceConfig) -> None:
        self.config = config
        self._batches = itertools.count(1)

    @abc.abstractmethod
    def row_count(self, table: str) -> int: ...

    @abc.abstractmethod
    async def load(self, partition: Partition) -> int: ...

    def plan(self) -> list[Partition]:
        whole = [Partition(table, 0, self.row_count(table)) for table in self.config.tables]
        return [part for partition in whole for part in partition.split(self.config.batch)]

    def next_batch(self) -> int:
        return next(self._batches)

    def fingerprint(self) -> tuple[str, ...]:
        return (self.config.kind, *sorted(set(self.config.tables)))
