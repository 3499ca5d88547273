"""Keeps large payloads elsewhere. Invariant: what the store of instances holds is the SHA-256 of
what was put elsewhere, and nothing but that is ever read back.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from durable_async.codecs.marks import marked, unmarked
from durable_async.errors import SerializationError
from durable_async.model.payload import Payload

__all__ = ["OffloadCodec", "PayloadStore"]

_MARK: Final = "offload"
_DIGEST: Final = 64
_RETRY: Final = 60.0
"""Seconds after which a worker tries instances again that were BLOCKED as the store did not give
what they need."""

_FORGOTTEN: Final = 10 * _RETRY
"""Seconds after which nobody seems to need a payload any more that the store did not give."""

_PAUSES: Final = (0.05, 0.2)
"""Seconds between attempts."""

T = TypeVar("T")


class PayloadStore(Protocol):
    """Anything with these two: a bucket, a table, a directory. Called from several threads.

    What `put` returned from is there for good: the instance's own commit relies on it. Repeating a
    `put` with the same key and bytes does no harm.
    """

    def put(self, key: str, data: bytes, /) -> object: ...
    def get(self, key: str, /) -> bytes: ...


class OffloadCodec:
    """Puts payloads of `threshold` bytes and more into `store`, and keeps their key.

    The key is the SHA-256 of the bytes, in hexadecimal: the same payload is stored once, and what
    comes back is compared with it. Nothing is ever taken out again: give the store a rule that
    drops what is older than your longest instance, and than ended ones are kept. The limit of
    2 MiB is for what stays with the instance; a value may have 64 MiB.

    An episode waits for the store, and others with it: it should answer within milliseconds. If
    it does not answer at all, what is to be stored fails; an instance that is to be read is held
    BLOCKED and tried again within a minute.
    Raises: ValueError for a threshold under 1 KiB.
    Known elsewhere as: claim check, Azure's large message support, Temporal's external storage.
    """

    rank: Final = 3

    def __init__(self, store: PayloadStore, *, threshold: int = 128 * 1024) -> None:
        if threshold < 1024:
            raise ValueError(
                f"threshold is {threshold}; a key alone takes some 80 bytes: use at least 1,024"
            )
        self._store = store
        self._threshold = threshold
        self._failed: dict[str, float] = {}  # by key, the last time
        self._silent = False  # it was when last asked

    def __repr__(self) -> str:
        return f"OffloadCodec({self._store!r}, threshold={self._threshold})"

    @property
    def fingerprint(self) -> str:
        """Changes every minute while there is something that the store did not give, and once it
        answers again: workers then try what they had to hold BLOCKED. That it gives something else
        says nothing of what is still missing."""
        failed = self._failed
        if not failed:  # each turn of a worker asks
            return ""
        now = time.monotonic()
        for key, at in list(failed.items()):
            if now - at >= _FORGOTTEN:
                failed.pop(key, None)
        if not failed:
            return ""
        return f"{_MARK}:{now // _RETRY:.0f}:{'silent' if self._silent else 'answers'}"

    def encode(self, payload: Payload) -> Payload:
        if len(payload.data) < self._threshold:
            return payload
        key = hashlib.sha256(payload.data).hexdigest()
        self._trying(self._store.put, key, payload.data)
        return Payload(f"{key}:{len(payload.data)}".encode(), marked(_MARK, payload.encoding))

    def decode(self, payload: Payload) -> Payload:
        """Raises: SerializationError if it is not there (any more), or not what was put there."""
        found = unmarked(payload.encoding, (_MARK,))
        if found is None:
            return payload
        key, _, size = payload.data.decode("ascii", "replace").partition(":")
        if len(key) != _DIGEST or not size.isdecimal():
            raise SerializationError("the key of an offloaded payload is damaged")
        try:
            data = self._fetched(key, int(size))
        except SerializationError:
            self._failed[key] = time.monotonic()
            raise
        self._failed.pop(key, None)
        return Payload(data, found[1])

    def _fetched(self, key: str, size: int) -> bytes:
        try:
            data = self._trying(self._store.get, key)
        except Exception as error:
            self._silent = True
            raise SerializationError(
                f"{self._store!r} does not give payload {key} ({size:,} bytes): "
                f"{type(error).__name__}: {error}"
            ) from error
        self._silent = False
        if hashlib.sha256(data).hexdigest() != key:
            raise SerializationError(
                f"{self._store!r} gives {len(data):,} bytes for payload {key}, which are not the "
                f"{size:,} bytes that were put there"
            )
        return bytes(data)

    def _trying(self, function: Callable[..., T], /, *args: Any) -> T:
        """A store that is elsewhere may be gone for a moment. Not for longer: others wait."""
        for pause in _PAUSES:
            try:
                return function(*args)
            except (OSError, TimeoutError):
                time.sleep(pause)
        return function(*args)
