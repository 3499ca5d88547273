"""What the code waits for: timers, activities and calls. Invariant: a wait is closed by exactly one
event, and never reopens; giving one up is said once.

It is the `Timers` of the loop.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypeVar, cast

import attrs

from durable_async.convert.failures import exception_of
from durable_async.convert.naming import dict_of
from durable_async.convert.values import Converter
from durable_async.core.handles import NO_NUMBER, TimerHandle
from durable_async.core.ledger import Ledger
from durable_async.core.loop import MAIN
from durable_async.core.match import CancelEvent
from durable_async.core.tasks import OrchestratorFuture
from durable_async.errors import RemoteError, SerializationError
from durable_async.model.commands import (
    CancelActivity,
    CancelChild,
    CancelEntityCall,
    CancelInstanceWait,
    CancelTimer,
    ReleaseLock,
    StartTimer,
)
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityCancelled,
    ActivityCancelRequested,
    ActivityCompleted,
    ActivityFailed,
    CallCompleted,
    CallFailed,
    EventReceived,
    HistoryEvent,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.payload import Payload
from durable_async.ports import Arrival

__all__ = ["NO_NUMBER", "Waits", "origin_of"]

T = TypeVar("T")

_ORIGIN: Final = "__durable_origin__"
"""The attribute of a delivered exception that names its execution, and its event's position."""

GiveUp = CancelChild | CancelInstanceWait | CancelEntityCall | ReleaseLock


class AnswerFuture(OrchestratorFuture[T]):
    """What is to be answered. arrival: how the answer reaches the code. cancelling: it was
    cancelled, and is done when the answer is there."""

    __slots__ = ("_number", "_waits", "arrival", "cancelling")
    _cancel_message: Any  # of asyncio.Future

    def __init__(self, waits: Waits, number: int, arrival: Arrival[T]) -> None:
        loop = waits.ledger.loop
        super().__init__(loop=loop, key=loop.new_key())
        self._waits = waits
        self._number = number
        self.arrival = arrival
        self.cancelling = False

    def finish_cancelling(self) -> None:
        super().cancel(self._cancel_message)


class ActivityFuture(AnswerFuture[T]):
    """What an activity will bring. Cancelling it cancels the activity. wait_for_cancel: and it is
    cancelled when the activity has come to its end."""

    __slots__ = ("wait_for_cancel",)
    wait_for_cancel: bool

    def cancel(self, msg: Any | None = None) -> bool:
        if self.done():
            return False
        self._waits.cancel_activity(self._number, wait=self.wait_for_cancel)
        if self.wait_for_cancel:
            self._cancel_message = msg
            return True
        return super().cancel(msg)


class CallFuture(AnswerFuture[T]):
    """What a call of something else will bring. Cancelling it gives the call up, and the code goes
    on at once. command: what is asked for then; None: nothing."""

    __slots__ = ("command",)
    command: GiveUp | None

    def cancel(self, msg: Any | None = None) -> bool:
        if self.done():
            return False
        self._waits.give_up(self._number, self.command)
        return super().cancel(msg)


