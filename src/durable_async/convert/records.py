"""History events as rows, and rows as history events.

Invariant: a row that was once written can be read by every later release. A kind of event whose
shape changes gets a new code; the old code stays in `KINDS` for good, with an upcaster.

All events that one episode adds are one *chunk*: (format, a code for each event, the events).
Events go through msgspec as they are, field names included: that keeps decoding well under a
microsecond an event, and lets a later release add a field that has a default.
"""

from __future__ import annotations

import base64
import functools
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import attrs
import msgspec

from durable_async.errors import SerializationError, StoreError
from durable_async.model import history
from durable_async.model.history import HistoryEvent
from durable_async.model.payload import Payload

__all__ = [
    "CHUNK_FORMAT",
    "KINDS",
    "Kind",
    "UnknownEventError",
    "checksum",
    "decode_events",
    "decode_record",
    "encode_events",
    "encode_record",
    "event_as_json",
    "kind_of",
    "reader_of",
]

T = TypeVar("T")

Fields = dict[str, Any]

CHUNK_FORMAT: Final = 1
"""How a chunk is laid out. It changes only with a new number."""


class UnknownEventError(StoreError):
    """A row holds a kind of event, or a format, that this release does not know.

    Nothing is damaged: a newer release wrote it, and a worker of that release can go on.
    """


# ---- kinds of events -----------------------------------------------------------------------


@attrs.frozen
class Kind:
    """One stored shape of one class of event.

    code: 0 to 255, never given away twice. upcast: turns the fields of an old shape into those
    of today's class; None if this is today's shape.
    """

    code: int
    event: type[HistoryEvent]
    upcast: Callable[[Fields], Fields] | None = None


KINDS: Final = (
    Kind(1, history.ExecutionStarted),
    Kind(2, history.EpisodeStarted),
    Kind(3, history.TimerStarted),
    Kind(4, history.TimerFired),
    Kind(5, history.TimerCancelled),
    Kind(6, history.ActivityScheduled),
    Kind(7, history.ActivityCompleted),
    Kind(8, history.ActivityFailed),
    Kind(9, history.ActivityCancelRequested),
    Kind(10, history.ActivityCancelled),
    Kind(11, history.EventAwaited),
    Kind(12, history.EventWaitCancelled),
    Kind(13, history.EventReceived),
    Kind(14, history.SideEffectRecorded),
    Kind(15, history.ExecutionCompleted),
    Kind(16, history.ExecutionFailed),
    Kind(17, history.ExecutionTerminated),
    Kind(18, history.ChildStarted),
    Kind(19, history.ChildCancelRequested),
    Kind(20, history.InstanceStarted),
    Kind(21, history.InstanceAwaited),
    Kind(22, history.InstanceWaitCancelled),
    Kind(23, history.CallCompleted),
    Kind(24, history.CallFailed),
    Kind(25, history.EventSent),
    Kind(26, history.CancelSent),
    Kind(27, history.RequestAnswered),
    Kind(28, history.EntityCalled),
    Kind(29, history.EntityCallCancelled),
    Kind(30, history.EntitySignalled),
    Kind(31, history.LockRequested),
    Kind(32, history.LockReleased),
    Kind(33, history.PatchMarked),
    Kind(34, history.CancelRequested),
    Kind(35, history.ExecutionCancelled),
    Kind(36, history.ExecutionContinued),
)
"""Every shape that was ever written, oldest first. Lines are added, never removed."""


def reader_of(kind: Kind) -> Callable[[bytes | msgspec.Raw], HistoryEvent]:
    """What turns the stored form of this kind into an event."""
    if kind.upcast is None:
        return msgspec.msgpack.Decoder(kind.event).decode
    read_fields = msgspec.msgpack.Decoder(Fields).decode
    upcast = kind.upcast

    def read(data: bytes | msgspec.Raw) -> HistoryEvent:
        return msgspec.convert(upcast(read_fields(data)), kind.event)

    return read


_CODES: Final = {kind.event: kind.code for kind in KINDS if kind.upcast is None}
_READERS: Final = {kind.code: reader_of(kind) for kind in KINDS}

# ---- chunks --------------------------------------------------------------------------------

_write: Final = msgspec.msgpack.Encoder().encode
_read_chunk: Final = msgspec.msgpack.Decoder(tuple[int, bytes, list[msgspec.Raw]]).decode
_read_format: Final = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode


def encode_events(events: Sequence[HistoryEvent]) -> bytes:
    """The stored form of events that are stored together.

    Raises: SerializationError if a text in them cannot be stored as UTF-8.
    """
    codes = _CODES
    try:
        return _write((CHUNK_FORMAT, bytes([codes[type(event)] for event in events]), events))
    except UnicodeEncodeError as error:
        raise _no_unicode("a history event", error) from error


