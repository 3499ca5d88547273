"""An execution that goes on in a new run of Temporal's, as its history there is long. Invariant:
what goes on is the same execution: its id, its history and whatever reached it.

The snapshot is the history, and the events that had come and not been delivered: from that the
core rebuilds the coroutine, as any other engine does.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import attrs
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.common import RawValue

from durable_async.convert.records import decode_events, encode_events
from durable_async.model.history import HistoryEvent

__all__ = ["SNAPSHOT_LIMIT", "Carried", "pack_events", "unpack_events"]

SNAPSHOT_LIMIT: Final = 1_500_000
"""Bytes that a snapshot may have: Temporal refuses what is larger than two megabytes."""


@attrs.frozen(kw_only=True)
class Carried:
    """What a new run is given beside the input. keys: of events that came, to know repetitions of.
    same: it is the same execution, and history stands behind this; otherwise events do.
    suspended: why it is, if it is."""

    keys: tuple[str, ...] = ()
    same: bool = False
    suspended: str | None = None


def pack_events(events: Iterable[HistoryEvent]) -> RawValue:
    data = zlib.compress(encode_events(tuple(events)), 6)
    return RawValue(WirePayload(metadata={"encoding": b"binary/plain"}, data=data))


def unpack_events(values: Sequence[RawValue], place: int) -> tuple[HistoryEvent, ...]:
    if len(values) <= place:
        return ()
    return decode_events(zlib.decompress(values[place].payload.data))
