"""What an instance waits for, in lines for people. Invariant: each line says what would come, and
where in the code it is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from durable_async.core.pending import OpenWait, open_waits
from durable_async.model.history import (
    ActivityScheduled,
    ChildStarted,
    EntityCalled,
    EventAwaited,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    LockRequested,
    TimerStarted,
)

__all__ = ["stack_text"]


def stack_text(history: Sequence[HistoryEvent], tasks: Iterable[tuple[str, str]]) -> str:
    """history: of the instance. tasks: name and line of each that waits."""
    waits = [f"{_named(wait)} at {wait.line or 'line unknown'}" for wait in open_waits(history)]
    return "\n".join([*(waits or ["it waits for nothing"]), "", *_lines(tasks)]).rstrip()


def _lines(tasks: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, line in tasks:
        yield f"{name} is at {line}" if line else name


def _named(wait: OpenWait) -> str:
    match wait:
        case ActivityScheduled(name=name, number=number):
            return f"activity {name!r} (id {number})"
        case TimerStarted(due=due):
            return f"timer until {due:%Y-%m-%d %H:%M:%S} UTC"
        case EventAwaited(name=name, request=request):
            return f"{'request' if request else 'event'} {name!r}"
        case ChildStarted(request=request):
            return f"child {request.instance_id!r} ({request.name})"
        case InstanceStarted(request=request):
            return f"start of instance {request.instance_id!r} ({request.name})"
        case InstanceAwaited(instance_id=instance_id):
            return f"end of instance {instance_id!r}"
        case EntityCalled(entity=entity, operation=operation):
            return f"entity {entity.type} {entity.key}: {operation}"
        case LockRequested(entities=entities):
            return f"lock {', '.join(f'{each.type} {each.key}'.strip() for each in entities)}"
        case _:
            assert_never(wait)