def decode_events(data: bytes) -> tuple[HistoryEvent, ...]:
    """The events of a chunk, in order.

    Raises: UnknownEventError if a newer release wrote it; StoreError if the bytes are torn.
    """
    try:
        form, codes, raws = _read_chunk(data)
        if form != CHUNK_FORMAT or len(codes) != len(raws):
            raise _unreadable(data)
        readers = _READERS
        return tuple([readers[code](raw) for code, raw in zip(codes, raws, strict=True)])
    except KeyError as error:
        raise UnknownEventError(
            f"history holds an event of kind {error.args[0]}, which this release does not know "
            f"(it knows 1 to {max(_READERS)}). A newer release of durable_async wrote it: "
            "update this process, or let a worker of that release take the instance."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _unreadable(data) from error


def _no_unicode(what: str, error: UnicodeEncodeError) -> SerializationError:
    return SerializationError(
        f"{what} holds text that is not valid Unicode: {error}. "
        "Clean names, keys and tags of lone surrogates."
    )


def _unreadable(data: bytes) -> StoreError:
    """Why a chunk that has not today's layout cannot be read."""
    form = _format_of(data)
    if form is not None and form > CHUNK_FORMAT:
        return UnknownEventError(
            f"history is stored in format {form}, and this release reads up to {CHUNK_FORMAT}. "
            "A newer release of durable_async wrote it: update this process."
        )
    return StoreError(
        f"a chunk of history cannot be read: its {len(data)} bytes begin with {data[:16].hex()!r}, "
        "which is no stored history. The row is damaged: restore the store from a backup, or "
        "terminate the instance."
    )


def _format_of(data: bytes) -> int | None:
    try:
        return msgspec.msgpack.decode(_read_format(data)[0], type=int)
    except (msgspec.DecodeError, IndexError):
        return None


# ---- single records ------------------------------------------------------------------------


def encode_record(record: object) -> bytes:
    """The stored form of a value of the model: ActivityOptions, Failure, Payload, tags, None.

    Raises: SerializationError if a text in it cannot be stored as UTF-8.
    """
    try:
        return _write(record)
    except UnicodeEncodeError as error:
        raise _no_unicode(f"a stored {type(record).__name__}", error) from error


def decode_record(data: bytes, type: type[T]) -> T:
    """The value that `encode_record` stored. type: its class, or a dict of them.

    Raises: StoreError if the bytes are torn, or of another class.
    """
    wanted: Any = type
    try:
        record: T = _reader_of_record(wanted)(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise StoreError(
            f"a stored record cannot be read as {getattr(type, '__name__', type)}: {error}. "
            "The row is damaged: restore the store from a backup, or terminate the instance."
        ) from error
    return record


@functools.cache
def _reader_of_record(type: Any) -> Callable[[bytes], Any]:
    return msgspec.msgpack.Decoder(type).decode


def checksum(data: bytes, *identity: str | int) -> int:
    """A CRC-32 of a row and of where it belongs, so that a row found elsewhere is caught too.

    identity: what names the row: instance, execution, position.
    """
    if not identity:
        return zlib.crc32(data)
    return zlib.crc32(data, zlib.crc32(repr(identity).encode("utf-8", "surrogatepass")))


# ---- for people and their tools ------------------------------------------------------------


def kind_of(event: HistoryEvent) -> str:
    """The name of its kind, e.g. "TimerFired"."""
    return type(event).__name__


def event_as_json(event: HistoryEvent) -> dict[str, Any]:
    """The event as plain JSON types: its kind, then its fields.

    A payload stands as its value where that is readable, else as {"encoding", "data"} with the
    bytes in base64.
    """
    return {"kind": kind_of(event), **_as_json(event)}


def _as_json(value: Any) -> Any:
    match value:
        case Payload():
            return _payload_as_json(value)
        case datetime():
            return value.isoformat()
        case tuple():
            return [_as_json(item) for item in value]
        case dict():
            return {key: _as_json(item) for key, item in value.items()}
        case _ if attrs.has(type(value)):
            names = (field.name for field in attrs.fields(type(value)))
            return {name: _as_json(getattr(value, name)) for name in names}
        case _:
            return value


def _payload_as_json(payload: Payload) -> Any:
    if payload.encoding == "json":
        try:
            return msgspec.json.decode(payload.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass  # damaged: shown as it is
    data = base64.b64encode(payload.data).decode("ascii")
    return {"encoding": payload.encoding, "data": data}
