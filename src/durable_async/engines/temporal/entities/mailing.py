"""How workflows speak to entities, and these to instances. Invariant: what is said to one addressee
arrives in the order in which it was said: one signal is under way to each at a time.

What is said meanwhile goes together into the next one. An entity that is not there yet is
started by a worker (see `errands`): from inside a workflow Temporal signals only what runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, assert_never

import attrs
from temporalio import workflow
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.api.common.v1 import Payloads as WirePayloads
from temporalio.common import RawValue
from temporalio.exceptions import FailureError

from durable_async.engines import refusals
from durable_async.engines.temporal.entities.mail import (
    POST,
    REPLY,
    Letter,
    Mail,
    Replies,
    Reply,
    signal_arguments,
)
from durable_async.engines.temporal.entities.names import ENTITIES, named, workflow_id_of
from durable_async.engines.temporal.payloads import document, raw
from durable_async.model.creation import CreateInstance
from durable_async.model.identity import Caller, EntityId
from durable_async.model.payload import Payload
from durable_async.model.work import INTERNAL, RaiseEvent

__all__ = [
    "POST_MAIL",
    "SEND_REPLIES",
    "START_INSTANCE",
    "EntityMail",
    "InstanceMail",
    "ReplySignal",
    "unpacked",
    "unpacked_bytes",
]

_logger: Final = logging.getLogger("durable_async.engines")

POST_MAIL: Final = f"{INTERNAL}post_mail"
"""The activity that starts an entity by a mail."""

START_INSTANCE: Final = f"{INTERNAL}start_instance"
"""The activity that starts what an operation has asked for."""

SEND_REPLIES: Final = f"{INTERNAL}send_replies"
"""The activity that replies to several instances: for each, Temporal would wake the entity anew."""

_ERRAND: Final = timedelta(seconds=20)
"""How long an attempt of these may take."""

_SIGNAL_LIMIT: Final = 1_000_000
"""Bytes of payloads from which a signal is full: Temporal takes two megabytes."""

_COUNT_LIMIT: Final = 200

_SUMMARY_LIMIT: Final = 150


class EntityMail:
    """What one run of a workflow says to entities."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._sent = 0
        self._waiting: dict[EntityId, deque[Letter]] = {}
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def has_unsent(self) -> bool:
        return bool(self._waiting)

    def put(self, entity: EntityId, letter: Letter) -> None:
        waiting = self._waiting.get(entity)
        if waiting is not None:
            waiting.append(letter)
            return
        waiting = self._waiting[entity] = deque([letter])
        task = asyncio.create_task(self._empty(entity, waiting))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _empty(self, entity: EntityId, waiting: deque[Letter]) -> None:
        while waiting:
            await self._send(entity, waiting)
        del self._waiting[entity]

    async def _send(self, entity: EntityId, waiting: deque[Letter]) -> None:
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
            await _signal(workflow_id_of(entity), POST, signal_arguments(mail, payloads))
        except FailureError:  # it does not run
            mail = attrs.evolve(mail, may_repeat=True)
            arguments = [document(entity), _packed(signal_arguments(mail, payloads))]
            await _run_errand(POST_MAIL, arguments, named(entity))


@attrs.frozen
class _Event:
    instance_id: str
    name: str
    data: Payload


@attrs.frozen
class _Answer:
    caller: Caller
    reply: Reply
    result: Payload | None


_Word = _Event | _Answer | CreateInstance


class InstanceMail:
    """What one run of an entity says to instances, one after the other; replies to many callers
    together. sender: it, for people."""

    def __init__(self) -> None:
        self.sender = ""
        self._waiting: deque[_Word] = deque()
        self._sending: asyncio.Task[None] | None = None

    @property
    def has_unsent(self) -> bool:
        return self._sending is not None

    def event(self, event: RaiseEvent) -> None:
        self._put(_Event(event.instance_id, event.name, event.data))

    def reply(self, caller: Caller, reply: Reply, result: Payload | None = None) -> None:
        """It is dropped if who called is gone."""
        self._put(_Answer(caller, reply, result))

    def start(self, request: CreateInstance) -> None:
        self._put(request)

    def _put(self, word: _Word) -> None:
        self._waiting.append(word)
        if self._sending is None:
            self._sending = asyncio.create_task(self._empty())

    async def _empty(self) -> None:
        while self._waiting:
            match self._waiting[0]:
                case _Event() as event:
                    self._waiting.popleft()
                    await self._send_event(event)
                case _Answer():
                    await self._send_answers()
                case CreateInstance() as request:
                    self._waiting.popleft()
                    arguments = [document(request), document(self.sender)]
                    await _run_errand(START_INSTANCE, arguments, request.instance_id)
                case never:
                    assert_never(never)
        self._sending = None

    async def _send_event(self, event: _Event) -> None:
        # Not by an errand: that may be done twice, and each time would be an event.
        try:
            await _signal(event.instance_id, event.name, [raw(event.data)])
        except FailureError:
            if not workflow.unsafe.is_replaying():
                what = f"event {event.name!r}"
                dropped = refusals.dropped(what, event.instance_id, None, self.sender)
                _logger.warning("%s", dropped)

    async def _send_answers(self) -> None:
        signals = self._next_answers()
        if len(signals) > 1:
            await _run_errand(SEND_REPLIES, [document(signals)], f"{len(signals)} callers")
            return
        with contextlib.suppress(FailureError):  # it has ended
            await _signal(signals[0].instance_id, REPLY, unpacked_bytes(signals[0].arguments))

    def _next_answers(self) -> list[ReplySignal]:
        """From the front, those of one execution in one signal."""
        answers: dict[tuple[str, str], list[_Answer]] = {}
        size = 0
        while self._waiting and len(answers) < _COUNT_LIMIT:
            first = self._waiting[0]
            if not isinstance(first, _Answer):
                break
            size += _size(first.result)
            if answers and size > _SIGNAL_LIMIT:
                break
            self._waiting.popleft()
            whose = first.caller.instance_id, first.caller.execution_id
            answers.setdefault(whose, []).append(first)
        return [
            ReplySignal(instance_id=instance_id, arguments=_arguments(execution_id, each))
            for (instance_id, execution_id), each in answers.items()
        ]


@attrs.frozen(kw_only=True)
class ReplySignal:
    """arguments: of the signal, packed."""

    instance_id: str
    arguments: bytes


def _arguments(execution_id: str, answers: Sequence[_Answer]) -> bytes:
    head = Replies(execution_id=execution_id, replies=tuple([each.reply for each in answers]))
    return _packed_bytes(signal_arguments(head, [each.result for each in answers]))


def _packed(arguments: Sequence[RawValue]) -> RawValue:
    """As one argument: an activity with a name takes a fixed number."""
    data = _packed_bytes(arguments)
    return RawValue(WirePayload(metadata={"encoding": b"binary/plain"}, data=data))


def unpacked(argument: RawValue) -> list[RawValue]:
    """The arguments of the signal, for whoever runs the errand."""
    return unpacked_bytes(argument.payload.data)


def _packed_bytes(arguments: Sequence[RawValue]) -> bytes:
    payloads = WirePayloads(payloads=[each.payload for each in arguments])
    return payloads.SerializeToString()


def unpacked_bytes(data: bytes) -> list[RawValue]:
    return [RawValue(each) for each in WirePayloads.FromString(data).payloads]


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
