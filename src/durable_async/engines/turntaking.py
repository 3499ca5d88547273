"""Whose turn it is at an entity (E15). Invariant: operations and lock requests are served in the
order of their places; while a lock is held, only the calls that are a part of it are.

Places are given in the order in which things are accepted. A signal with a due time is given its
place when it comes due: what has come due is placed, in order of due time, before anything else is
placed or handed out.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, takewhile

import attrs

from durable_async.engines.limits import OPERATIONS_A_BATCH
from durable_async.model.identity import Caller

__all__ = ["Place", "lock_to_grant", "numbers_to_run"]


@attrs.frozen(kw_only=True)
class Place:
    """One in the queue of an entity. number: no other has it. lock: of a call, the lock that it is
    a part of; of a lock request, the lock that it asks for (the number of RequestLock). requests:
    it is a lock request."""

    number: int
    lock: Caller | None = None
    requests: bool = False


def numbers_to_run(
    queue: Iterable[Place], holder: Caller | None, limit: int = OPERATIONS_A_BATCH
) -> list[int]:
    """The operations that may be run now, in order. holder: the lock that is held."""
    admitted: Iterable[Place]
    if holder is not None:
        admitted = (each for each in queue if each.lock == holder and not each.requests)
    else:
        admitted = takewhile(lambda each: not each.requests, queue)
    return [each.number for each in islice(admitted, limit)]


def lock_to_grant(queue: Iterable[Place], holder: Caller | None) -> int | None:
    """The place of the lock request whose turn it is. Not to be asked while operations are in hand:
    the lock would be granted in the midst of them."""
    first = next(iter(queue), None)
    if holder is None and first is not None and first.requests:
        return first.number
    return None
