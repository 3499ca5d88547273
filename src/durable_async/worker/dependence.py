"""Which instances wait for which. Invariant: an instance is stuck if it waits for nothing, or for
nothing but instances that are stuck.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from durable_async.core.pending import open_waits
from durable_async.model.history import ChildStarted, HistoryEvent, InstanceAwaited

__all__ = ["Awaited", "awaited_by"]


@attrs.frozen
class Awaited:
    """instances: ids, each of a child or of another instance. others: whether something else is
    waited for as well: an activity, a timer, an event."""

    instances: tuple[str, ...]
    others: bool


def awaited_by(history: Sequence[HistoryEvent]) -> Awaited:
    """What the execution of this history waits for."""
    waits = open_waits(history)
    instances: list[str] = []
    for wait in waits:
        match wait:
            case ChildStarted():
                instances.append(wait.request.instance_id)
            case InstanceAwaited():
                instances.append(wait.instance_id)
            case _:
                pass
    return Awaited(tuple(instances), others=len(instances) < len(waits))
