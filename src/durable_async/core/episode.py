"""One episode: history and news in, an Outcome out. Invariant: the whole runtime is a pure function
of its arguments; running on from a kept coroutine and rebuilding it give the same Outcome, always.

History is delivered event by event, and the loop runs until idle after each. Delivering
several at once would let the order of wake-ups depend on who waits for what.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import assert_never

from durable_async.core.machine import Machine, Report
from durable_async.core.match import Matcher
from durable_async.model.history import (
    FORMAT,
    ActivityCancelled,
    ActivityCompleted,
    ActivityFailed,
    Delivered,
    EpisodeStarted,
    EventReceived,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    TimerFired,
)
from durable_async.model.outcome import UNCHANGED, Blocked, EpisodeResult, Outcome
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

    @property
    def length(self) -> int:
        """How many events this execution knows of."""
        return self._machine.length if self._machine is not None else 0

    @property
    def ended(self) -> ExecutionCompleted | ExecutionFailed | None:
        return self._machine.ended if self._machine is not None else None

    @property
    def info(self) -> OrchestrationInfo:
        """Raises RuntimeError before the first `run`."""
        return self._running().info()

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
            if self._machine.ended is None:
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
        matcher = Matcher(history)
        machine.replay_from(matcher)
        deliver = self._deliver
        while machine.goes_on():
            event = matcher.take_delivered()
            if event is None:
                machine.missing(matcher.unmatched(), "the code now waits without asking for it")
                break
            if isinstance(event, ExecutionTerminated):
                break
            deliver(machine, event)
        if not machine.goes_on() and matcher.take_end() is None:
            machine.missing(matcher.unmatched(), f"the orchestrator now {machine.how_ended()}")
        machine.length = len(history)
        machine.replay_from(None)

    # ---- the present -------------------------------------------------------------------------

    def _live(self, machine: Machine, news: Sequence[Delivered], now: datetime) -> EpisodeResult:
        if machine.blocked is not None:
            return machine.blocked
        if machine.goes_on() and (
            self._first_episode or any(machine.expects(event) for event in news)
        ):
            self._record(machine, EpisodeStarted(at=max(now, machine.clock.now)))
            for event in news:
                if not machine.goes_on():
                    break
                if machine.expects(event):
                    self._record(machine, event)
                else:
                    self._report(f"ignored {event!r}: nothing waits for it", None)
            self._record_end(machine)
        return self._outcome(machine)

    def _record(self, machine: Machine, event: Delivered) -> None:
        position = len(machine.events)
        machine.events.append(event)
        machine.length += 1
        machine.events[position] = self._deliver(machine, event)

    def _record_end(self, machine: Machine) -> None:
        if machine.ended is not None:
            machine.events.append(machine.ended)
            machine.length += 1
            machine.report_failed_tasks()

    def _outcome(self, machine: Machine) -> Outcome:
        outcome = Outcome(
            events=tuple(machine.events),
            commands=tuple(machine.commands),
            custom_status=machine.custom_status,
            ended=machine.ended,
            idle=machine.ended is None and machine.is_idle,
        )
        machine.events.clear()
        machine.commands.clear()
        machine.custom_status = UNCHANGED
        machine.loop.rest()
        return outcome

    def _deliver(self, machine: Machine, event: Delivered) -> Delivered:
        """Wake the code with one event and run until idle; the event as it is to be recorded."""
        match event:
            case ActivityCompleted():
                machine.activity_completed(event)
            case EpisodeStarted():
                machine.clock.move_to(event.at)
                self._first_episode = False
            case TimerFired():
                machine.timer_fired(event)
            case EventReceived():
                machine.event_received(event)
            case ActivityFailed():
                event = machine.activity_failed(event)
            case ActivityCancelled():
                machine.activity_cancelled(event)
            case ExecutionStarted():
                machine.begin()
                return event  # the code runs when its first episode begins
            case _:
                assert_never(event)
        machine.run()
        return event


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
