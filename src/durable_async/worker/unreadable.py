"""Instances whose payloads the codec cannot read or write. Invariant: what code made of such an
error is dropped, since it says nothing of the values, and may be gone tomorrow."""

from __future__ import annotations

from durable_async.convert.values import CodecError
from durable_async.model.outcome import Blocked

__all__ = ["held_by_codec"]


def held_by_codec(instance_id: str, error: CodecError) -> Blocked:
    """What becomes of an episode in which the codec failed."""
    return Blocked(
        reason="codec",
        message=f"instance {instance_id!r} is held: {error} It goes on by itself in a worker whose "
        "codec can do it",
    )
