"""Plug-ins by name. Filled while modules are imported."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Generic, TypeVar

F = TypeVar("F", bound=Callable[..., object])


class Registry(Generic[F]):
    def __init__(self) -> None:
        self._entries: dict[str, F] = {}

    def register(self, name: str) -> Callable[[F], F]:
        def add(fn: F) -> F:
            self._entries[name] = fn
            return fn

        return add

    def __getitem__(self, name: str) -> F:
        return self._entries[name]

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def resolve(self, dotted: str) -> F:
        module, _, attribute = dotted.partition(":")
        return getattr(importlib.import_module(module), attribute)  # expect: DUR142

    def load_all(self, package: str) -> None:
        for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
            importlib.import_module(f"{package}.{info.name}")


registry: Registry[Callable[[dict], dict]] = Registry()
