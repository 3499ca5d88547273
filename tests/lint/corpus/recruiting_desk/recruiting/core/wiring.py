from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Container:
    factories: dict[type, Callable[[], Any]] = {}
    _shared: dict[type, Any] = {}

    @classmethod
    def get(cls, kind: type[T]) -> T:
        if kind not in cls._shared:  # expect: DUR141
            cls._shared[kind] = cls.factories[kind]()  # expect: DUR141
        return cast(T, cls._shared[kind])  # expect: DUR141

    @classmethod
    def fresh(cls, kind: type[T]) -> T:
        return cast(T, cls.factories[kind]())


def provide(kind: type) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    def keep(factory: Callable[[], Any]) -> Callable[[], Any]:
        Container.factories[kind] = factory
        return factory

    return keep
