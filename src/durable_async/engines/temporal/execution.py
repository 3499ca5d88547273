"""An execution whose history is Temporal's. Invariant: each replay of Temporal's feeds it in the
same order, and whatever it cannot derive from that comes out of Temporal's history too.

For the core nothing here is replay: Temporal's replay feeds a new execution once more, from its
first event on. What the core could not repeat by itself is asked of the `Outside`: side effects
and patches. A value that Temporal has recorded is known a moment later only, when the workflow has
waited for it; so the episode that wants it is given up, and run again when it is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NoReturn

from durable_async.core.episode import Execution
from durable_async.core.ledger import Line, Report
from durable_async.core.machine import Machine
from durable_async.core.others import Learn
from durable_async.core.runtime import Runtime
from durable_async.engines.temporal.values import Value
from durable_async.model.history import Delivered, HistoryEvent
from durable_async.model.outcome import Blocked, EpisodeResult
from durable_async.ports import OrchestratorCode

__all__ = ["HostedExecution", "Outside", "Perform", "is_given_up"]

Perform = Callable[[], Value]

_GIVEN_UP: Final = "outside"
"""The reason of a Blocked that only says: once more, when what is asked for is known."""


def is_given_up(result: EpisodeResult) -> bool:
    """Whether the episode is to be run again."""
    return isinstance(result, Blocked) and result.reason == _GIVEN_UP


class Outside:
    """What one instance asks of Temporal. replaying: Temporal feeds what has happened before.

    values: of the side effects of this episode, in order, of which Temporal has `recorded`.
    wanted: the one that the episode was given up for.
    """

    def __init__(self, patched: Callable[[str], bool]) -> None:
        self._patched = patched
        self._outer = asyncio.get_running_loop()
        self._position = 0
        self.replaying = False
        self.values: list[Value] = []
        self.recorded = 0
        self.wanted: Perform | None = None

    def begin_episode(self) -> None:
        self.values = []
        self.recorded = 0

    def begin_run(self, *, replaying: bool) -> None:
        """Once for each time that the episode is run."""
        self.replaying = replaying
        self.wanted = None
        self._position = 0

    @property
    def has_unrecorded(self) -> bool:
        return self.recorded < len(self.values)

    def take_recorded(self, values: Sequence[Value]) -> None:
        """Temporal has recorded these, behind those that it had."""
        self.values[self.recorded :] = values
        self.recorded = len(self.values)

    def value(self, perform: Perform) -> Value | None:
        """Of the next side effect of this episode; None if Temporal is to be asked for it."""
        if self._position == len(self.values):
            if self.replaying:
                self.wanted = perform
                return None
            self.values.append(perform())
        value = self.values[self._position]
        self._position += 1
        return value

    def patched(self, id: str) -> bool:
        """Temporal's own answer, which it looks for on its own loop."""
        inner = asyncio._get_running_loop()
        asyncio._set_running_loop(self._outer)
        try:
            return self._patched(id)
        finally:
            asyncio._set_running_loop(inner)


class HostedExecution(Execution):
    """An execution that has an `Outside`."""

    __slots__ = ("_outside",)

    def __init__(
        self,
        code: OrchestratorCode,
        outside: Outside,
        *,
        learn: Learn | None = None,
        report: Report,
    ) -> None:
        super().__init__(code, learn=learn, report=report)
        self._outside = outside

    def run(
        self, history: Sequence[HistoryEvent], news: Sequence[Delivered], now: datetime
    ) -> EpisodeResult:
        result = super().run(history, news, now)
        assert self._machine is not None, "it has just run"
        return self._machine.ledger.blocked or result

    def _deliver(self, machine: Machine, event: Delivered, position: int) -> Delivered:
        if machine.ledger.blocked is not None:  # given up: no code runs any more
            return event
        return super()._deliver(machine, event, position)

    def _new_machine(self, history: Sequence[HistoryEvent]) -> Machine:
        machine = super()._new_machine(history)
        runtime = _HostedRuntime(machine, self._outside, self._learn)
        runtime.loop = machine.loop
        machine.runtime = machine.loop.durable_runtime = runtime
        return machine


class _HostedRuntime(Runtime):
    __slots__ = ("_outside",)

    def __init__(self, machine: Machine, outside: Outside, learn: Learn | None) -> None:
        super().__init__(machine.started, machine.clock, machine.ledger, machine.waits, learn)
        self._outside = outside

    def is_replaying(self) -> bool:
        return self._outside.replaying or super().is_replaying()

    def side_effect(self, *, name: str, line: Line, perform: Perform) -> Value:
        def known() -> Value:
            value = self._outside.value(perform)
            return self._give_up() if value is None else value

        return super().side_effect(name=name, line=line, perform=known)

    def _is_patched(self, id: str) -> bool:
        ledger = self._ledger
        if ledger.closed or self.is_matching() or id in ledger.patches():
            return super()._is_patched(id)
        if self._outside.has_unrecorded:
            # Temporal must have recorded what came before: at replay that order is compared.
            self._give_up()
        return self._outside.patched(id) and super()._is_patched(id)

    def _give_up(self) -> NoReturn:
        self._ledger.block(_GIVEN_UP, "it is run again when Temporal has recorded what it needs")
        raise GeneratorExit  # whatever the code catches, the episode ends here
