"""What the programme needs from outside, as protocols, and the container that wires it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Entry:
    customer: str
    points: int
    reason: str
    at: datetime


class Ledger(Protocol):
    def append(self, entry: Entry) -> None: ...

    def balance(self, customer: str) -> int: ...

    def entries(self, customer: str) -> Iterable[Entry]: ...


@runtime_checkable
class Clock(Protocol):
    def now(self) -> datetime: ...


class Campaigns(Protocol):
    def factor(self, sku: str) -> float: ...


class Feed(Protocol[T_co]):
    def __aiter__(self) -> AsyncIterator[T_co]: ...


class Lazy(Generic[T]):
    """Made at the first use, kept by its owner."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._value: T | None = None

    def __call__(self) -> T:
        if self._value is None:
            self._value = self._make()
        return self._value


class Container:
    def __init__(self) -> None:
        self._makers: dict[type[Any], Callable[[], Any]] = {}

    def bind(self, kind: type[T], make: Callable[[], T]) -> Container:
        self._makers[kind] = make
        return self

    def get(self, kind: type[T]) -> T:
        return self._makers[kind]()
