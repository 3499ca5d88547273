"""The running execution: what it waits for, and what it asks for. Invariant: a command is issued
where the code asks for it, numbered in that order, and either matches the next recorded one or
is new; a wait is closed by exactly one event, and never reopens.

It is the `OrchestratorRuntime` that durable functions find on the running loop, and the
`Timers` of that loop. `core.episode` feeds it with events.
"""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import types
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any, TypeVar, cast

import attrs

from durable_async.core.clock import ExecutionClock
from durable_async.core.eviction import unwind
from durable_async.core.inbox import Inbox
from durable_async.core.loop import OrchestratorLoop, TimerHandle
from durable_async.core.match import CancelEvent, Matcher, describe
from durable_async.core.tasks import OrchestratorFuture
from durable_async.errors import LivelockError, RemoteError, SerializationError
from durable_async.model.commands import (
    AwaitEvent,
    CancelActivity,
    CancelEventWait,
    CancelTimer,
    Command,
    RecordSideEffect,
    ScheduleActivity,
    StartTimer,
)
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    ActivityScheduled,
    EventAwaited,
    EventReceived,
    EventWaitCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
    HistoryEvent,
    Recorded,
    SideEffectRecorded,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.options import ActivityOptions
from durable_async.model.outcome import UNCHANGED, Blocked, Unchanged
from durable_async.model.payload import Payload
from durable_async.model.status import OrchestrationInfo
from durable_async.ports import Arrival, OrchestratorCode

__all__ = ["Line", "Machine", "Report"]

T = TypeVar("T")

Line = str | Callable[[], str]
"""The user's line, or how to find it: most are never read."""

Report = Callable[[str, BaseException | None], None]

_FROM_OUTSIDE = (
    "If the code has not changed, it depends on something outside of history, such as the clock, "
    "random numbers or a global: take these from da.now(), da.random(), da.uuid4(), da.side_effect "
    "or an activity"
)

_GO_ON = (
    "If the code has changed, roll it back or make it ask for the same again: the instance then "
    f"goes on by itself, nothing of it is lost. {_FROM_OUTSIDE}. To give the instance up, "
    "terminate it"
)

NO_TIMER = -1
"""The number of a timer that nobody started."""


@attrs.define
class _ActivityWait:
    future: ActivityFuture[Any]
    arrival: Arrival[Any]
    cancelling: bool = False


class ActivityFuture(OrchestratorFuture[T]):
    """What an activity will bring. Cancelling it cancels the activity."""

    __slots__ = ("_machine", "_number", "_wait_for_cancel")

    def __init__(self, machine: Machine, number: int, *, wait_for_cancel: bool) -> None:
        super().__init__(loop=machine.loop, key=machine.loop.new_key())
        self._machine = machine
        self._number = number
        self._wait_for_cancel = wait_for_cancel

    def cancel(self, msg: Any | None = None) -> bool:
        if self.done():
            return False
        self._machine.cancel_activity(self._number, wait=self._wait_for_cancel)
        if self._wait_for_cancel:
            self._cancel_message = msg
            return True  # cancelled when the activity has come to its end
        return super().cancel(msg)

    def finish_cancelling(self) -> None:
        super().cancel(self._cancel_message)


