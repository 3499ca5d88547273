"""What all rules have in common. Invariant: a test knows nothing of an engine but its protocol, and
how one is made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from durable_async.model.identity import Caller
from durable_async.model.status import RuntimeStatus
from durable_async.ports import Engine
from durable_async.testing.parties import (
    Party,
    SettableClock,
)

__all__ = ["BLOCKED", "LEASE", "PARENT", "RUNNING", "Conformance", "status_of"]

LEASE = 10.0
"""Seconds, of the engines under test."""

PARENT = Caller("p", "p-1", 0)

RUNNING, BLOCKED = RuntimeStatus.RUNNING, RuntimeStatus.BLOCKED


class Conformance:
    """Subclass it, and say how an engine is made and how a session of it dies."""

    def make_engine(self, clock: SettableClock, lease: float) -> Engine:
        """An engine on an empty store of its own; the test opens it. lease: seconds."""
        raise NotImplementedError

    def kill_session(self, engine: Engine, session: str) -> None:
        """As if the process of the session had been killed: from then on the engine knows that it
        is dead, or will at its next commit."""
        raise NotImplementedError

    def reopen(self, engine: Engine) -> Engine:
        """The same store, as a process that starts later finds it."""
        engine.close()
        engine.open()
        return engine

    @pytest.fixture
    def clock(self) -> SettableClock:
        return SettableClock()

    @pytest.fixture
    def engine(self, clock: SettableClock) -> Iterator[Engine]:
        engine = self.make_engine(clock, LEASE)
        engine.open()
        yield engine
        engine.close()

    @pytest.fixture
    def party(self, engine: Engine) -> Party:
        return Party.join(engine)

    def fall_silent(self, clock: SettableClock, *others: Party) -> None:
        """The lease time passes; only the others commit meanwhile."""
        for _ in range(8):
            clock.advance(LEASE / 4)
            for other in others:
                other.commit(claims=False)

    def opened(self, clock: SettableClock | None = None) -> Engine:
        engine = self.make_engine(clock or SettableClock(), LEASE)
        engine.open()
        return engine


def status_of(party: Party, instance_id: str = "i") -> RuntimeStatus:
    return party.record(instance_id).status
