"""Two engines on one file, as two processes have them, driven as if they were one.

Invariant: what a session does, and is told, it does with the engine that opened it; whoever reads
asks the other one.
"""

from __future__ import annotations

import itertools
from typing import Any

from durable_async.engines.sqlite import SqliteEngine
from durable_async.model.work import Batch, Receipt
from durable_async.testing.parties import SettableClock

__all__ = ["Pair"]


class Pair:
    def __init__(self, path: str, clock: SettableClock) -> None:
        self._engines = [SqliteEngine(path, clock=clock, lease=1e9) for _ in range(2)]
        self._turns = itertools.cycle(self._engines)
        self._homes: dict[str, SqliteEngine] = {}

    def open(self) -> None:
        for engine in self._engines:
            engine.open()

    def close(self) -> None:
        for engine in self._engines:
            engine.close()

    def open_session(self, identity: str) -> str:
        engine = next(self._turns)
        session = engine.open_session(identity)
        self._homes[session] = engine
        return session

    def close_session(self, session: str) -> None:
        self._homes.pop(session).close_session(session)

    def lose_session(self, session: str) -> None:
        self._homes.pop(session).lose_session(session)
        for engine in self._engines:
            engine.look_at_others()

    def commit(self, batch: Batch, /) -> Receipt:
        assert batch.session is not None
        self._last = self._homes[batch.session]
        return self._last.commit(batch)

    def __getattr__(self, name: str) -> Any:
        """Of the engine that has not committed last."""
        (other,) = [each for each in self._engines if each is not self._last]
        return getattr(other, name)
