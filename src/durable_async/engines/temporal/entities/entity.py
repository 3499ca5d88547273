"""The workflow that is one entity, or a name that is locked. Invariant: one batch of operations is
under way at a time, and the lock changes hands in between only.

No code of users runs in here: operations are not replayed, so a worker runs them in an activity,
whose recorded result holds the new state and all that they asked for.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs
import msgspec
from temporalio import workflow
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError
from temporalio.exceptions import TimeoutError as TimedOutError

from durable_async.engines import refusals
from durable_async.engines.limits import OPERATIONS_A_BATCH
from durable_async.engines.temporal.entities.alarms import Alarm
from durable_async.engines.temporal.entities.batches import (
    OPERATE,
    RESULT_LIMIT,
    batch_arguments,
    read_result,
    state_arguments,
    state_in,
)
from durable_async.engines.temporal.entities.mail import POST, Asked, Letter, Reply, read_letters
from durable_async.engines.temporal.entities.mailing import EntityMail, InstanceMail
from durable_async.engines.temporal.entities.memos import (
    ENTITY_FORMAT,
    EntityMemo,
    entity_memo,
    read_entity_memo,
)
from durable_async.engines.temporal.entities.names import ENTITY, named, queue_of
from durable_async.engines.temporal.entities.queue import EntityQueue, Kept, Waiting
from durable_async.engines.temporal.liveness import LIVENESS, NO_LIMIT, TIMEOUTS
from durable_async.engines.temporal.payloads import document, read_document
from durable_async.engines.temporal.waits import Waits
from durable_async.errors import SerializationError, StoreError
from durable_async.model.failure import Failure
from durable_async.model.identity import Caller, EntityId
from durable_async.model.options import LOST_WORKER_LIMIT
from durable_async.model.payload import Payload
from durable_async.model.work import INTERNAL, Operation, OperationResult, RaiseEvent

__all__ = ["LINGER", "STILL_RUNS", "HostedEntity", "start_arguments"]

_logger: Final = logging.getLogger("durable_async.engines")

STILL_RUNS: Final = f"{INTERNAL}still_runs"
"""The activity that looks whether who holds a lock is still there to give it back."""

LINGER: Final = timedelta(minutes=10)
"""How long what has neither state nor anything to do stays, to know mails that come twice."""

FIRST_LOOK: Final = timedelta(seconds=5)
"""How long a lock has been waited for when it is first looked whether its holder still runs; then
after twice as long each time."""

_LONGEST_PAUSE: Final = timedelta(minutes=5)
_LOOK_LIMIT: Final = timedelta(seconds=20)

_INPUT_LIMIT: Final = 800_000
"""Bytes that the arguments of a batch may have, save for its first operation."""

_HANDED_BACK: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), non_retryable_error_types=TIMEOUTS
)
"""Workers hand back what they cannot run; those that are lost are counted here."""

_LATE: Final = timedelta(minutes=1)
_SOON: Final = timedelta(seconds=1)

_SUMMARY_LIMIT: Final = 150


def start_arguments(entity: EntityId) -> list[RawValue]:
    """Of a new workflow."""
    return [document(entity), *state_arguments(None), document(None)]


@attrs.frozen(kw_only=True)
class _Carried:
    """What goes on in a new run, beside the state. lost: see HostedEntity."""

    queue: Kept
    lost: int


@workflow.defn(name=ENTITY, sandboxed=False)
class HostedEntity:
    """lost: workers in a row that died with operations in hand."""

    def __init__(self) -> None:
        info = workflow.info()
        self._entity = EntityId("", "")
        self._early: list[Sequence[RawValue]] = []  # mails, until there is a queue
        self._queue: EntityQueue | None = None
        self._state: Payload | None = None
        self._updated_at: datetime | None = None  # as far as this run knows
        self._lost = 0
        self._waits = Waits(_take_no_cancel)
        self._to_entities = EntityMail(info.run_id)
        self._to_instances = InstanceMail()
        self._alarm = Alarm(self._change)
        self._changed = False
        self._void_since: datetime | None = None
        self._minding: asyncio.Task[None] | None = None
        self._shown: EntityMemo | None = None
        self._is_too_large = False  # to go on in a new run

    # ---- from outside ------------------------------------------------------------------------

    @workflow.signal(dynamic=True)
    def receive(self, name: str, args: Sequence[RawValue]) -> None:
        """A mail."""
        if name != POST:
            if not workflow.unsafe.is_replaying():
                _logger.warning(
                    "entity %s: the signal %r means nothing to an entity, and is dropped: use "
                    "`durable entities signal`, or client.signal_entity",
                    named(self._entity),
                    name,
                )
        elif self._queue is None:
            self._early.append(args)
        else:
            self._take_in(self._queue, args)

    def _take_in(self, queue: EntityQueue, args: Sequence[RawValue]) -> None:
        mail, letters = read_letters(args)
        for holder in queue.receive(mail, letters, workflow.now()):
            self._tell_granted(holder)
        self._void_since = None
        self._change()

    @workflow.query(dynamic=True)
    def answer(self, name: str, args: Sequence[RawValue]) -> RawValue:
        """What can be seen of it with Temporal's own tools: its "state", and its "queue"."""
        match name:
            case "state":
                return state_arguments(self._state)[1]
            case "queue":
                queue = self._queue or EntityQueue()
                waiting = [each.operation or f"lock for {_holder(each.lock)}" for each in queue]
                return document({"waiting": waiting, "locked_by": _holder(queue.holder)})
            case _:
                raise ValueError(f'there is no query {name!r}: ask for "state" or "queue"')

    # ---- its life ----------------------------------------------------------------------------

    @workflow.run
    async def run(
        self, entity: RawValue, has_state: RawValue, state: RawValue, carried: RawValue
    ) -> None:
        """carried: null in its first run."""
        queue = self._restore([entity, has_state, state], carried)
        while True:
            if workflow.info().is_continue_as_new_suggested() and not self._is_too_large:
                await self._move(queue)
            queue.place_due(workflow.now())
            holder = queue.grant()
            batch = [] if holder is not None else self._hand_out(queue)
            if holder is not None:
                self._tell_granted(holder)
            elif batch:
                await self._operate(queue, batch)
            elif await self._has_come_to_rest(queue):
                self._stop_waiting()
                return

    def _restore(self, args: Sequence[RawValue], carried: RawValue) -> EntityQueue:
        entity = read_document(args, 0, EntityId)
        assert entity is not None, "it is started for one"
        self._entity = entity
        self._to_instances.sender = f"entity {entity.type} {entity.key!r}"
        self._state = state_in(args, 1)
        self._shown = read_entity_memo(workflow.info().raw_memo)
        if self._shown is not None and self._shown.format > ENTITY_FORMAT:
            raise RuntimeError(
                f"a newer release of durable_async has begun this entity (format "
                f"{self._shown.format}, and this worker knows {ENTITY_FORMAT} at most). Run its "
                "workers on that release"
            )
        known = _unpacked(carried)
        queue = EntityQueue(None if known is None else known.queue)
        if known is not None:
            self._lost = known.lost
        if self._shown is not None:
            self._updated_at = self._shown.updated_at
        self._queue = queue
        for mail in self._early:
            self._take_in(queue, mail)
        self._early.clear()
        return queue

    async def _has_come_to_rest(self, queue: EntityQueue) -> bool:
        """Waits until there may be something to do; True if there will be nothing any more."""
        self._show(queue)
        self._mind_holders(queue)
        now = workflow.now()
        moments = [] if queue.due is None else [queue.due]
        if queue.is_empty and self._state is None:
            self._void_since = self._void_since or now
            over = self._void_since + LINGER
            if over <= now and not self._has_unsent:
                if now - over <= max(LINGER, _LATE):
                    return True
                # Nobody has looked after it for long, nor after those who send things twice.
                self._void_since, over = now, now + LINGER
            moments.append(max(over, now + _SOON))
        if moments:
            self._alarm.set(min(moments))
        self._changed = False
        await self._waits.until(lambda: self._changed)
        return False

    def _change(self) -> None:
        self._changed = True

    def _stop_waiting(self) -> None:
        self._alarm.stop()
        if self._minding is not None:
            self._minding.cancel()

    def _show(self, queue: EntityQueue) -> None:
        """To whoever reads it without a worker."""
        memo = EntityMemo(
            entity=self._entity,
            queued=queue.queued,
            locked_by=queue.holder,
            updated_at=None if self._shown is None else self._shown.updated_at,
        )
        if memo != self._shown:
            self._shown = memo
            workflow.upsert_memo(entity_memo(memo))

    # ---- operations --------------------------------------------------------------------------

    def _hand_out(self, queue: EntityQueue) -> list[Waiting]:
        # Once a worker has died, by themselves: the others shall not suffer from one.
        return queue.hand_out(1 if self._lost else OPERATIONS_A_BATCH, _INPUT_LIMIT)

    async def _operate(self, queue: EntityQueue, batch: list[Waiting]) -> None:
        self._void_since = None
        self._show(queue)
        operations = [_operation(each) for each in batch]
        arguments = batch_arguments(self._entity, self._state, operations)
        size = sum(len(each.payload.data) for each in arguments)
        if size > RESULT_LIMIT:
            self._fail_first(queue, operations, _too_large(self._entity, operations[0], size))
            return
        running = workflow.start_activity(
            OPERATE,
            args=arguments,
            task_queue=queue_of(self._entity.type),
            result_type=RawValue,
            start_to_close_timeout=NO_LIMIT,
            heartbeat_timeout=LIVENESS,
            retry_policy=_HANDED_BACK,
            summary=_summary(operations),
        )
        await self._waits.until(running.done)
        error = running.exception()
        if error is None:
            self._settle(queue, running.result())
        else:
            self._count_lost(queue, operations, error)
        self._is_too_large = False

    def _settle(self, queue: EntityQueue, result: RawValue) -> None:
        self._lost = 0
        self._state, results = read_result(result)
        self._updated_at = workflow.now()
        done = queue.settle(each.number for each in results)
        for waiting, each in zip(done, results, strict=True):
            self._send(each)
            self._reply(waiting, each)

    def _send(self, result: OperationResult) -> None:
        """What the operation has asked for."""
        for message in result.messages:
            if isinstance(message, RaiseEvent):
                self._to_instances.event(message)
            else:
                asked = Asked(what="operation", operation=message.operation, due=message.due)
                self._to_entities.put(message.entity, Letter(asked, message.input))
        for request in result.starts:
            self._to_instances.start(request)

    def _reply(self, waiting: Waiting, result: OperationResult) -> None:
        caller = waiting.caller
        if caller is not None:
            reply = Reply(number=caller.number, failure=result.failure)
            self._to_instances.reply(caller, reply, result.result)

    def _count_lost(
        self, queue: EntityQueue, operations: list[Operation], error: BaseException
    ) -> None:
        first = operations[0]
        if isinstance(error, ActivityError) and isinstance(error.cause, TimedOutError):
            self._lost += 1
            if self._lost < LOST_WORKER_LIMIT:
                queue.settle(())
                return
            failure = refusals.operation_lost(self._entity, first.name, self._lost)
        elif len(operations) > 1:  # find the one to blame
            self._lost = 1
            queue.settle(())
            return
        else:
            failure = _refused(self._entity, first, error)
        self._lost = 0
        self._fail_first(queue, operations, failure)

    def _fail_first(
        self, queue: EntityQueue, operations: list[Operation], failure: Failure
    ) -> None:
        first = operations[0]
        if not workflow.unsafe.is_replaying():
            _logger.error(
                "entity %s: operation %r fails: %s",
                named(self._entity),
                first.name,
                failure.message,
            )
        for waiting in queue.settle([first.number]):
            self._reply(waiting, OperationResult(number=first.number, failure=failure))

    # ---- the lock ----------------------------------------------------------------------------

    def _tell_granted(self, holder: Caller) -> None:
        self._to_instances.reply(holder, Reply(number=holder.number, granted=self._entity))

    def _mind_holders(self, queue: EntityQueue) -> None:
        """While others wait for the lock: who holds it may be gone without giving it back."""
        if queue.holds_up and self._minding is None:
            self._minding = asyncio.create_task(self._look_at_holders(queue))

    async def _look_at_holders(self, queue: EntityQueue) -> None:
        pause = FIRST_LOOK
        while queue.holds_up:
            holder = queue.holder
            assert holder is not None, "somebody holds it up"
            await workflow.sleep(pause, summary=f"until it is looked for {_holder(holder)}")
            if queue.holder != holder:
                pause = FIRST_LOOK
            elif await self._still_runs(holder):
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                queue.release(holder)
                pause = FIRST_LOOK
                self._change()
        self._minding = None

    async def _still_runs(self, holder: Caller) -> bool:
        answer: bool = await workflow.execute_activity(
            STILL_RUNS,
            args=[document(holder)],
            result_type=bool,
            start_to_close_timeout=_LOOK_LIMIT,
            summary=_holder(holder),
        )
        return answer

    # ---- a new run ---------------------------------------------------------------------------

    @property
    def _has_unsent(self) -> bool:
        """Whether something said to others has not reached them: only this run hears of it."""
        return self._to_entities.has_unsent or self._to_instances.has_unsent

    async def _move(self, queue: EntityQueue) -> None:
        """Go on in a new run, before Temporal's history is too long for it."""
        await self._waits.until(lambda: not self._has_unsent)
        carried = _packed(_Carried(queue=queue.kept(), lost=self._lost))
        state = state_arguments(self._state)
        size = len(carried.payload.data) + sum(len(each.payload.data) for each in state)
        if size > RESULT_LIMIT:
            # Less of it waits when some has been run.
            self._is_too_large = True
            return
        memo = EntityMemo(
            entity=self._entity,
            queued=queue.queued,
            locked_by=queue.holder,
            updated_at=self._updated_at,
        )
        workflow.continue_as_new(
            args=[document(self._entity), *state, carried], memo=entity_memo(memo)
        )


