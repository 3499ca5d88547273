"""What an execution asks of others (E10).

Invariant: whoever waits for an answer will have one: at once if it can be told at once, else when
what it waits for has come to its end.
"""

from __future__ import annotations

from typing import Final, assert_never

from durable_async.engines import refusals
from durable_async.engines.ends import answer_to
from durable_async.engines.limits import ANSWER_KEPT
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.creations import Creations
from durable_async.engines.sqlite.delivery import Delivery
from durable_async.engines.sqlite.ends import Ends
from durable_async.engines.sqlite.holdings import Held
from durable_async.engines.sqlite.queueing import Queueing
from durable_async.engines.sqlite.rows import DamageError, answer_row, events_of, waiter_row
from durable_async.engines.sqlite.standing import Standing, find, find_key
from durable_async.engines.sqlite.writing import Writing
from durable_async.errors import DurableError
from durable_async.model.commands import (
    AnswerRequest,
    AwaitInstance,
    CallEntity,
    CancelChild,
    CancelEntityCall,
    CancelInstanceWait,
    Command,
    ReleaseLock,
    RequestLock,
    SendCancel,
    SendEvent,
    SignalEntity,
    StartChild,
    StartInstance,
)
from durable_async.model.history import (
    CallCompleted,
    CallFailed,
    Ended,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionTerminated,
)
from durable_async.model.identity import Caller
from durable_async.model.work import Answer, RaiseEvent, SendSignal

__all__ = ["CHILD", "CHILD_LET_GO", "Calls"]

_NO_CHILD, CHILD, CHILD_LET_GO = range(3)
"""`child` of a waiter: see `schema`."""

_KEPT: Final = int(ANSWER_KEPT.total_seconds()) * 1_000_000


