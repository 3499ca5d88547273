"""How a worker tells an instance what another one came to. Invariant: exactly one of result and
failure is set."""

from __future__ import annotations

from typing import Final

import attrs

from durable_async.model.failure import Failure
from durable_async.model.payload import Payload

__all__ = ["AWAIT_INSTANCE", "Answered", "awaiting_queue"]

AWAIT_INSTANCE: Final = "durable_async.await_instance"
"""The activity that waits until an instance has ended."""


@attrs.frozen(kw_only=True)
class Answered:
    result: Payload | None = None
    failure: Failure | None = None


def awaiting_queue(queue: str) -> str:
    """Where that activity runs for the instances of a queue."""
    return f"durable_async.awaiting/{queue}"