class Machine:
    """One execution. learn: told of each definition that the code awaits. report: told of problems
    that nobody awaits. strict: changed arguments are a mismatch, not just reported."""

    def __init__(
        self,
        code: OrchestratorCode,
        started: ExecutionStarted,
        *,
        learn: Callable[[object], None] | None,
        report: Report,
        strict: bool,
    ) -> None:
        self.code = code
        self.started = started
        self.clock = ExecutionClock()
        digest = hashlib.blake2b(started.execution_id.encode(), digest_size=8).digest()
        self.loop = OrchestratorLoop(
            seed=int.from_bytes(digest, "big"),
            clock=self.clock,
            timers=self,
            runtime=self,
            report=self._report_problem,
        )
        self.length = 0
        self.events: list[HistoryEvent] = []
        self.commands: list[Command] = []
        self.custom_status: Payload | None | Unchanged = UNCHANGED
        self.blocked: Blocked | None = None
        self.ended: ExecutionCompleted | ExecutionFailed | None = None
        self._end: ExecutionCompleted | ExecutionFailed | None = None
        self._matcher: Matcher | None = None  # while replaying
        self._breakdown: Exception | None = None
        self._closing = False
        self._numbers = 0
        self._cancels: list[tuple[int, int, int]] = []  # task, position in commands, in events
        self._activities: dict[int, _ActivityWait] = {}
        self._timers: dict[int, TimerHandle] = {}
        self._inbox = Inbox(self.loop.create_future)
        self._counts: dict[str, int] = {}
        self._kept: dict[str, object] = {}
        self._learn = learn
        self._report = report
        self._strict = strict

    # ---- life --------------------------------------------------------------------------------

    def begin(self) -> None:
        """Make the main task; it runs when the loop does."""
        try:
            coroutine = self.code.start(self.started.input)
        except SerializationError as error:  # anything else is a mistake of ours, and no outcome
            self._end = ExecutionFailed(failure=self.code.failure(error))
            return
        main = self.loop.create_task(coroutine, context=contextvars.Context())
        main.add_done_callback(self._main_ended)

    def replay_from(self, matcher: Matcher | None) -> None:
        """Match commands with recorded ones from now on; None: they are new."""
        self._matcher = matcher

    def goes_on(self) -> bool:
        """Neither ended nor blocked."""
        return self.ended is None and self.blocked is None

    def how_ended(self) -> str:
        """For the error of a code that ends where history goes on."""
        match self.ended:
            case ExecutionFailed(failure=failure):
                cause = f": {failure.message}" if failure.message else ""
                return f"fails before it, with {failure.type_name}{cause}"
            case _:
                return "ends before it"

    @property
    def is_idle(self) -> bool:
        """Nothing that could still come would wake the code."""
        return not (self._activities or self._timers or self._inbox.waiting)

    def run(self) -> None:
        """Run what is ready; then, if the main coroutine has ended, clean up after it."""
        try:
            self.loop.run_until_idle()
            if self._breakdown is not None:
                raise self._breakdown
            while self._end is not None and not self.loop.tasks and self.blocked is None:
                if not self.loop.has_open_generators():
                    self.ended = self._end
                    return
                closing = self.loop.create_task(self.loop.shutdown_asyncgens())
                closing.add_done_callback(_forget)
                self.loop.run_until_idle()
        except LivelockError as error:
            self.ended = ExecutionFailed(failure=self.code.failure(error))

    def _main_ended(self, main: asyncio.Task[Any]) -> None:
        """The outcome is fixed here; what is still running is cancelled, as asyncio.run does."""
        try:
            self._end = self._end_of(main)
        except Exception as error:
            # Of ours, not of the orchestrator: it must not become the outcome. A callback's
            # exception would stay in the loop, so it is raised by `run`.
            self._breakdown = error
            self.loop.stop_running()
            return
        for _, task in sorted(self.loop.tasks.items()):
            task.cancel()

    def _end_of(self, main: asyncio.Task[Any]) -> ExecutionCompleted | ExecutionFailed:
        try:
            value = main.result()
        except BaseException as error:
            return ExecutionFailed(failure=self.code.failure(error))
        try:
            return ExecutionCompleted(result=self.code.result(value))
        except SerializationError as error:
            return ExecutionFailed(failure=self.code.failure(error))

    def close(self) -> None:
        """Unwind every task with GeneratorExit, in order. No command comes of it."""
        if self._closing:
            return
        self._closing = True
        with self.loop.entered():
            unwind(self.loop)
        self.loop.discard()
        self._activities.clear()
        self._timers.clear()
        self._inbox.clear()

    def silence_failed_tasks(self) -> None:
        """Failures of background tasks are reported when nobody can collect them any more: not by
        an eviction, which drops the tasks of an execution that goes on."""
        for task in self.loop.failed_tasks():
            task._log_traceback = False  # as asyncio itself does

    def report_failed_tasks(self) -> None:
        """Report the exceptions of background tasks that nobody collected."""
        for task in self.loop.failed_tasks():
            if task._log_traceback:
                task._log_traceback = False
                self._report(f"{task.get_name()} failed and nobody awaited it", task.exception())

    def _report_problem(self, message: str, error: BaseException | None) -> None:
        if self._matcher is None and not self._closing:
            self._report(message, error)

    # ---- what news does ----------------------------------------------------------------------

    def expects(self, event: HistoryEvent) -> bool:
        """Whether `event` would reach the code: a completion needs an open wait."""
        match event:
            case ActivityCompleted() | ActivityFailed() | ActivityCancelled():
                return event.number in self._activities
            case TimerFired():
                return event.number in self._timers
            case _:
                return True

    def activity_completed(self, event: ActivityCompleted) -> None:
        wait = self._activities.pop(event.number, None)
        if wait is None:
            self._unexpected(event)
            return
        if wait.cancelling:
            wait.future.finish_cancelling()
            return
        try:
            value = wait.arrival.value(event.result)
        except SerializationError as error:
            wait.future.set_exception(error)
        else:
            wait.future.set_result(value)

    def activity_failed(self, event: ActivityFailed) -> ActivityFailed:
        """The event as it is to be recorded: with how the failure was delivered."""
        wait = self._activities.pop(event.number, None)
        if wait is None:
            self._unexpected(event)
            return event
        if wait.cancelling:
            wait.future.finish_cancelling()
            return event
        error = wait.arrival.error(event.failure, as_remote=event.as_remote)
        is_remote = isinstance(error, RemoteError)
        if is_remote and not event.as_remote:
            if self._matcher is not None:
                self.block(
                    "missing_class",
                    f"event {self._matcher.position} delivered {event.failure.type_name} as "
                    "itself, and this process does not have that class. Import its module in the "
                    "worker (the instance then goes on by itself)",
                )
                return event
            event = attrs.evolve(event, as_remote=True)
        wait.future.set_exception(error)
        return event

    def activity_cancelled(self, event: ActivityCancelled) -> None:
        wait = self._activities.pop(event.number, None)
        if wait is None:
            self._unexpected(event)
        else:
            wait.future.finish_cancelling()

    def timer_fired(self, event: TimerFired) -> None:
        handle = self._timers.pop(event.number, None)
        if handle is None:
            self._unexpected(event)
        else:
            self.loop.wake(handle)

    def event_received(self, event: EventReceived) -> None:
        self._inbox.receive(event.name, event.data)

    # ---- Timers ------------------------------------------------------------------------------

    def start_timer(self, due: datetime, handle: TimerHandle) -> int:
        if self._closing:
            return NO_TIMER
        number = self._next_number()
        if self._matcher is None:
            self._issue(StartTimer(number=number, due=due, line=self.loop.user_line()))
        else:
            recorded = self._matcher.expected()
            if isinstance(recorded, TimerStarted) and recorded.number == number:
                self._matcher.accept()
                if recorded.due != due:
                    self._changed(
                        recorded, f"a timer until {due:%Y-%m-%d %H:%M:%S} UTC", self.loop.user_line
                    )
            else:
                self._mismatch(recorded, "a timer", self.loop.user_line)
        self._timers[number] = handle
        return number

    def cancel_timer(self, number: int) -> None:
        if self._timers.pop(number, None) is not None:
            self._cancel(CancelTimer(number=number), TimerCancelled(number=number))

    def order_cancels(self) -> None:
        """Order the commands that the cancels of one step caused by task, as their wake-ups are:
        whoever cancels a set of tasks does it in an order of addresses."""
        cancels, self._cancels = self._cancels, []
        ordered = sorted(cancels)  # by task number, then by who came first
        commands = [self.commands[at] for _, at, _ in ordered]
        events = [self.events[at] for _, _, at in ordered]
        for (_, at, at_event), command, event in zip(cancels, commands, events, strict=True):
            self.commands[at] = command
            self.events[at_event] = event

    # ---- OrchestratorRuntime -----------------------------------------------------------------

    def now(self) -> datetime:
        return self.clock.now

    def is_replaying(self) -> bool:
        return self._matcher is not None

    def is_closed(self) -> bool:
        return self._closing

    def new_key(self) -> int:
        return self.loop.new_key()

    def info(self) -> OrchestrationInfo:
        started = self.started
        return OrchestrationInfo(
            instance_id=started.instance_id,
            execution_id=started.execution_id,
            name=started.name,
            version=started.version,
            parent_id=started.parent_id,
            history_length=self.length if self._matcher is None else self._matcher.position,
            started_at=started.at,
            tags=dict(started.tags),
        )

    def count(self, name: str, /) -> int:
        before = self._counts.get(name, 0)
        self._counts[name] = before + 1
        return before

    def keep(self, key: str, make: Callable[[], T], /) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    def schedule_activity(
        self,
        *,
        name: str,
        input: Payload,
        fingerprint: int,
        options: ActivityOptions | None,
        wait_for_cancel: bool,
        line: Line,
        arrival: Arrival[T],
        definition: object = None,
    ) -> asyncio.Future[T]:
        if self._closing:
            return self.loop.create_future()  # fails when it is awaited, as every wait does now
        if self._learn is not None and definition is not None:
            self._learn(definition)
        number = self._next_number()
        matcher = self._matcher
        if matcher is None:
            self._issue(
                ScheduleActivity(
                    number=number,
                    name=name,
                    input=input,
                    fingerprint=fingerprint,
                    line=_text(line),
                    options=options,
                )
            )
        else:
            recorded = matcher.expected()
            if (
                isinstance(recorded, ActivityScheduled)
                and recorded.name == name
                and recorded.number == number
            ):
                matcher.accept()
                if recorded.fingerprint != fingerprint:
                    self._changed(recorded, f"activity {name!r} with other arguments", line)
            else:
                self._mismatch(recorded, f"activity {name!r}", line)
        future: ActivityFuture[T] = ActivityFuture(self, number, wait_for_cancel=wait_for_cancel)
        self._activities[number] = _ActivityWait(future, arrival)
        return future

    def cancel_activity(self, number: int, *, wait: bool) -> None:
        """Said by the activity's future. wait: keep it open until the activity has ended."""
        pending = self._activities.get(number)
        if pending is None or pending.cancelling or self._closing:
            return
        if wait:
            pending.cancelling = True
        else:
            del self._activities[number]
        self._cancel(
            CancelActivity(number=number, wait=wait), ActivityCancelRequested(number=number)
        )

    @types.coroutine
    def wait_for_event(
        self, *, name: str, line: Line, arrival: Arrival[T]
    ) -> Generator[Any, Any, T]:
        if self._closing:
            yield from self.loop.create_future()
        number = self._await_event(name, line)
        taken = self._inbox.take(name)
        if taken is not None:
            return arrival.value(taken)
        future = self._inbox.wait(name)
        try:
            data = yield from future
        except BaseException:
            if not self._closing:
                self._inbox.leave(name, future)
                self._cancel(CancelEventWait(number=number), EventWaitCancelled(number=number))
            raise
        return arrival.value(data)

    def side_effect(
        self, *, name: str, line: Line, perform: Callable[[], Payload | Failure]
    ) -> Payload | Failure:
        if self._closing:
            raise GeneratorExit  # there is no value to go on with, and nothing to wait for
        number = self._next_number()
        if self._matcher is not None:
            recorded = self._matcher.expected()
            if (
                isinstance(recorded, SideEffectRecorded)
                and recorded.name == name
                and recorded.number == number
            ):
                self._matcher.accept()
                kept = recorded.failure if recorded.result is None else recorded.result
                assert kept is not None, "one of the two is recorded"
                return kept
            self._mismatch(recorded, f"side effect {name!r}", line)
            # There is no value to go on with: the episode ends here, whatever the code catches.
            raise GeneratorExit
        outcome = perform()
        self._issue(
            RecordSideEffect(
                number=number,
                name=name,
                result=outcome if isinstance(outcome, Payload) else None,
                failure=outcome if isinstance(outcome, Failure) else None,
                line=_text(line),
            )
        )
        return outcome

    def set_custom_status(self, status: Payload | None) -> None:
        if self._matcher is None and not self._closing:
            self.custom_status = status

    # ---- commands ----------------------------------------------------------------------------

    def block(self, reason: str, message: str) -> None:
        """Nothing of this episode will be committed."""
        if self.blocked is None:
            self.blocked = Blocked(reason=reason, message=message)
        self.loop.stop_running()

    def missing(self, recorded: HistoryEvent | None, where: str) -> None:
        """The code did not come to `recorded`."""
        if recorded is not None:
            self._block_on(recorded, where)

    def _next_number(self) -> int:
        number = self._numbers
        self._numbers += 1
        return number

    def _issue(self, command: Command) -> None:
        self.loop.progress()
        self.commands.append(command)
        self.events.append(command.recorded())
        self.length += 1

    def _cancel(self, command: Command, event: CancelEvent) -> None:
        if self._closing:
            return
        if self._matcher is None:
            if self.loop.cancelling is not None:
                place = len(self.commands), len(self.events)
                self._cancels.append((self.loop.cancelling, *place))
            self._issue(command)
        elif not self._matcher.accept_cancel(event):
            self._mismatch(self._matcher.expected(), describe(event), self.loop.user_line)

    def _mismatch(self, recorded: Recorded | None, asked: str, line: Line) -> None:
        assert self._matcher is not None
        place = _text(line)
        at = f" at {place}" if place else ""
        if recorded is None:
            message = (
                f"the code asks for {asked}{at}, and history has no further command at event "
                f"{self._matcher.position}"
            )
            self.block("mismatch", self._explain(message))
        else:
            self._block_on(recorded, f"the code asks for {asked}{at}")

    def _block_on(self, recorded: HistoryEvent, instead: str) -> None:
        assert self._matcher is not None
        message = f"event {self._matcher.position} says {describe(recorded)}, but {instead}"
        self.block("mismatch", self._explain(message))

    def _unexpected(self, event: HistoryEvent) -> None:
        """History closes a wait that is not open: it is torn, or the code has changed."""
        self._block_on(event, "the code waits for nothing of that number")

    def _explain(self, message: str) -> str:
        started = self.started
        return (
            f"instance {started.instance_id!r} ({started.name}): its code no longer fits its "
            f"history: {message}. {_GO_ON}"
        )

    def _changed(self, recorded: Recorded, asked: str, line: Line) -> None:
        place = _text(line)
        message = f"history says {describe(recorded)}, the code now asks for {asked} at {place}"
        if self._strict:
            self._block_on(recorded, f"the code asks for {asked} at {place}")
        else:
            self._report(
                f"arguments changed: {message}; the recorded result is used. {_FROM_OUTSIDE}", None
            )

    # ---- events ------------------------------------------------------------------------------

    def _await_event(self, name: str, line: Line) -> int:
        number = self._next_number()
        if self._matcher is None:
            self._issue(AwaitEvent(number=number, name=name, line=_text(line)))
        else:
            recorded = self._matcher.expected()
            if (
                isinstance(recorded, EventAwaited)
                and recorded.name == name
                and recorded.number == number
            ):
                self._matcher.accept()
            else:
                self._mismatch(recorded, f"a wait for event {name!r}", line)
        return number


def _text(line: Line) -> str:
    return line if isinstance(line, str) else line()


def _forget(task: asyncio.Task[None]) -> None:
    """The loop holds the task until it has ended; its problems were reported."""
