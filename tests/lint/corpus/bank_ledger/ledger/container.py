"""A tiny dependency injection container."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")

_LOCK = threading.RLock()


class Container:
    """Providers by type; singletons are made once."""

    _singletons: dict[type, Any] = {}

    def __init__(self) -> None:
        self._providers: dict[type, Callable[[], Any]] = {}

    def register(self, kind: type[T], provider: Callable[[], T]) -> None:
        self._providers[kind] = provider

    def get(self, kind: type[T]) -> T:
        return cast(T, self._providers[kind]())

    def singleton(self, kind: type[T]) -> T:
        if kind not in self._singletons:  # expect: DUR141
            self._singletons[kind] = self._providers[kind]()  # expect: DUR141
        return cast(T, self._singletons[kind])  # expect: DUR141


def locked(container: Container) -> Container:
    """Start-up code of the branch terminal."""
    with _LOCK:
        return container
