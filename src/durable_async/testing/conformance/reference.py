"""As the reference does. Invariant: what `MemoryEngine` answers, any engine answers."""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from durable_async.testing.conformance.base import Conformance
from durable_async.testing.families import Families, family_steps
from durable_async.testing.parties import SettableClock
from durable_async.testing.rivals import Rivals, steps

__all__ = ["ReferenceRules"]

FOR_EVER = 1e9
"""A lease time, in seconds, that no test waits for."""


TRIED_AGAIN = [
    *[(0, 0, 0, 0, 0)] * 6,
    (0, 0, 0, 2, 0),
    *[(0, 0, 0, 0, 0)] * 2,
    (0, 0, 1, 0, 11),
    *[(14, 0, 4, 0, 0)] * 2,
]
"""One that never began, and is taken again later on: it was not started for later."""


class ReferenceRules(Conformance):
    def test_any_engine_answers_as_the_reference_does(self) -> None:
        @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(steps(), max_size=25))
        @example(TRIED_AGAIN)
        def check(plan: list[tuple[int, ...]]) -> None:
            self.play(Rivals, plan)

        check()

    def test_any_engine_answers_as_the_reference_does_when_instances_ask_one_another(
        self,
    ) -> None:
        @settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(family_steps(), max_size=30))
        def check(plan: list[tuple[int, ...]]) -> None:
            self.play(Families, plan)

        check()

    def play(self, kind: type[Rivals], plan: list[tuple[int, ...]]) -> None:
        clock = SettableClock()
        engine = self.make_engine(clock, FOR_EVER)
        with contextlib.closing(kind(clock, engine, self.kill_session)) as rivals:
            for step in plan:
                rivals.take(step)
