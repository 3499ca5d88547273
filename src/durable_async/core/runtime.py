"""The running execution, as the durable functions see it. Invariant: whatever is asked for is
issued at the call, numbered in that order; once the execution is closed nothing is.

It is the `OrchestratorRuntime` that durable functions find on the running loop.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable, Generator, Mapping
from datetime import datetime
from typing import Any, Final, NoReturn, TypeVar, cast

from durable_async.core.clock import ExecutionClock
from durable_async.core.inbox import Inbox
from durable_async.core.ledger import Ledger, Line, text_of
from durable_async.core.loop import MAIN
from durable_async.core.others import Learn, Others
from durable_async.core.tasks import OrchestratorFuture
from durable_async.core.waits import Waits
from durable_async.errors import InvalidStateError
from durable_async.model.commands import (
    AwaitEvent,
    CancelEventWait,
    MarkPatch,
    RecordSideEffect,
    ScheduleActivity,
)
from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.history import (
    ActivityScheduled,
    EventAwaited,
    EventReceived,
    EventWaitCancelled,
    ExecutionContinued,
    ExecutionStarted,
    SideEffectRecorded,
)
from durable_async.model.options import ActivityOptions
from durable_async.model.outcome import UNCHANGED, Unchanged
from durable_async.model.payload import Payload
from durable_async.model.status import OrchestrationInfo
from durable_async.ports import Arrival

__all__ = ["Runtime"]

T = TypeVar("T")

_LEFT_OPEN: Final = (
    "it was taken, and not answered before the instance continued as new: what came of it is not "
    "known. Ask again"
)
_DROPPED: Final = (
    'it was not taken before the instance continued as new with events="drop": nothing came of '
    "it. Ask again"
)
"""What their askers are told: nobody else will ever answer."""


class Runtime(Others):
    """learn: told of each definition that the code awaits."""

    __slots__ = ("_clock", "_counts", "_kept", "_open", "_patches", "custom_status", "inbox")

    def __init__(
        self,
        started: ExecutionStarted,
        clock: ExecutionClock,
        ledger: Ledger,
        waits: Waits,
        learn: Learn | None,
    ) -> None:
        super().__init__(started, ledger, waits, learn)
        self.custom_status: Payload | None | Unchanged = UNCHANGED
        self.inbox = Inbox()
        self._clock = clock
        self._counts: dict[str, int] | None = None  # made when needed, as most never are
        self._kept: dict[str, object] = {}
        self._open: dict[str, None] | None = None  # requests that were taken, made when needed
        self._patches: dict[str, bool] | None = None

    # ---- what it knows of itself -------------------------------------------------------------

    def now(self) -> datetime:
        return self._clock.now

    def is_replaying(self) -> bool:
        return self._ledger.matcher is not None

    def is_matching(self) -> bool:
        return self._ledger.matcher is not None

    def is_performing(self) -> bool:
        return self._ledger.performing

    def is_closed(self) -> bool:
        return self._ledger.closed

    def new_key(self) -> int:
        return self.loop.new_key()

    def info(self) -> OrchestrationInfo:
        started, matcher = self._started, self._ledger.matcher
        return OrchestrationInfo(
            instance_id=started.instance_id,
            execution_id=started.execution_id,
            name=started.name,
            version=started.version,
            parent_id=started.parent_id,
            history_length=self._ledger.length if matcher is None else matcher.recorded,
            started_at=started.at,
            tags=dict(started.tags),
        )

    def count(self, name: str, /) -> int:
        if self._counts is None:
            self._counts = {}
        before = self._counts.get(name, 0)
        self._counts[name] = before + 1
        return before

    def keep(self, key: str, make: Callable[[], T], /) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    def set_custom_status(self, status: Payload | None) -> None:
        if not (self._ledger.closed or self.is_matching()):
            self.custom_status = status

    # ---- activities --------------------------------------------------------------------------

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
        ledger = self._ledger
        if ledger.closed:
            return self._nothing()
        if self._learn is not None:  # each activity passes here, and few workers learn
            self._learnt(definition)
        number = ledger.next_number()
        matcher = ledger.matcher
        if matcher is not None:
            recorded = matcher.expected()
            if (
                type(recorded) is ActivityScheduled
                and recorded.number == number
                and recorded.name == name
                and recorded.fingerprint == fingerprint
            ):
                matcher.accept()
            else:
                asked = ActivityScheduled(
                    number=number, name=name, input=input, fingerprint=fingerprint
                )
                ledger.match(asked, line)
        else:
            ledger.issue(
                ScheduleActivity(
                    number=number,
                    name=name,
                    input=input,
                    fingerprint=fingerprint,
                    line=text_of(line),
                    options=options,
                )
            )
        return self._waits.activity(number, arrival, wait_for_cancel=wait_for_cancel)

    def side_effect(
        self, *, name: str, line: Line, perform: Callable[[], Payload | Failure]
    ) -> Payload | Failure:
        ledger = self._ledger
        if ledger.closed:
            raise GeneratorExit  # there is no value to go on with, and nothing to wait for
        number = ledger.next_number()
        if ledger.matcher is not None:
            recorded = ledger.matcher.expected()
            ledger.match(SideEffectRecorded(number=number, name=name), line)
            if ledger.blocked is not None or not isinstance(recorded, SideEffectRecorded):
                # There is no value to go on with: the episode ends here, whatever the code catches.
                raise GeneratorExit
            kept = recorded.failure if recorded.result is None else recorded.result
            assert kept is not None, "one of the two is recorded"
            return kept
        ledger.performing = True
        try:
            outcome = perform()
        finally:
            ledger.performing = False
        ledger.issue(
            RecordSideEffect(
                number=number,
                name=name,
                result=outcome if isinstance(outcome, Payload) else None,
                failure=outcome if isinstance(outcome, Failure) else None,
                line=ledger.line(line),
            )
        )
        return outcome

    # ---- events and requests -----------------------------------------------------------------

    def wait_for_event(self, *, name: str, line: Line, arrival: Arrival[T]) -> Awaitable[T]:
        return self._wait_for_event(name, line, False, arrival)

    def wait_for_request(self, *, name: str, line: Line) -> Awaitable[tuple[str, Payload]]:
        return self._wait_for_event(name, line, True, None)

    @types.coroutine
    def _wait_for_event(
        self, name: str, line: Line, request: bool, arrival: Arrival[Any] | None
    ) -> Generator[Any, Any, Any]:
        ledger, inbox = self._ledger, self.inbox
        if ledger.closed:
            yield from self.loop.create_future()
        number = self._ask_for_event(name, line, request)
        del line  # a closure; it would stay as long as this waits
        taken = inbox.take(name, request=request)
        if taken is not None:
            return self._taken(taken, arrival)
        # Not `create_future`, which looks at the frame of its caller: that would stay as long as
        # this generator waits.
        waiter: OrchestratorFuture[Any] = OrchestratorFuture(
            loop=self.loop, key=self.loop.new_key()
        )
        inbox.wait(name, waiter, request=request)
        try:
            event: EventReceived = yield from waiter
        except BaseException:
            if not ledger.closed:
                inbox.leave(name, waiter, request=request)
                ledger.cancel(CancelEventWait(number=number), EventWaitCancelled(number=number))
            raise
        inbox.taken(waiter)
        return self._taken(event, arrival)

    def _taken(self, event: EventReceived, arrival: Arrival[T] | None) -> Any:
        """What a wait gives: of a request, that is its id too."""
        if arrival is not None:
            return arrival.value(event.data)
        assert event.request_id is not None, "whoever gives no arrival waits for requests"
        if self._open is None:
            self._open = {}
        self._open[event.request_id] = None
        return event.request_id, event.data

    def answer_request(
        self, *, request_id: str, result: Payload | None, reason: str, line: Line
    ) -> None:
        if self._open is not None:
            self._open.pop(request_id, None)
        super().answer_request(request_id=request_id, result=result, reason=reason, line=line)

    def _turn_down(self, carry: bool, line: Line) -> None:
        """The requests that end with this execution, in the order in which they came."""
        for request_id in list(self._open or ()):
            self.answer_request(request_id=request_id, result=None, reason=_LEFT_OPEN, line=line)
        for event in () if carry else self.inbox.untaken():
            if event.request_id is not None:
                self.answer_request(
                    request_id=event.request_id, result=None, reason=_DROPPED, line=line
                )

    def _ask_for_event(self, name: str, line: Line, request: bool) -> int:
        ledger = self._ledger
        number = ledger.next_number()
        matcher = ledger.matcher
        if matcher is None:
            ledger.issue(AwaitEvent(number=number, name=name, line=text_of(line), request=request))
            return number
        recorded = matcher.expected()
        if (
            type(recorded) is EventAwaited
            and recorded.number == number
            and recorded.name == name
            and recorded.request is request
        ):
            matcher.accept()
        else:
            ledger.match(EventAwaited(number=number, name=name, request=request), line)
        return number

    # ---- versions and generations ------------------------------------------------------------

    @property
    def patches(self) -> Mapping[str, bool]:
        """What the code was told of each patch that it asked for."""
        return self._patches or {}

    def patched(self, id: str, /) -> bool:
        if self._patches is None:
            self._patches = {}
        known = self._patches.get(id)
        if known is None:
            known = self._is_patched(id)
            self._patches[id] = known
        return known

    def _is_patched(self, id: str) -> bool:
        ledger = self._ledger
        if ledger.closed:
            return False
        if id in ledger.patches():
            ledger.pass_mark()
            return True
        if ledger.matcher is not None:
            return False
        ledger.issue(MarkPatch(id=id))
        return True

    def continue_as_new(
        self,
        *,
        name: str,
        version: str | None,
        newest: bool,
        input: Payload,
        fingerprint: int,
        queue: str | None,
        tags: dict[str, str] | None,
        carry: bool,
        line: Line,
        definition: object = None,
    ) -> NoReturn:
        ledger, started = self._ledger, self._started
        if ledger.closed:
            raise GeneratorExit
        if MAIN not in self.loop.tasks:
            raise InvalidStateError(
                f"instance {started.instance_id!r} ({started.name}) cannot go on as new with "
                f"{name!r}: its main coroutine has ended, and its outcome is fixed. Call "
                "da.continue_as_new(...) before it returns"
            )
        self._learnt(definition)
        self._turn_down(carry, line)
        number = ledger.next_number()
        request = CreateInstance(
            instance_id=started.instance_id,
            execution_id=self._new_execution_id("next", number),
            name=name,
            version=version,
            newest=newest,
            input=input,
            parent=started.parent,
            queue=started.queue if queue is None else queue,
            tags=dict(started.tags) if tags is None else tags,
        )
        ledger.go_on_as_new(
            ExecutionContinued(request=request, fingerprint=fingerprint, line=ledger.line(line)),
            line,
        )
        ledger.carried = self.inbox.untaken() if carry else None
        raise GeneratorExit