def _take_no_cancel(reason: str) -> None:
    """There is nothing in an entity that could be cancelled."""


def _packed(carried: _Carried) -> RawValue:
    data = zlib.compress(msgspec.json.encode(carried), 6)
    return RawValue(WirePayload(metadata={"encoding": b"binary/plain"}, data=data))


def _unpacked(carried: RawValue) -> _Carried | None:
    if carried.payload.metadata.get("encoding") != b"binary/plain":
        return None
    return msgspec.json.decode(zlib.decompress(carried.payload.data), type=_Carried)


def _operation(waiting: Waiting) -> Operation:
    assert waiting.operation is not None, "a lock is granted, and not run"
    assert waiting.input is not None, "an operation has arguments"
    return Operation(
        number=waiting.number,
        name=waiting.operation,
        input=waiting.input,
        caller=waiting.caller,
        at=waiting.at,
    )


def _summary(operations: Sequence[Operation]) -> str:
    names = ", ".join(each.name for each in operations)
    text = f"operation{'s' if len(operations) > 1 else ''} {names}"
    return text if len(text) <= _SUMMARY_LIMIT else f"{text[: _SUMMARY_LIMIT - 3]}..."


def _holder(caller: Caller | None) -> str | None:
    """For people."""
    return None if caller is None else caller.instance_id


def _too_large(entity: EntityId, operation: Operation, size: int) -> Failure:
    return refusals.failure_from(
        SerializationError(
            f"the arguments of operation {operation.name!r} of entity {named(entity)}, and its "
            f"state, have {size:,} bytes, and Temporal hands out {RESULT_LIMIT:,} together. Keep "
            "less in one entity, or give the operation a reference instead of the thing itself"
        ),
        instance_id=None,
    )


def _refused(entity: EntityId, operation: Operation, error: BaseException) -> Failure:
    """Of what Temporal itself has not taken."""
    cause = error.cause if isinstance(error, ActivityError) and error.cause else error
    return refusals.failure_from(
        StoreError(
            f"Temporal could not run operation {operation.name!r} of entity {named(entity)}, and "
            f"nothing of it was stored: {type(cause).__name__}: {cause}"
        ),
        instance_id=None,
    )
