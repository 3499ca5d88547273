"""An execution that goes on in a new run of Temporal's, as its history there is long, or as it has
been rewound. Invariant: what goes on is the same execution: its id, its history and whatever
reached it.

The snapshot is the history, and the events that had come and not been delivered: from that the
core rebuilds the coroutine, as any other engine does.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Literal, TypeGuard, get_args

import attrs
import msgspec
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.common import RawValue

from durable_async.convert.records import decode_events, encode_events
from durable_async.engines.temporal.payloads import document, raw
from durable_async.model.history import Delivered, HistoryEvent
from durable_async.model.payload import Payload

__all__ = [
    "SNAPSHOT_LIMIT",
    "Carried",
    "Child",
    "GoesOn",
    "children_in",
    "is_delivered",
    "pack_events",
    "remains_in",
    "unpack_events",
    "unpack_packed",
]

SNAPSHOT_LIMIT: Final = 1_500_000
"""Bytes that a snapshot may have: Temporal refuses what is larger than two megabytes."""


@attrs.frozen(kw_only=True)
class Carried:
    """What a new run is given beside the input. keys: of events that came, to know repetitions of.
    same: it is the same execution, and history stands behind this; otherwise events do.
    suspended: why it is, if it is. answered: requests, and the runs that answered them."""

    keys: tuple[str, ...] = ()
    same: bool = False
    suspended: str | None = None
    answered: dict[str, str] = attrs.field(factory=dict)

    def without_answers(self, requests: Collection[str]) -> Carried:
        left = {each: run_id for each, run_id in self.answered.items() if each not in requests}
        return attrs.evolve(self, answered=left)


Child = Literal["anew", "awaited"]
"""A child that is waited for, in a history that was rewound: it is started once more, although
there was one of its id, or it lives, and is awaited. Or it goes on, as a GoesOn says."""


@attrs.frozen(kw_only=True)
class GoesOn:
    """What a run of the same execution is given. history, news: packed events. memo: each field as
    Temporal writes it; of no meaning in what a run leaves behind. children: those that are waited
    for and were there before, by number."""

    carried: Carried
    history: bytes
    news: bytes
    memo: dict[str, bytes] = attrs.field(factory=dict)
    children: dict[int, Child | GoesOn] = attrs.field(factory=dict)

    def arguments(self, input: Payload) -> list[RawValue]:
        """Of the run."""
        return [
            raw(input),
            document(self.carried),
            _binary(self.history),
            _binary(self.news),
            _binary(msgspec.msgpack.encode(self.children)),
        ]

    def memo_fields(self) -> dict[str, RawValue]:
        return {key: RawValue(WirePayload.FromString(each)) for key, each in self.memo.items()}

    def as_remains(self) -> RawValue:
        """What a run leaves behind in its history, for one that goes on from before its end."""
        return _binary(msgspec.msgpack.encode(self), **_REMAINS)


_REMAINS: Final = {"durable-async": b"remains"}
_Children = dict[int, Child | GoesOn]


def children_in(values: Sequence[RawValue], place: int) -> Mapping[int, Child | GoesOn]:
    if len(values) <= place:
        return {}
    return msgspec.msgpack.decode(values[place].payload.data, type=_Children)


def remains_in(payload: WirePayload) -> GoesOn | None:
    """None if it is something else."""
    if any(payload.metadata.get(key) != value for key, value in _REMAINS.items()):
        return None
    return msgspec.msgpack.decode(payload.data, type=GoesOn)


def pack_events(events: Iterable[HistoryEvent]) -> RawValue:
    return _binary(zlib.compress(encode_events(tuple(events)), 6))


def unpack_events(values: Sequence[RawValue], place: int) -> tuple[HistoryEvent, ...]:
    if len(values) <= place:
        return ()
    return unpack_packed(values[place].payload.data)


def unpack_packed(data: bytes) -> tuple[HistoryEvent, ...]:
    return decode_events(zlib.decompress(data))


_DELIVERED: Final = frozenset(get_args(Delivered))


def is_delivered(event: HistoryEvent) -> TypeGuard[Delivered]:
    return type(event) in _DELIVERED


def _binary(data: bytes, **metadata: bytes) -> RawValue:
    return RawValue(WirePayload(metadata={"encoding": b"binary/plain", **metadata}, data=data))
