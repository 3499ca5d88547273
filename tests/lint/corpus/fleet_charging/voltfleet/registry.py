"""Registries: tariffs, strategies and connectors. Filled at import time, read by flows."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        def keep(item: T) -> T:
            if name in self._items:
                raise ValueError(f"{self.kind} {name!r} twice")
            self._items[name] = item
            return item

        return keep

    def get(self, name: str) -> T:
        return self._items[name]

    def names(self) -> list[str]:
        return sorted(self._items)

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)


tariffs: Registry[Callable[..., int]] = Registry("tariff")
strategies: Registry[type] = Registry("strategy")


def autodiscover(package: str = "voltfleet.plugins") -> int:
    """Called by the worker before it starts."""
    module = importlib.import_module(package)
    found = 0
    for info in pkgutil.iter_modules(module.__path__, f"{package}."):
        importlib.import_module(info.name)
        found += 1
    return found


def load_external(name: str) -> Any:
    if not name.isidentifier():
        raise LookupError(name)
    return __import__(f"voltfleet_{name}")  # expect: DUR142
