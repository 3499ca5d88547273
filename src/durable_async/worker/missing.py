"""What orchestrations ask for, and no definition here can do. Invariant: it is told when it is
asked for, with the line, and nothing comes of it: another worker may have what this one lacks.
"""

from __future__ import annotations

from collections.abc import Iterable

from durable_async.dsl.registry import Registry
from durable_async.model.commands import (
    CallEntity,
    Command,
    ScheduleActivity,
    SignalEntity,
    StartChild,
    StartInstance,
)
from durable_async.model.creation import CreateInstance
from durable_async.model.history import ActivityScheduled, ChildStarted, EntityCalled, Recorded
from durable_async.worker.notices import Notices
from durable_async.worker.progress import DefinitionMissing, Observer

__all__ = ["MissingDefinitions", "missing_from"]


class MissingDefinitions:
    """Looks at the commands of episodes that were committed."""

    def __init__(self, registry: Registry, notices: Notices, observer: Observer | None) -> None:
        self._registry = registry
        self._notices = notices
        self._observer = observer

    def look_for(self, instance_id: str, commands: Iterable[Command]) -> None:
        activities = self._registry.activity_names
        for command in commands:
            if type(command) is ScheduleActivity and command.name in activities:
                continue  # nearly all there are
            missing = missing_from(self._registry, instance_id, command)
            if missing is not None:
                self._notices.missing(missing)
                if self._observer is not None and not _is_sent_off(command):
                    self._observer(missing)


def missing_from(
    registry: Registry, instance_id: str, command: Command | Recorded
) -> DefinitionMissing | None:
    """What `registry` lacks for a command, or for the event that stands for it in history. None
    if it lacks nothing."""
    match command:
        case ScheduleActivity(name=name, line=line) | ActivityScheduled(name=name, line=line):
            if name not in registry.activity_names:
                return DefinitionMissing(instance_id, "activity", name, line)
        case (
            StartChild(request=request, line=line)
            | ChildStarted(request=request, line=line)
            | StartInstance(request=request, line=line)
        ):
            if not _can_run(registry, request):
                version = None if request.newest else request.version
                return DefinitionMissing(instance_id, "orchestrator", request.name, line, version)
        case (
            CallEntity(entity=entity, line=line)
            | EntityCalled(entity=entity, line=line)
            | SignalEntity(entity=entity, line=line)
        ):
            if entity.type not in registry.entity_names:
                return DefinitionMissing(instance_id, "entity", entity.type, line)
        case _:
            pass
    return None


def _is_sent_off(command: Command) -> bool:
    """Whether whoever asked for it goes on without it."""
    return isinstance(command, StartInstance | SignalEntity)


def _can_run(registry: Registry, request: CreateInstance) -> bool:
    if request.newest:
        return any(name == request.name for name, _ in registry.definitions)
    return registry.orchestrator(request.name, request.version) is not None
