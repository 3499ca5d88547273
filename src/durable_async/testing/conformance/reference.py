"""As the reference does. Invariant: what `MemoryEngine` answers, any engine answers."""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from durable_async.testing.conformance.base import Conformance
from durable_async.testing.parties import (
    SettableClock,
)
from durable_async.testing.rivals import Rivals, steps

__all__ = ["ReferenceRules"]

FOR_EVER = 1e9
"""A lease time, in seconds, that no test waits for."""


class ReferenceRules(Conformance):
    def test_any_engine_answers_as_the_reference_does(self) -> None:
        @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(steps(), max_size=25))
        def check(plan: list[tuple[int, ...]]) -> None:
            clock = SettableClock()
            engine = self.make_engine(clock, FOR_EVER)
            with contextlib.closing(Rivals(clock, engine, self.kill_session)) as rivals:
                for step in plan:
                    rivals.take(step)

        check()
