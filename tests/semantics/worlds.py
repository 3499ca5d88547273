"""Test environments of every kind. Invariant: a test says what it says in all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from durable_async.engines import open_engine
from durable_async.model.history import HistoryEvent
from durable_async.ports import Clock, Engine
from durable_async.testing import Environment, environment

START: Final = datetime(2026, 1, 1, tzinfo=UTC)


@attrs.frozen
class Kind:
    engine: Literal["memory", "sqlite"]
    coroutines: Literal["kept", "rebuilt"]

    def __str__(self) -> str:
        return f"{self.engine}-{self.coroutines}"


KINDS: Final = tuple(
    Kind(engine, coroutines)
    for engine in ("memory", "sqlite")
    for coroutines in ("kept", "rebuilt")
)


class World:
    """`world([functions])` makes an environment of this kind, with a store of its own."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        self._numbers = itertools.count()

    def __call__(self, functions: Iterable[object], **settings: Any) -> Environment:
        settings.setdefault("start_time", START)
        settings.setdefault("rebuild", self.kind.coroutines == "rebuilt")
        if "engine" not in settings:
            settings.setdefault("url", self.url())
        return environment(functions, **settings)

    def url(self) -> str:
        """Of a store that is not there yet."""
        if self.kind.engine == "memory":
            return "sqlite://"
        return f"sqlite:///{self._folder}/{next(self._numbers)}.db"

    def engine(self, clock: Clock) -> Engine:
        """An engine with another clock than the environment's."""
        return open_engine(self.url(), namespace="default", clock=clock)


def after(seconds: float) -> datetime:
    """So many seconds after the beginning of time."""
    return START + timedelta(seconds=seconds)


def kinds_of(history: Iterable[HistoryEvent], *kinds: type) -> list[Any]:
    """The events of these kinds, in order."""
    return [event for event in history if isinstance(event, kinds)]
