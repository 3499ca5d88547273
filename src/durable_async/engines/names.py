"""What the names and versions of orchestrators say. Invariant: all engines compare them alike, so
that moving from one to another changes neither what is newest nor what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from durable_async.model.work import INTERNAL, InstanceQuery

__all__ = ["hides", "is_internal", "newest", "shows_internal", "version_order"]

_DIGITS = re.compile("([0-9]+)")


def newest(versions: Iterable[str | None]) -> str | None:
    """By `version_order`; None is the oldest, and what there is if there are none."""
    return max(versions, key=version_order, default=None)


def version_order(version: str | None) -> tuple[object, ...]:
    """A key to sort versions by, in natural order: runs of digits count as numbers, so that "1.10"
    comes after "1.9"."""
    if version is None:
        return (0,)
    pieces = _DIGITS.split(version)  # text and digits in turn, beginning with text
    order = tuple([_size(piece) if place % 2 else piece for place, piece in enumerate(pieces)])
    return (1, order, version)  # "1.0" and "1.00" are no ties


def is_internal(name: str) -> bool:
    """Whether it is an orchestrator or an activity of our own."""
    return name.startswith(INTERNAL)


def hides(query: InstanceQuery, name: str) -> bool:
    """Whether instances of this name are left out, as nobody asked for those of our own."""
    return is_internal(name) and not shows_internal(query)


def shows_internal(query: InstanceQuery) -> bool:
    return query.internal or (query.name is not None and is_internal(query.name))


def _size(digits: str) -> tuple[int, str]:
    # Not `int`: it refuses more than 4,300 digits, and a version may be anything.
    digits = digits.lstrip("0")
    return len(digits), digits
