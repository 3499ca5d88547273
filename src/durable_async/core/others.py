"""What an execution asks of others: of instances, entities, and whoever asked it. Invariant: ids
are derived from the execution and the command's number, so that a replay asks for the same.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from durable_async.core.ledger import Ledger, Line
from durable_async.core.loop import OrchestratorLoop
from durable_async.core.waits import NO_NUMBER, Waits
from durable_async.model.commands import (
    AnswerRequest,
    AwaitInstance,
    CallEntity,
    CancelChild,
    CancelEntityCall,
    CancelInstanceWait,
    RequestLock,
    SendCancel,
    SendEvent,
    SignalEntity,
    StartChild,
    StartInstance,
)
from durable_async.model.creation import CreateInstance, IfExists
from durable_async.model.history import ExecutionStarted
from durable_async.model.identity import Caller, EntityId
from durable_async.model.payload import Payload
from durable_async.ports import Arrival

__all__ = ["Learn", "Others"]

T = TypeVar("T")

Learn = Callable[[object], None]


class Others:
    """learn: told of each definition that the code awaits."""

    __slots__ = ("_learn", "_ledger", "_started", "_waits", "loop")
    loop: OrchestratorLoop

    def __init__(
        self, started: ExecutionStarted, ledger: Ledger, waits: Waits, learn: Learn | None
    ) -> None:
        self._started = started
        self._ledger = ledger
        self._waits = waits
        self._learn = learn

    # ---- instances ---------------------------------------------------------------------------

    def start_child(
        self,
        *,
        id: str | None,
        name: str,
        version: str | None,
        newest: bool,
        input: Payload,
        fingerprint: int,
        queue: str,
        tags: dict[str, str],
        line: Line,
        arrival: Arrival[T],
        definition: object = None,
    ) -> tuple[str, asyncio.Future[T]]:
        ledger = self._ledger
        if ledger.closed:
            return id or "", self._nothing()
        self._learnt(definition)
        number = ledger.next_number()
        request = CreateInstance(
            instance_id=self._default_id(number) if id is None else id,
            execution_id=self._new_execution_id("child", number),
            name=name,
            version=version,
            newest=newest,
            input=input,
            parent=self._caller(number),
            queue=queue,
            tags=tags,
        )
        command = StartChild(
            number=number, request=request, fingerprint=fingerprint, line=ledger.line(line)
        )
        ledger.ask(command, line)
        cancel = CancelChild(number=number, instance_id=request.instance_id)
        return request.instance_id, self._waits.call(number, arrival, cancel)

    def start_instance(
        self,
        *,
        id: str | None,
        name: str,
        version: str | None,
        newest: bool,
        input: Payload,
        fingerprint: int,
        queue: str,
        tags: dict[str, str],
        start_at: datetime | None,
        if_exists: IfExists,
        line: Line,
        definition: object = None,
    ) -> tuple[str, asyncio.Future[None]]:
        ledger = self._ledger
        if ledger.closed:
            return id or "", self._nothing()
        self._learnt(definition)
        number = ledger.next_number()
        request = CreateInstance(
            instance_id=self._default_id(number) if id is None else id,
            execution_id=self._new_execution_id("instance", number),
            name=name,
            version=version,
            newest=newest,
            input=input,
            queue=queue,
            tags=tags,
            start_at=start_at,
            if_exists=if_exists,
        )
        command = StartInstance(
            number=number, request=request, fingerprint=fingerprint, line=ledger.line(line)
        )
        ledger.ask(command, line)
        return request.instance_id, self._waits.call(number, None, None)

    def await_instance(
        self, *, instance_id: str, line: Line, arrival: Arrival[T]
    ) -> asyncio.Future[T]:
        ledger = self._ledger
        if ledger.closed:
            return self._nothing()
        number = ledger.next_number()
        ledger.ask(
            AwaitInstance(number=number, instance_id=instance_id, line=ledger.line(line)), line
        )
        return self._waits.call(
            number, arrival, CancelInstanceWait(number=number, instance_id=instance_id)
        )

    def send_event(self, *, instance_id: str, name: str, data: Payload, line: Line) -> None:
        ledger = self._ledger
        if not ledger.closed:
            ledger.ask(
                SendEvent(
                    number=ledger.next_number(),
                    instance_id=instance_id,
                    name=name,
                    data=data,
                    line=ledger.line(line),
                ),
                line,
            )

    def send_cancel(self, *, instance_id: str, reason: str, line: Line) -> None:
        ledger = self._ledger
        if not ledger.closed:
            ledger.ask(
                SendCancel(
                    number=ledger.next_number(),
                    instance_id=instance_id,
                    reason=reason,
                    line=ledger.line(line),
                ),
                line,
            )

    def answer_request(
        self, *, request_id: str, result: Payload | None, reason: str, line: Line
    ) -> None:
        ledger = self._ledger
        if not ledger.closed:
            ledger.ask(
                AnswerRequest(
                    number=ledger.next_number(),
                    request_id=request_id,
                    result=result,
                    reason=reason,
                    line=ledger.line(line),
                ),
                line,
            )

    # ---- entities and locks ------------------------------------------------------------------

    def call_entity(
        self,
        *,
        entity: EntityId,
        operation: str,
        input: Payload,
        fingerprint: int,
        lock: int | None,
        line: Line,
        arrival: Arrival[T],
        definition: object = None,
    ) -> asyncio.Future[T]:
        ledger = self._ledger
        if ledger.closed:
            return self._nothing()
        self._learnt(definition)
        number = ledger.next_number()
        command = CallEntity(
            number=number,
            entity=entity,
            operation=operation,
            input=input,
            fingerprint=fingerprint,
            lock=lock,
            line=ledger.line(line),
        )
        ledger.ask(command, line)
        return self._waits.call(number, arrival, CancelEntityCall(number=number, entity=entity))

    def signal_entity(
        self,
        *,
        entity: EntityId,
        operation: str,
        input: Payload,
        fingerprint: int,
        due: datetime | None,
        line: Line,
        definition: object = None,
    ) -> None:
        ledger = self._ledger
        if ledger.closed:
            return
        self._learnt(definition)
        command = SignalEntity(
            number=ledger.next_number(),
            entity=entity,
            operation=operation,
            input=input,
            fingerprint=fingerprint,
            due=due,
            line=ledger.line(line),
        )
        ledger.ask(command, line)

    def request_lock(
        self, *, entities: tuple[EntityId, ...], line: Line
    ) -> tuple[int, asyncio.Future[None]]:
        ledger = self._ledger
        if ledger.closed:
            return NO_NUMBER, self._nothing()
        number = ledger.next_number()
        ledger.ask(RequestLock(number=number, entities=entities, line=ledger.line(line)), line)
        return number, self._waits.lock(number)

    def release_lock(self, number: int, /) -> None:
        self._waits.release_lock(number)

    def _learnt(self, definition: object) -> None:
        if self._learn is not None and definition is not None:
            self._learn(definition)

    # ---- ids ---------------------------------------------------------------------------------

    def _default_id(self, number: int) -> str:
        return f"{self._started.execution_id}:{number}"

    def _new_execution_id(self, what: str, number: int) -> str:
        made_of = f"{self._started.execution_id} {what} {number}"
        return hashlib.blake2b(made_of.encode(), digest_size=16).hexdigest()

    def _caller(self, number: int) -> Caller:
        started = self._started
        return Caller(started.instance_id, started.execution_id, number)

    def _nothing(self) -> asyncio.Future[Any]:
        """Fails when it is awaited, as every wait does once the execution is closed."""
        return self.loop.create_future()
