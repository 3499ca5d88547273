"""How workflows speak to entities, and these to instances. Invariant: what is said to one addressee
arrives in the order in which it was said: one signal is under way to each at a time.

What is said meanwhile goes into the next signal together. An entity that is not there yet is
started by a worker (see `errands`): from inside a workflow Temporal signals only what runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final, Generic, TypeVar, assert_never

import attrs
from temporalio import workflow
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.api.common.v1 import Payloads as WirePayloads
from temporalio.common import RawValue
from temporalio.exceptions import FailureError

from durable_async.engines import refusals
from durable_async.engines.temporal.entity_names import ENTITIES, named, workflow_id_of
from durable_async.engines.temporal.mail import (
    POST,
    REPLY,
    Letter,
    Mail,
    Replies,
    Reply,
    signal_arguments,
)
from durable_async.engines.temporal.payloads import document, raw
from durable_async.model.creation import CreateInstance
from durable_async.model.identity import Caller, EntityId
from durable_async.model.payload import Payload
from durable_async.model.work import INTERNAL, RaiseEvent

__all__ = ["POST_MAIL", "START_INSTANCE", "EntityMail", "InstanceMail", "unpacked"]

T = TypeVar("T")

_logger: Final = logging.getLogger("durable_async.engines")

POST_MAIL: Final = f"{INTERNAL}post_mail"
"""The activity that starts an entity by a mail."""

START_INSTANCE: Final = f"{INTERNAL}start_instance"
"""The activity that starts what an operation has asked for."""

_ERRAND: Final = timedelta(seconds=20)
"""How long an attempt of these may take."""

_SIGNAL_LIMIT: Final = 1_000_000
"""Bytes of payloads from which a signal is full: Temporal takes two megabytes."""

_COUNT_LIMIT: Final = 200

_SUMMARY_LIMIT: Final = 150


class _Channels(Generic[T]):
    """send: sends some of what waits for an addressee, from the front, and takes that out."""

    def __init__(self, send: Callable[[str, deque[T]], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: dict[str, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def has_unsent(self) -> bool:
        return bool(self._waiting)

    def put(self, addressee: str, what: T) -> None:
        waiting = self._waiting.get(addressee)
        if waiting is not None:
            waiting.append(what)
            return
        waiting = self._waiting[addressee] = deque([what])
        task = asyncio.create_task(self._empty(addressee, waiting))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _empty(self, addressee: str, waiting: deque[T]) -> None:
        while waiting:
            await self._send(addressee, waiting)
        del self._waiting[addressee]


class EntityMail:
    """What one run of a workflow says to entities."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._sent = 0
        self._entities: dict[str, EntityId] = {}
        self._channels = _Channels[Letter](self._send)

    @property
    def has_unsent(self) -> bool:
        return self._channels.has_unsent

    def put(self, entity: EntityId, letter: Letter) -> None:
        addressee = workflow_id_of(entity)
        self._entities[addressee] = entity
        self._channels.put(addressee, letter)

    async def _send(self, addressee: str, waiting: deque[Letter]) -> None:
        letters: list[Letter] = []
        size = 0
        while waiting and len(letters) < _COUNT_LIMIT:
            size += _size(waiting[0].input)
            if letters and size > _SIGNAL_LIMIT:
                break
            letters.append(waiting.popleft())
        self._sent += 1
        mail = Mail(
            sender=self._run_id, place=self._sent, asked=tuple([each.asked for each in letters])
        )
        payloads = [each.input for each in letters]
        try:
            await _signal(addressee, POST, signal_arguments(mail, payloads))
        except FailureError:  # it does not run
            mail = attrs.evolve(mail, may_repeat=True)
            entity = self._entities[addressee]
            arguments = [document(entity), _packed(signal_arguments(mail, payloads))]
            await _run_errand(POST_MAIL, arguments, named(entity))


@attrs.frozen
class _Event:
    name: str
    data: Payload


@attrs.frozen
class _Answer:
    execution_id: str
    reply: Reply
    result: Payload | None


_Word = _Event | _Answer | CreateInstance


class InstanceMail:
    """What one run of an entity says to instances. sender: it, for people."""

    def __init__(self) -> None:
        self.sender = ""
        self._channels = _Channels[_Word](self._send)

    @property
    def has_unsent(self) -> bool:
        return self._channels.has_unsent

    def event(self, event: RaiseEvent) -> None:
        self._channels.put(event.instance_id, _Event(event.name, event.data))

    def reply(self, caller: Caller, reply: Reply, result: Payload | None = None) -> None:
        """It is dropped if who called is gone."""
        self._channels.put(caller.instance_id, _Answer(caller.execution_id, reply, result))

    def start(self, request: CreateInstance) -> None:
        self._channels.put(request.instance_id, request)

    async def _send(self, addressee: str, waiting: deque[_Word]) -> None:
        match waiting[0]:
            case _Event(name=name, data=data):
                waiting.popleft()
                await self._send_event(addressee, name, data)
            case _Answer(execution_id=execution_id):
                await self._send_answers(addressee, execution_id, waiting)
            case CreateInstance() as request:
                waiting.popleft()
                arguments = [document(request), document(self.sender)]
                await _run_errand(START_INSTANCE, arguments, addressee)
            case never:
                assert_never(never)

    async def _send_event(self, addressee: str, name: str, data: Payload) -> None:
        try:
            await _signal(addressee, name, [raw(data)])
        except FailureError:
            if not workflow.unsafe.is_replaying():
                dropped = refusals.dropped(f"event {name!r}", addressee, None, self.sender)
                _logger.warning("%s", dropped)

    async def _send_answers(self, addressee: str, execution_id: str, waiting: deque[_Word]) -> None:
        answers: list[_Answer] = []
        size = 0
        while waiting and len(answers) < _COUNT_LIMIT and size < _SIGNAL_LIMIT:
            next_one = waiting[0]
            if not isinstance(next_one, _Answer) or next_one.execution_id != execution_id:
                break
            size += _size(next_one.result)
            if answers and size > _SIGNAL_LIMIT:
                break
            answers.append(next_one)
            waiting.popleft()
        head = Replies(execution_id=execution_id, replies=tuple([each.reply for each in answers]))
        with contextlib.suppress(FailureError):  # it has ended
            await _signal(addressee, REPLY, signal_arguments(head, [one.result for one in answers]))


def _packed(arguments: Sequence[RawValue]) -> RawValue:
    """As one argument: an activity with a name takes a fixed number."""
    payloads = WirePayloads(payloads=[each.payload for each in arguments])
    wire = WirePayload(metadata={"encoding": b"binary/plain"}, data=payloads.SerializeToString())
    return RawValue(wire)


def unpacked(argument: RawValue) -> list[RawValue]:
    """The arguments of the signal, for whoever runs the errand."""
    return [RawValue(each) for each in WirePayloads.FromString(argument.payload.data).payloads]


async def _signal(workflow_id: str, name: str, arguments: Sequence[RawValue]) -> None:
    """Raises: FailureError if it does not run."""
    await workflow.get_external_workflow_handle(workflow_id).signal(name, args=arguments)


async def _run_errand(name: str, arguments: Sequence[RawValue], summary: str) -> None:
    """Until it has succeeded: what it does twice counts once."""
    await workflow.execute_activity(
        name,
        args=arguments,
        task_queue=ENTITIES,
        start_to_close_timeout=_ERRAND,
        summary=summary[:_SUMMARY_LIMIT],
    )


def _size(payload: Payload | None) -> int:
    return 0 if payload is None else len(payload.data)
