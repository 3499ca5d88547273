"""One episode: history and news in, an Outcome out. Invariant: the whole runtime is a pure function
of its arguments; running on from a kept coroutine and rebuilding it give the same Outcome, always.

History is delivered event by event, and the loop runs until idle after each. Delivering
several at once would let the order of wake-ups depend on who waits for what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import assert_never

from durable_async.core.ledger import Report
from durable_async.core.machine import Machine
from durable_async.core.match import Matcher
from durable_async.model.history import (
    FORMAT,
    ActivityCancelled,
    ActivityCompleted,
    ActivityFailed,
    CallCompleted,
    CallFailed,
    CancelRequested,
    Delivered,
    EpisodeStarted,
    EventReceived,
    ExecutionCancelled,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    TimerFired,
)
from durable_async.model.outcome import UNCHANGED, Blocked, EpisodeResult, Outcome, OutcomeEnd
from durable_async.model.status import OrchestrationInfo
from durable_async.ports import OrchestratorCode

__all__ = ["Execution", "run_episode"]


def _ignore(message: str, error: BaseException | None) -> None:
    """Nobody wants the reports."""


class Execution:
    """An execution whose coroutine is kept between episodes.

    code: the user's orchestrator. learn: told of each definition that the code awaits.
    report: told of problems that nobody awaits ("what happened", the exception if there is
    one); not during replay. strict: changed arguments are a mismatch too.
    """

    __slots__ = (
        "__weakref__",
        "_code",
        "_first_episode",
        "_is_over",
        "_learn",
        "_machine",
        "_report",
        "_strict",
        "reached",
    )

    def __init__(
        self,
        code: OrchestratorCode,
        *,
        learn: Callable[[object], None] | None = None,
        report: Report = _ignore,
        strict: bool = False,
    ) -> None:
        self._code = code
        self._learn = learn
        self._report = report
        self._strict = strict
        self._machine: Machine | None = None
        self._first_episode = True
        self.reached = 0
        """How many of the last run's news were delivered, or found to be for nobody. Those behind
        them are as if they had not come yet: the execution ended before."""
        self._is_over = False  # an engine has ended it

    @property
    def length(self) -> int:
        """How many events this execution knows of."""
        return self._machine.ledger.length if self._machine is not None else 0

    @property
    def ended(self) -> OutcomeEnd | None:
        return self._machine.ledger.ended if self._machine is not None else None

    @property
    def info(self) -> OrchestrationInfo:
        """Raises RuntimeError before the first `run`."""
        return self._running().runtime.info()

    @property
    def patches(self) -> Mapping[str, bool]:
        """Of each id that the code gave to `patched`: whether it went the new way."""
        return self._running().runtime.patches

    def waiting_lines(self) -> list[tuple[str, str]]:
        """Name and "file:line" of each unfinished task, oldest first."""
        return self._running().loop.waiting_lines()

    def run(
        self, history: Sequence[HistoryEvent], news: Sequence[Delivered], now: datetime
    ) -> EpisodeResult:
        """Rebuild from `history` (all of it the first time, nothing later), then deliver `news`.

        news: in order of delivery; completions that nothing waits for are ignored. now: the
        engine's clock, UTC. The Outcome has no events if there was nothing to do. After a
        Blocked the execution is of no use any more: close it.
        """
        if self._machine is None:
            self._machine = self._new_machine(history)
            if self._machine.started.format > FORMAT:
                return _too_new(self._machine.started)
            with self._machine.loop.entered():
                self._replay(self._machine, history)
                return self._live(self._machine, news, now)
        if history:
            raise ValueError("history is given to the first run only; the coroutine is kept")
        with self._machine.loop.entered():
            return self._live(self._machine, news, now)

    def close(self) -> None:
        """Evict: unwind the coroutine. Its `finally` blocks run, nothing they ask for happens."""
        if self._machine is not None:
            if self._machine.ledger.ended is None:
                self._machine.silence_failed_tasks()
            self._machine.close()

    def _running(self) -> Machine:
        if self._machine is None:
            raise RuntimeError("the execution has not run yet: call run(history, news, now) first")
        return self._machine

    def _new_machine(self, history: Sequence[HistoryEvent]) -> Machine:
        first = history[0] if history else None
        if not isinstance(first, ExecutionStarted):
            raise ValueError(f"a history begins with ExecutionStarted, not with {first!r}")
        return Machine(
            self._code, first, learn=self._learn, report=self._report, strict=self._strict
        )

    # ---- the past ----------------------------------------------------------------------------

    def _replay(self, machine: Machine, history: Sequence[HistoryEvent]) -> None:
        ledger = machine.ledger
        if len(history) == 1:  # a new execution: there is nothing to hold its code against
            machine.begin()
            ledger.length = 1
            return
        matcher = Matcher(history)
        ledger.replay_from(matcher)
        deliver = self._deliver
        while ledger.ended is None and ledger.blocked is None:
            event = matcher.take_delivered()
            if event is None:
                self._is_over = _is_end_by_engine(matcher.next_end())
                if not self._is_over:
                    ledger.meet_rest()
                break
            deliver(machine, event, matcher.position - 1)
        if ledger.ended is not None and ledger.blocked is None:
            ledger.meet_end()
        ledger.length = len(history)
        ledger.replay_from(None)

    # ---- the present -------------------------------------------------------------------------

    def _live(self, machine: Machine, news: Sequence[Delivered], now: datetime) -> EpisodeResult:
        self.reached = len(news)
        if machine.ledger.blocked is not None:
            return machine.ledger.blocked
        if (machine.goes_on() and not self._is_over) and (
            self._first_episode or any(map(machine.waits.expects, news))
        ):
            self._record(machine, EpisodeStarted(at=max(now, machine.clock.now)))
            for place, event in enumerate(news):
                if machine.ledger.ended is not None:
                    self.reached = place
                    break
                if machine.waits.expects(event):
                    self._record(machine, event)
                else:
                    self._report(f"ignored {event!r}: nothing waits for it", None)
            self._record_end(machine)
        return self._outcome(machine)

    def _record(self, machine: Machine, event: Delivered) -> None:
        ledger = machine.ledger
        at, position = len(ledger.events), ledger.length
        ledger.events.append(event)
        ledger.length += 1
        ledger.events[at] = self._deliver(machine, event, position)

    def _record_end(self, machine: Machine) -> None:
        ledger = machine.ledger
        if ledger.ended is not None:
            ledger.events.append(ledger.ended)
            ledger.length += 1
            machine.report_failed_tasks()

    def _outcome(self, machine: Machine) -> Outcome:
        ledger, runtime = machine.ledger, machine.runtime
        outcome = Outcome(
            events=tuple(ledger.events),
            commands=tuple(ledger.commands),
            custom_status=runtime.custom_status,
            ended=ledger.ended,
            idle=not (machine.waits.is_open or runtime.inbox.waiting or ledger.ended is not None),
            carried=ledger.carried,
        )
        ledger.events.clear()
        ledger.commands.clear()
        runtime.custom_status = UNCHANGED
        machine.loop.rest()
        return outcome

    def _deliver(self, machine: Machine, event: Delivered, position: int) -> Delivered:
        """Wake the code with one event and run until idle; the event as it is to be recorded."""
        waits = machine.waits
        waits.position = position
        match event:
            case ActivityCompleted() | CallCompleted():
                waits.completed(event)
            case EpisodeStarted():
                machine.clock.move_to(event.at)
                if not self._first_episode and machine.loop.is_idle:
                    return event  # nothing runs but what the news behind it wakes
                self._first_episode = False
            case TimerFired():
                waits.timer_fired(event)
            case EventReceived():
                machine.runtime.inbox.receive(event)
            case ActivityFailed() | CallFailed():
                event = waits.failed(event)
            case ActivityCancelled():
                waits.cancelled(event)
            case CancelRequested():
                machine.cancel_requested(event)
            case ExecutionStarted():
                machine.begin()
                return event  # the code runs when its first episode begins
            case _:
                assert_never(event)
        machine.run()
        return event


def _is_end_by_engine(end: HistoryEvent | None) -> bool:
    """Whether this end is one that code which still waits can come to: nothing of it ran for it."""
    match end:
        case ExecutionTerminated() | ExecutionCancelled() | ExecutionFailed(cut=None):
            return True
        case _:
            return False


def _too_new(started: ExecutionStarted) -> Blocked:
    """Replaying it in another order of wake-ups would give other results, silently."""
    return Blocked(
        reason="mismatch",
        message=f"instance {started.instance_id!r} ({started.name}): its history was recorded in "
        f"format {started.format}, by a newer release, and this one replays formats up to "
        f"{FORMAT}. Upgrade durable-async in this worker; the instance then goes on by itself",
    )


def run_episode(
    code: OrchestratorCode,
    history: Sequence[HistoryEvent],
    news: Sequence[Delivered],
    now: datetime,
    *,
    strict: bool = False,
) -> EpisodeResult:
    """One episode from nothing: rebuild from `history`, deliver `news`, forget the coroutine."""
    execution = Execution(code, strict=strict)
    try:
        return execution.run(history, news, now)
    finally:
        execution.close()