class Waits:
    """What is open, by number. position: of the event that is being delivered."""

    __slots__ = (
        "_answers",
        "_execution_id",
        "_locks",
        "_timers",
        "ledger",
        "position",
    )

    def __init__(self, ledger: Ledger, execution_id: str) -> None:
        self.ledger = ledger
        self.position = 0
        self._execution_id = execution_id
        self._timers: dict[int, TimerHandle] = {}
        self._answers: dict[int, AnswerFuture[Any]] = {}
        self._locks: set[int] | None = None  # made when needed: an empty set has 216 bytes

    @property
    def is_open(self) -> bool:
        return bool(self._answers or self._timers)

    def clear(self) -> None:
        self._timers.clear()
        self._answers.clear()

    # ---- opening -----------------------------------------------------------------------------

    def activity(
        self, number: int, arrival: Arrival[T], *, wait_for_cancel: bool
    ) -> ActivityFuture[T]:
        future = self._answers[number] = ActivityFuture(self, number, arrival)
        future.wait_for_cancel = wait_for_cancel
        return future

    def call(
        self, number: int, arrival: Arrival[T] | None, give_up: GiveUp | None
    ) -> CallFuture[Any]:
        """arrival: None if only that it is answered matters."""
        future = self._answers[number] = CallFuture[Any](self, number, arrival or _OurErrors())
        future.command = give_up
        return future

    def lock(self, number: int) -> CallFuture[None]:
        self._locks = (self._locks or set()) | {number}
        return self.call(number, None, ReleaseLock(number=number))

    # ---- giving up ---------------------------------------------------------------------------

    def cancel_activity(self, number: int, *, wait: bool) -> None:
        """Said by the activity's future. wait: keep it open until the activity has ended."""
        pending = self._answers.get(number)
        if pending is None or pending.cancelling or self.ledger.closed:
            return
        if wait:
            pending.cancelling = True
        else:
            del self._answers[number]
        self.ledger.cancel(
            CancelActivity(number=number, wait=wait), ActivityCancelRequested(number=number)
        )

    def give_up(self, number: int, command: GiveUp | None) -> None:
        """Said by the call's future."""
        if isinstance(command, ReleaseLock):
            self.release_lock(number)
        elif self._answers.pop(number, None) is not None and command is not None:
            self._cancel(command)

    def release_lock(self, number: int) -> None:
        self._answers.pop(number, None)
        if self._locks is not None and number in self._locks:
            self._locks.remove(number)
            self._cancel(ReleaseLock(number=number))

    def _cancel(self, command: GiveUp) -> None:
        event: CancelEvent = command.recorded()
        self.ledger.cancel(command, event)

    # ---- Timers ------------------------------------------------------------------------------

    def start_timer(self, due: datetime, handle: TimerHandle) -> int:
        ledger = self.ledger
        if ledger.closed:
            return NO_NUMBER
        number = ledger.next_number()
        matcher = ledger.matcher
        if matcher is None:
            ledger.issue(StartTimer(number=number, due=due, line=ledger.loop.user_line()))
        else:
            recorded = matcher.expected()
            if type(recorded) is TimerStarted and recorded.number == number and recorded.due == due:
                matcher.accept()
            else:
                ledger.match(TimerStarted(number=number, due=due), ledger.loop.user_line)
        self._timers[number] = handle
        return number

    def cancel_timer(self, number: int) -> None:
        if self._timers.pop(number, None) is not None:
            self.ledger.cancel(CancelTimer(number=number), TimerCancelled(number=number))

    def refuse_in_side_effect(self, what: str) -> None:
        self.ledger.refuse_in_side_effect(what)

    def order_cancels(self) -> None:
        self.ledger.order_cancels()

    # ---- what news does ----------------------------------------------------------------------

    def expects(self, event: HistoryEvent) -> bool:
        """Whether it would reach the code: an answer needs somebody who waits for it, a cancel a
        main coroutine that has not ended."""
        match event:
            case ActivityCompleted() | CallCompleted():
                return event.number in self._answers
            case EventReceived():
                return True
            case TimerFired():
                return event.number in self._timers
            case ActivityFailed() | ActivityCancelled() | CallFailed():
                return event.number in self._answers
            case _:  # a cancel: the start and the clock are no news
                return MAIN in self.ledger.loop.tasks

    def timer_fired(self, event: TimerFired) -> None:
        handle = self._timers.pop(event.number, None)
        if handle is None:
            self.ledger.torn(event)
        else:
            self.ledger.loop.wake(handle)

    def completed(self, event: ActivityCompleted | CallCompleted) -> None:
        future = self._answers.pop(event.number, None)
        if future is None:
            self.ledger.torn(event)
        elif future.cancelling:
            future.finish_cancelling()
        elif event.result is None:
            future.set_result(None)
        else:
            try:
                value = future.arrival.value(event.result)
            except SerializationError as error:
                future.set_exception(error)
            else:
                future.set_result(value)

    def failed(self, event: ActivityFailed | CallFailed) -> ActivityFailed | CallFailed:
        """The event as it is to be recorded: with how the failure was delivered."""
        future = self._answers.pop(event.number, None)
        if future is None:
            self.ledger.torn(event)
        elif future.cancelling:
            future.finish_cancelling()
        elif self._fail(future, event.failure, as_remote=event.as_remote):
            return attrs.evolve(event, as_remote=True)
        return event

    def cancelled(self, event: ActivityCancelled) -> None:
        future = self._answers.pop(event.number, None)
        if future is None:
            self.ledger.torn(event)
        else:
            future.finish_cancelling()

    def _fail(self, future: AnswerFuture[Any], failure: Failure, *, as_remote: bool) -> bool:
        """Whether its record is to say that it was delivered as a RemoteError, and does not yet."""
        error = future.arrival.error(failure, as_remote=as_remote)
        first_as_remote = isinstance(error, RemoteError) and not as_remote
        matcher = self.ledger.matcher
        if first_as_remote and matcher is not None:
            self.ledger.block(
                "missing_class",
                f"{self.ledger.title}: event {self.position} delivered {failure.type_name} as "
                "itself, and this process does not have that class. Import its module in the "
                "worker (the instance then goes on by itself)",
            )
            return False
        dict_of(error)[_ORIGIN] = self._execution_id, self.position
        future.set_exception(error)
        return first_as_remote


class _OurErrors:
    """The arrival of what brings no value: it fails only with errors of ours."""

    def value(self, payload: Payload, /) -> None:
        return None

    def error(self, failure: Failure, /, *, as_remote: bool = False) -> BaseException:
        return exception_of(failure, converter=Converter(), as_remote=as_remote)


def origin_of(error: BaseException, execution_id: str) -> int | None:
    """The position of the event that brought this exception, or what it came of, into the
    execution: of a group, the earliest of its members. None if its own code raised it."""
    return _origin(error, execution_id, set())


def _origin(error: BaseException, execution_id: str, seen: set[int]) -> int | None:
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        whose, position = dict_of(link).get(_ORIGIN, (None, 0))
        if whose == execution_id:
            return cast(int, position)
        if isinstance(link, BaseExceptionGroup):
            found = [_origin(member, execution_id, seen) for member in link.exceptions]
            positions = [position for position in found if position is not None]
            if positions:
                return min(positions)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return None
