"""What Temporal keeps beside an instance's input. Invariant: who describes an instance knows its
version, its tags and its custom status without asking a worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs
import msgspec
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.common import RawValue, SearchAttributeKey, TypedSearchAttributes

from durable_async.dsl.schedules import SCHEDULE_TAG, SCHEDULED_AT
from durable_async.engines.temporal.payloads import from_wire, raw, sparse_document
from durable_async.model.creation import CreateInstance
from durable_async.model.payload import Payload

__all__ = [
    "CUSTOM_STATUS",
    "HOSTING_FORMAT",
    "IDLE",
    "REASON",
    "SUSPENDED",
    "Memo",
    "memo_again",
    "memo_of",
    "memo_of_run",
    "memo_of_same",
    "payload_in",
    "read_memo",
    "status_memo",
    "tags_of",
]

_OURS: Final = "durable_async"
_DUE: Final = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")

HOSTING_FORMAT: Final = 1
"""Of what an instance leaves at Temporal, and of the order in which it asks for it: grows with each
change that a worker of an earlier release could not replay."""

CUSTOM_STATUS: Final = "custom_status"
REASON: Final = "reason"
"""Why it was cancelled."""
SUSPENDED: Final = "suspended"
"""Why it is suspended, while it is."""
IDLE: Final = "idle"
"""True of one that waits for what cannot come."""


@attrs.frozen(kw_only=True)
class Memo:
    """format: see HOSTING_FORMAT. execution_id: None for one that was started by other tools.
    number: of the command of its parent that it answers. detached: who started it is not its
    parent. start_at: not before. created_at: of the instance, if an earlier execution of it was its
    first."""

    format: int = HOSTING_FORMAT
    version: str | None = None
    execution_id: str | None = None
    tags: dict[str, str] = attrs.field(factory=dict)
    number: int | None = None
    parent_execution_id: str | None = None
    detached: bool = False
    start_at: datetime | None = None
    created_at: datetime | None = None


def memo_of(request: CreateInstance, **more: Any) -> dict[str, Any]:
    """For a new instance, as temporalio takes it."""
    parent = request.parent
    memo = Memo(
        version=request.version,
        execution_id=request.execution_id,
        tags=request.tags,
        number=None if parent is None else parent.number,
        parent_execution_id=None if parent is None else parent.execution_id,
        **more,
    )
    return {_OURS: _document(memo)}


def memo_of_run(version: str | None, tags: dict[str, str]) -> dict[str, Any]:
    """For the instances that a schedule starts."""
    return {_OURS: _document(Memo(version=version, tags=tags))}


def _document(memo: Memo) -> RawValue:
    return sparse_document(memo, "format")


def tags_of(memo: Memo, attributes: TypedSearchAttributes) -> dict[str, str]:
    """attributes: what the cluster itself says of it."""
    due = attributes.get(_DUE)
    if due is None or SCHEDULE_TAG not in memo.tags:
        return memo.tags
    return memo.tags | {SCHEDULED_AT: due.isoformat()}


def memo_again(memo: Memo, status: Payload | None) -> dict[str, Any]:
    """For another run of the same execution."""
    again = {_OURS: _document(memo)}
    if status is not None:
        again[CUSTOM_STATUS] = raw(status)
    return again


def memo_of_same(
    fields: Mapping[str, WirePayload], execution_id: str, created_at: datetime, tags: dict[str, str]
) -> dict[str, bytes]:
    """For another run of the execution that had these fields. See `snapshots.GoesOn`."""
    memo = attrs.evolve(
        read_memo(fields), execution_id=execution_id, created_at=created_at, tags=tags
    )
    again = {key: wire.SerializeToString() for key, wire in fields.items() if key != REASON}
    again[_OURS] = _document(memo).payload.SerializeToString()
    return again


def read_memo(fields: Mapping[str, WirePayload]) -> Memo:
    payload = payload_in(fields, _OURS)
    return Memo() if payload is None else msgspec.json.decode(payload.data, type=Memo)


def payload_in(fields: Mapping[str, WirePayload], key: str) -> Payload | None:
    """None if there is none. A null stands for one that was taken out."""
    if key not in fields:
        return None
    payload = from_wire(fields[key])
    return None if payload.data == b"null" else payload


def status_memo(status: Payload | None) -> dict[str, Any]:
    """A change of the custom status."""
    return {CUSTOM_STATUS: None if status is None else raw(status)}
