"""Instances of a batch, as the file has them.

Invariant: an instance is found with all that was collected before written, so that what it is found
to be is what the batch has made of it so far.
"""

from __future__ import annotations

from typing import Final

import attrs

from durable_async.engines import refusals
from durable_async.engines.clock import moment
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.database import Row
from durable_async.engines.sqlite.holdings import Held
from durable_async.engines.sqlite.writing import Writing
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import Lease

__all__ = [
    "STATUSES",
    "Standing",
    "find",
    "find_key",
    "find_live",
    "first_epoch",
    "number_of",
    "of_held",
]

STATUSES: Final = (
    RuntimeStatus.PENDING,
    RuntimeStatus.RUNNING,
    RuntimeStatus.SUSPENDED,
    RuntimeStatus.BLOCKED,
    RuntimeStatus.COMPLETED,
    RuntimeStatus.FAILED,
    RuntimeStatus.CANCELLED,
    RuntimeStatus.TERMINATED,
)
"""By the number that stands for each in the file."""

_NUMBERS: Final = {status: number for number, status in enumerate(STATUSES)}


def number_of(status: RuntimeStatus) -> int:
    return _NUMBERS[status]


_EPOCHS_OF_AN_ERA: Final = 32  # bits


def first_epoch(era: int) -> int:
    """The epoch before the first one. Whatever is made anew when an execution is rewound begins
    beyond all epochs of before: a lease that somebody still holds never comes to be valid again."""
    return era << _EPOCHS_OF_AN_ERA


@attrs.define(eq=False)
class Standing:
    """An instance. key: its number in the file. status: see `queries`. serial, root,
    era: see `schema`."""

    key: int
    lease: Lease
    definition: int
    status: int
    length: int
    completed_at: int | None
    serial: int
    root: int | None
    era: int

    @property
    def instance_id(self) -> str:
        return self.lease.instance_id

    @property
    def has_ended(self) -> bool:
        return self.status >= queries.COMPLETED


def find(writing: Writing, instance_id: str) -> Standing | None:
    try:
        row = writing.database.row(queries.FIND, (writing.names.namespace, instance_id))
    except UnicodeEncodeError:  # no instance has such an id
        return None
    return None if row is None else _standing(row)


def find_key(writing: Writing, key: int) -> Standing | None:
    row = writing.database.row(queries.FIND_KEY, (key,))
    return None if row is None else _standing(row)


def find_live(writing: Writing, instance_id: str) -> Standing:
    """Raises: InstanceNotFoundError; InstanceFinishedError."""
    there = find(writing, instance_id)
    if there is None:
        raise refusals.not_found(instance_id, writing.namespace)
    if there.has_ended:
        when = None if there.completed_at is None else moment(there.completed_at)
        raise refusals.finished(instance_id, STATUSES[there.status], when)
    return there


def of_held(held: Held) -> Standing:
    return Standing(
        held.key,
        held.lease,
        0,
        held.status,
        held.length,
        None,
        held.serial,
        held.root,
        held.era,
    )


def _standing(row: Row) -> Standing:
    (
        key,
        instance_id,
        execution_id,
        definition,
        status,
        _,
        epoch,
        length,
        completed_at,
        serial,
        root,
        era,
    ) = row
    lease = Lease(instance_id, execution_id, epoch)
    return Standing(key, lease, definition, status, length, completed_at, serial, root, era)
