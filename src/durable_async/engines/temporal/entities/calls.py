"""What one execution has asked of entities, and what of that is still open. Invariant: a command
brings its news once, and only to the execution that issued it.

A lock over several entities is asked for one after the other, in their order: each says when it is
locked. So whoever goes on in a new run asks again for the one that was open, and hears of it again
if it has it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeGuard, assert_never, get_args

import attrs
from temporalio.common import RawValue

from durable_async.core.pending import Waits
from durable_async.engines.temporal.entities.mail import Asked, Letter, Reply, read_replies
from durable_async.engines.temporal.entities.mailing import EntityMail
from durable_async.engines.temporal.payloads import NONE
from durable_async.model.commands import (
    CallEntity,
    CancelEntityCall,
    Command,
    ReleaseLock,
    RequestLock,
    SignalEntity,
)
from durable_async.model.history import (
    CallCompleted,
    CallFailed,
    Delivered,
    EntityCalled,
    HistoryEvent,
    LockRequested,
)
from durable_async.model.identity import Caller, EntityId
from durable_async.model.payload import Payload

__all__ = ["EntityCalls", "EntityCommand", "is_for_entities"]

EntityCommand = CallEntity | CancelEntityCall | SignalEntity | RequestLock | ReleaseLock


def is_for_entities(command: Command) -> TypeGuard[EntityCommand]:
    return isinstance(command, get_args(EntityCommand))


@attrs.define
class _Lock:
    """granted: how many of the entities, from the first on."""

    entities: tuple[EntityId, ...]
    granted: int = 0

    def is_complete(self) -> bool:
        return self.granted == len(self.entities)

    @property
    def asked(self) -> tuple[EntityId, ...]:
        """All that were asked for it so far."""
        return self.entities[: self.granted + 1]


class EntityCalls:
    """deliver: takes the news, in order."""

    def __init__(
        self,
        instance_id: str,
        execution_id: str,
        run_id: str,
        deliver: Callable[[Delivered], None],
    ) -> None:
        self._instance_id = instance_id
        self._execution_id = execution_id
        self._deliver = deliver
        self._mail = EntityMail(run_id)
        self._calls: dict[int, EntityId] = {}
        self._locks: dict[int, _Lock] = {}
        self._regaining: set[int] = set()
        self._early: list[Sequence[RawValue]] | None = []  # replies, until it is known what is open

    @property
    def has_unsent(self) -> bool:
        return self._mail.has_unsent

    @property
    def has_its_locks(self) -> bool:
        """Whether it has those again that it held when it was rewound."""
        return not self._regaining

    def begin(
        self,
        history: Iterable[HistoryEvent],
        answered: Collection[int] = (),
        *,
        anew: bool = False,
    ) -> None:
        """history: of earlier runs; nothing of this one has been carried out. answered: what of it
        is to be delivered. anew: it had ended, and so had given up its calls and locks."""
        waits = Waits()
        for event in history:
            waits.follow(event)
        for number, lock in waits.locks.items():
            if anew:
                self._regaining.add(number)
                self._request_lock(number, lock.entities)
            else:
                self._locks[number] = _Lock(lock.entities, len(lock.entities))
        for wait in waits.open.values():
            if wait.number in answered:
                continue
            match wait:
                case EntityCalled(number=number, entity=entity):
                    if anew:
                        self._call(wait)
                    else:
                        self._calls[number] = entity
                case LockRequested(number=number, entities=entities):
                    self._request_lock(number, entities)
                case _:
                    pass  # what is asked of others
        early, self._early = self._early, None
        for args in early or ():
            self.receive(args)

    # ---- what the code asks for --------------------------------------------------------------

    def carry_out(self, command: EntityCommand) -> None:
        match command:
            case CallEntity():
                self._call(command)
            case CancelEntityCall(number=number):
                self._take_back(number)
            case SignalEntity(entity=entity):
                asked = Asked(what="operation", operation=command.operation, due=command.due)
                self._mail.put(entity, Letter(asked, command.input))
            case RequestLock(number=number, entities=entities):
                self._request_lock(number, entities)
            case ReleaseLock(number=number):
                self._release(number)
            case _:
                assert_never(command)

    def leave(self) -> None:
        """The execution is over: nobody waits for its calls, and its locks are free."""
        for number in tuple(self._calls):
            self._take_back(number)
        for number in tuple(self._locks):
            self._release(number)

    def _call(self, command: CallEntity | EntityCalled) -> None:
        self._calls[command.number] = command.entity
        asked = Asked(
            what="operation",
            caller=self._caller(command.number),
            operation=command.operation,
            lock=command.lock,
        )
        self._mail.put(command.entity, Letter(asked, command.input))

    def _take_back(self, number: int) -> None:
        entity = self._calls.pop(number, None)
        if entity is not None:  # else it has been answered
            self._mail.put(entity, Letter(Asked(what="take_back", caller=self._caller(number))))

    def _request_lock(self, number: int, entities: tuple[EntityId, ...]) -> None:
        lock = self._locks[number] = _Lock(entities)
        self._ask_for_next(number, lock)

    def _ask_for_next(self, number: int, lock: _Lock) -> None:
        entity = lock.entities[lock.granted]
        self._mail.put(entity, Letter(Asked(what="lock", caller=self._caller(number))))

    def _release(self, number: int) -> None:
        self._regaining.discard(number)
        lock = self._locks.pop(number, None)
        for entity in () if lock is None else lock.asked:
            self._mail.put(entity, Letter(Asked(what="release", caller=self._caller(number))))

    def _caller(self, number: int) -> Caller:
        return Caller(self._instance_id, self._execution_id, number)

    # ---- what entities reply -----------------------------------------------------------------

    def receive(self, args: Sequence[RawValue]) -> None:
        """args: of the signal."""
        if self._early is not None:
            self._early.append(args)
            return
        execution_id, replies = read_replies(args)
        if execution_id == self._execution_id:
            for reply, result in replies:
                if reply.granted is None:
                    self._end_call(reply, result)
                else:
                    self._grant(reply.number, reply.granted)

    def _end_call(self, reply: Reply, result: Payload | None) -> None:
        if self._calls.pop(reply.number, None) is None:
            return  # it was taken back
        if reply.failure is not None:
            self._deliver(CallFailed(number=reply.number, failure=reply.failure))
        else:
            self._deliver(CallCompleted(number=reply.number, result=result or NONE))

    def _grant(self, number: int, entity: EntityId) -> None:
        lock = self._locks.get(number)
        if lock is None or lock.is_complete() or lock.entities[lock.granted] != entity:
            return  # it was given back, or this was said before
        lock.granted += 1
        if lock.is_complete() and number in self._regaining:
            self._regaining.remove(number)
        elif lock.is_complete():
            self._deliver(CallCompleted(number=number))
        else:
            self._ask_for_next(number, lock)
