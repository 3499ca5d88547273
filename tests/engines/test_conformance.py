"""Our engines keep the rules."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from durable_async.engines.memory import MemoryEngine
from durable_async.ports import Engine
from durable_async.testing.conformance import EngineConformance
from durable_async.testing.parties import SettableClock

if TYPE_CHECKING:
    from durable_async.engines.sqlite import SqliteEngine


class TestMemoryEngine(EngineConformance):
    def make_engine(self, clock: SettableClock, lease: float) -> Engine:
        return MemoryEngine(clock, lease=lease)

    def kill_session(self, engine: Engine, session: str) -> None:
        cast("MemoryEngine", engine).lose_session(session)


class TestSqliteEngine(EngineConformance):
    @pytest.fixture(autouse=True)
    def in_a_folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.numbers = itertools.count()

    def make_engine(self, clock: SettableClock, lease: float) -> Engine:
        from durable_async.engines.sqlite import SqliteEngine

        path = self.folder / f"{next(self.numbers)}.db"
        return SqliteEngine(str(path), clock=clock, lease=lease)

    def kill_session(self, engine: Engine, session: str) -> None:
        cast("SqliteEngine", engine).lose_session(session)
