"""Dependency injection: services by protocol, lazily built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, cast

T = TypeVar("T")
C = TypeVar("C", covariant=True)


class Factory(Protocol[C]):
    def __call__(self, injector: "Injector") -> C: ...


class Lazy(Generic[T]):
    """Builds its value on first use."""

    def __init__(self, build: Callable[[], T]) -> None:
        self._build = build
        self._value: T | None = None

    @property
    def value(self) -> T:
        if self._value is None:
            self._value = self._build()
        return self._value


class Injector:
    def __init__(self) -> None:
        self._factories: dict[type, Callable[["Injector"], Any]] = {}
        self._made: dict[type, Any] = {}

    def bind(self, kind: type[T], factory: Callable[["Injector"], T]) -> "Injector":
        self._factories[kind] = factory
        return self

    def get(self, kind: type[T]) -> T:
        if kind not in self._made:
            self._made[kind] = self._factories[kind](self)
        return cast(T, self._made[kind])
