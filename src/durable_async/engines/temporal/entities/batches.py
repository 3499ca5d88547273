"""Operations of one entity on their way to a worker, and what they came to on the way back.

Invariant: what came of them is one payload, so that Temporal records all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import attrs
import msgspec
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.common import RawValue

from durable_async.engines.temporal.payloads import document, from_wire, raw, read_document
from durable_async.engines.temporal.values import Shown, shown, value_in
from durable_async.model.creation import CreateInstance
from durable_async.model.failure import Failure
from durable_async.model.identity import Caller, EntityId
from durable_async.model.payload import Payload
from durable_async.model.work import (
    INTERNAL,
    ClaimedEntity,
    EntityCommit,
    EntityLease,
    Operation,
    OperationResult,
    RaiseEvent,
    SendSignal,
)

__all__ = [
    "OPERATE",
    "RESULT_LIMIT",
    "STATE_LIMIT",
    "batch_arguments",
    "batch_result",
    "batch_size",
    "is_batch_result",
    "read_batch",
    "read_result",
    "state_arguments",
    "state_in",
]

OPERATE: Final = f"{INTERNAL}operate"
"""The activity that runs operations."""

STATE_LIMIT: Final = 1_000_000
"""Bytes that the state of an entity may have: it goes to the worker with the arguments of its
operations, and Temporal takes two megabytes of all of it."""

RESULT_LIMIT: Final = 1_900_000
"""Bytes that may come of a batch: the state, the results, what is said to others."""

_KIND: Final = "durable-async"
_RESULT: Final = b"operated"


# ---- there -----------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class _Handed:
    """One operation. Its arguments are a payload of their own."""

    number: int
    name: str
    caller: Caller | None
    at: datetime


@attrs.frozen(kw_only=True)
class _Batch:
    entity: EntityId
    operations: tuple[_Handed, ...]


def batch_arguments(
    entity: EntityId, state: Payload | None, operations: Sequence[Operation]
) -> list[RawValue]:
    """Of the activity, for people to read: who, the state, the arguments of each."""
    handed = [
        _Handed(number=each.number, name=each.name, caller=each.caller, at=each.at)
        for each in operations
    ]
    batch = _Batch(entity=entity, operations=tuple(handed))
    inputs = [raw(each.input) for each in operations]
    return [document(batch), *state_arguments(state), *inputs]


def read_batch(args: Sequence[RawValue]) -> ClaimedEntity:
    batch = _head(args)
    inputs = [from_wire(each.payload) for each in args[3:]]
    operations = [
        Operation(number=each.number, name=each.name, input=given, caller=each.caller, at=each.at)
        for each, given in zip(batch.operations, inputs, strict=True)
    ]
    return ClaimedEntity(
        lease=EntityLease(batch.entity, 0),
        state=state_in(args, 1),
        operations=tuple(operations),
    )


def batch_size(args: Sequence[RawValue]) -> int:
    """How many operations were handed out by this."""
    return len(_head(args).operations)


def _head(args: Sequence[RawValue]) -> _Batch:
    batch = read_document(args, 0, _Batch)
    assert batch is not None, "a batch has a head"
    return batch


def state_arguments(state: Payload | None) -> list[RawValue]:
    """Two arguments: whether there is a state, and which."""
    return [document(state is not None), document(None) if state is None else raw(state)]


def state_in(args: Sequence[RawValue], place: int) -> Payload | None:
    """What `state_arguments` gave, from that place on."""
    return from_wire(args[place + 1].payload) if read_document(args, place, bool) else None


# ---- and back --------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class _Came:
    """What one operation came to: `came_to`, and what it asked for."""

    number: int
    came_to: Shown
    events: tuple[RaiseEvent, ...] = ()
    signals: tuple[SendSignal, ...] = ()
    starts: tuple[CreateInstance, ...] = ()


@attrs.frozen(kw_only=True)
class _Result:
    state: Shown | None
    results: tuple[_Came, ...]


def batch_result(commit: EntityCommit) -> RawValue:
    result: dict[str, Any] = {
        "state": None if commit.state is None else shown(commit.state),
        "results": [_came(each) for each in commit.results],
    }
    payload = raw(Payload(msgspec.json.encode(result))).payload
    payload.metadata[_KIND] = _RESULT
    return RawValue(payload)


def _came(result: OperationResult) -> dict[str, Any]:
    value = result.result if result.failure is None else result.failure
    assert value is not None, "an operation that has ended came to something"
    came: dict[str, Any] = {"number": result.number, "came_to": shown(value)}
    # Events are for instances and signals for entities: their order among each other says nothing.
    asked = {
        "events": [each for each in result.messages if isinstance(each, RaiseEvent)],
        "signals": [each for each in result.messages if isinstance(each, SendSignal)],
        "starts": result.starts,
    }
    return came | {name: each for name, each in asked.items() if each}


def is_batch_result(payload: WirePayload) -> bool:
    """Whether it is what an activity of this kind came to."""
    return payload.metadata.get(_KIND) == _RESULT


def read_result(value: RawValue) -> tuple[Payload | None, list[OperationResult]]:
    """The state, and what each operation came to."""
    result = msgspec.json.decode(value.payload.data, type=_Result)
    state = None if result.state is None else value_in(result.state)
    assert not isinstance(state, Failure), "a state is a payload"
    return state, [_result_in(each) for each in result.results]


def _result_in(came: _Came) -> OperationResult:
    value = value_in(came.came_to)
    return OperationResult(
        number=came.number,
        result=value if isinstance(value, Payload) else None,
        failure=value if isinstance(value, Failure) else None,
        messages=(*came.events, *came.signals),
        starts=came.starts,
    )
