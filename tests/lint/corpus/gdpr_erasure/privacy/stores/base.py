from __future__ import annotations

import abc
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


class StoreError(Exception):
    """A store refuses, e.g. because of a legal hold."""


@dataclass(frozen=True)
class Erased:
    store: str
    rows: int
    receipts: tuple[str, ...] = ()

    def __add__(self, other: Erased) -> Erased:
        return Erased(f"{self.store}+{other.store}", self.rows + other.rows, self.receipts + other.receipts)


class Store(abc.ABC):
    retention_days = 0

    @abc.abstractmethod
    async def erase(self, subject: str) -> Erased: ...

    async def export(self, subject: str) -> dict[str, Any]:
        return {"subject": subject, "store": type(self).__name__}


class Registry:
    """Store classes in the order of their registration."""

    def __init__(self) -> None:
        self._classes: OrderedDict[str, type[Store]] = OrderedDict()

    def register(self, name: str, cls: type[Store]) -> None:
        if name in self._classes:
            raise KeyError(name)
        self._classes[name] = cls

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __getitem__(self, name: str) -> Store:
        return self._classes[name]()

    def __len__(self) -> int:
        return len(self._classes)
