"""Conditions on instances, as people state them. Invariant: what cannot be meant is refused before
the store is asked; what is asked is in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from durable_async.convert.texts import checked_tags, in_utc
from durable_async.model.status import ENDED, RuntimeStatus
from durable_async.model.work import InstanceQuery

__all__ = ["Statuses", "ended_only", "query_of"]

Statuses = RuntimeStatus | Iterable[RuntimeStatus] | None
"""One, any of several, or (None) all of them."""


def query_of(
    *,
    status: Statuses = None,
    name: str | None = None,
    id_prefix: str | None = None,
    tags: Mapping[str, str] | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    completed_before: datetime | None = None,
    parent_id: str | None = None,
) -> InstanceQuery:
    """Raises: ValueError for a status that is none, and for a time without a zone; TypeError or
    ValueError for a tag that cannot be; TypeError for a name, a prefix or an id that is no str."""
    for what, text in (("name", name), ("id_prefix", id_prefix), ("parent_id", parent_id)):
        if text is not None and not isinstance(text, str):
            raise TypeError(f"{what} must be a str, not {text!r} of type {type(text).__name__}")
    return InstanceQuery(
        status=_statuses(status),
        name=name,
        id_prefix=id_prefix,
        tags=checked_tags(tags),
        created_after=_optional_utc(created_after, what="created_after"),
        created_before=_optional_utc(created_before, what="created_before"),
        completed_before=_optional_utc(completed_before, what="completed_before"),
        parent_id=parent_id,
    )


def ended_only(status: Statuses) -> frozenset[RuntimeStatus]:
    """These, or all that an ended instance can have. Raises: ValueError if one of them is that of
    a live instance."""
    wanted = _statuses(status)
    if wanted is None:
        return ENDED
    live = sorted(wanted - ENDED)
    if live:
        raise ValueError(
            f"status {', '.join(live)} is that of live instances, and only ended ones are purged: "
            f"{', '.join(sorted(ENDED))}. Cancel or terminate a live one first"
        )
    return wanted


def _optional_utc(moment: datetime | None, *, what: str) -> datetime | None:
    return None if moment is None else in_utc(moment, what=what)


def _statuses(status: Any) -> frozenset[RuntimeStatus] | None:
    if status is None:
        return None
    if isinstance(status, str):  # a RuntimeStatus is one, too
        status = (status,)
    elif not isinstance(status, Iterable):
        raise TypeError(
            f"status must be a RuntimeStatus, or several, not {status!r} of type "
            f"{type(status).__name__}"
        )
    return frozenset(map(_status, status))


def _status(status: Any) -> RuntimeStatus:
    try:
        return RuntimeStatus(status)
    except ValueError:
        known = ", ".join(RuntimeStatus)
        raise ValueError(f"{status!r} is no status: there are {known}") from None
