"""A small container: services are made once per flow, by type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Provider(Generic[T]):
    def __init__(self, factory: Callable[[], T]) -> None:
        self._factory = factory
        self._value: T | None = None

    def get(self) -> T:
        if self._value is None:
            self._value = self._factory()
        return self._value


class Container:
    def __init__(self) -> None:
        self._providers: dict[type, Provider[Any]] = {}

    def register(self, kind: type[T], factory: Callable[[], T]) -> Container:
        self._providers[kind] = Provider(factory)
        return self

    def resolve(self, kind: type[T]) -> T:
        return self._providers[kind].get()  # expect: DUR141


def provide(**factories: Callable[[], Any]) -> dict[str, Any]:
    return {name: factory() for name, factory in factories.items()}