class Calls:
    def __init__(
        self,
        writing: Writing,
        creations: Creations,
        ends: Ends,
        queueing: Queueing,
        delivery: Delivery,
    ) -> None:
        self._writing = writing
        self._creations = creations
        self._ends = ends
        self._queueing = queueing
        self._delivery = delivery

    def carry_out(self, held: Held, command: Command) -> None:
        """To be called when what was collected before is written."""
        match command:
            case StartChild() | CancelChild() | StartInstance():
                self._carry_out_start(held, command)
            case AwaitInstance() | CancelInstanceWait():
                self._carry_out_wait(held.key, command)
            case SendEvent() | SendCancel() | AnswerRequest() | SignalEntity():
                self._carry_out_message(held, command)
            case CallEntity() | CancelEntityCall() | RequestLock() | ReleaseLock():
                self._carry_out_call(held, command)
            case _:
                pass  # the others concern the instance alone
        self._writing.write()

    def _carry_out_start(
        self, held: Held, command: StartChild | CancelChild | StartInstance
    ) -> None:
        match command:
            case StartChild():
                self.start_child(held, command)
            case CancelChild(number=number):
                self._cancel_child(held, number)
            case StartInstance():
                self._start_instance(held, command)
            case _:
                assert_never(command)

    def _carry_out_wait(self, key: int, command: AwaitInstance | CancelInstanceWait) -> None:
        match command:
            case AwaitInstance(number=number, instance_id=instance_id):
                self._await_instance(key, number, instance_id)
            case CancelInstanceWait(number=number):
                self._writing.database.execute(queries.STOP_WAITING, (key, number))
            case _:
                assert_never(command)

    def _carry_out_message(
        self, held: Held, command: SendEvent | SendCancel | AnswerRequest | SignalEntity
    ) -> None:
        sender = f"instance {held.lease.instance_id!r}"
        match command:
            case SendEvent(instance_id=instance_id, name=name, data=data):
                event = RaiseEvent(instance_id=instance_id, name=name, data=data)
                self._delivery.send_event(event, sender)
            case SendCancel(instance_id=instance_id, reason=reason):
                self._delivery.send_cancel(instance_id, reason, sender)
            case AnswerRequest():
                self._answer(held.key, command)
            case SignalEntity(entity=entity, operation=operation, input=input, due=due):
                signal = SendSignal(entity=entity, operation=operation, input=input, due=due)
                self._queueing.signal(signal)
            case _:
                assert_never(command)

    def _carry_out_call(
        self, held: Held, command: CallEntity | CancelEntityCall | RequestLock | ReleaseLock
    ) -> None:
        key, lease, number = held.key, held.lease, command.number
        match command:
            case CallEntity():
                caller = Caller(lease.instance_id, lease.execution_id, number)
                self._queueing.call(key, caller, command)
            case CancelEntityCall():
                self._queueing.cancel_call(key, number)
            case RequestLock(entities=entities):
                self._queueing.request_lock(key, number, entities)
            case ReleaseLock():
                self._queueing.release_lock(key, number)
            case _:
                assert_never(command)

    # ---- children and detached instances -----------------------------------------------------

    def start_child(self, held: Held, command: StartChild, era: int = 0) -> None:
        """era: see `Creations.create_child`."""
        root = held.key if held.root is None else held.root
        try:
            child = self._creations.create_child(command.request, root, era)
        except DurableError as error:
            self._fail(held.key, command.number, error)
        else:
            self.wait_for(child, held.key, command.number, CHILD)

    def wait_for(self, target: int, key: int, number: int, child: int) -> None:
        """child: see `schema`, table waiters."""
        row = waiter_row(target, key, number, child)
        self._writing.database.execute(queries.ADD_WAITER, row)

    def _cancel_child(self, held: Held, number: int) -> None:
        database = self._writing.database
        row = database.row(queries.CHILD, (held.key, number))
        if row is None:  # it has ended
            return
        database.execute(queries.LET_GO, (held.key, number))
        child = find_key(self._writing, row[0])
        if child is not None and not child.has_ended:
            self._ends.cancel(child, refusals.await_cancelled(held.lease.instance_id))

    def _start_instance(self, held: Held, command: StartInstance) -> None:
        try:
            self._creations.create(command.request)
        except DurableError as error:
            self._fail(held.key, command.number, error)
        else:
            self._writing.tell(held.key, CallCompleted(number=command.number))

    def _fail(self, key: int, number: int, error: DurableError) -> None:
        failure = refusals.failure_from(error, instance_id=None)  # raised where it is awaited
        self._writing.tell(key, CallFailed(number=number, failure=failure))

    # ---- other instances ---------------------------------------------------------------------

    def _await_instance(self, key: int, number: int, instance_id: str) -> None:
        there = find(self._writing, instance_id)
        if there is None:
            error = refusals.not_found(instance_id, self._writing.namespace)
            self._fail(key, number, error)
        elif there.has_ended:
            self.tell_end(key, number, there)
        else:
            self.wait_for(there.key, key, number, _NO_CHILD)

    def tell_end(self, key: int, number: int, there: Standing) -> None:
        """Of an instance that has ended already."""
        try:
            ended = _end_of(self._writing, there)
        except DurableError as error:  # it is damaged
            self._fail(key, number, error)
        else:
            self._writing.tell(key, answer_to(number, there.instance_id, ended))

    def _answer(self, key: int, command: AnswerRequest) -> None:
        writing, request_id = self._writing, command.request_id
        answer = Answer(command.result, command.reason)
        row = (
            writing.names.namespace,
            request_id,
            key,
            writing.now,
            answer_row(request_id, answer),
        )
        if writing.database.execute(queries.ADD_ANSWER, row).rowcount == 1:
            writing.answered.append(request_id)
        # Nobody sees them any more: see `Listing.answer`.
        writing.database.execute(queries.FORGET_OLD_ANSWERS, (writing.now - _KEPT,))


def _end_of(writing: Writing, there: Standing) -> Ended:
    """How an instance has ended. Raises: StoreError if that cannot be read."""
    row = writing.database.row(queries.LAST_CHUNK, (there.key,))
    events = () if row is None else events_of(there.lease.execution_id, *row)
    last = events[-1] if events else None
    ends = (ExecutionCompleted, ExecutionFailed, ExecutionCancelled, ExecutionTerminated)
    if not isinstance(last, ends):
        raise DamageError("the end of its history is missing", "table history")
    return last
