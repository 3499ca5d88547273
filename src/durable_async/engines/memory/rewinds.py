"""Failed instances that go on from before their failure. Invariant: what a failed execution had
done before the cut stays done; what it waited for there is waited for again, down through its
children.

What is to be kept and what is to be done anew is decided by `core.rewind`.
"""

from __future__ import annotations

from collections import deque

from durable_async.core.rewind import Rewound, rewound
from durable_async.engines import refusals
from durable_async.engines.ends import answer_to
from durable_async.engines.memory.episodes import Episodes
from durable_async.engines.memory.instances import Instances
from durable_async.engines.memory.rows import Instance
from durable_async.engines.memory.store import Store, logger
from durable_async.model.commands import StartChild, StartInstance
from durable_async.model.history import CallCompleted, Ended
from durable_async.model.status import RuntimeStatus

__all__ = ["Rewinds"]


class Rewinds:
    def __init__(self, store: Store, instances: Instances, episodes: Episodes) -> None:
        self._store = store
        self._instances = instances
        self._episodes = episodes

    def rewind(self, instance: Instance) -> None:
        """And the failed children that it waits for. Raises InvalidStateError if it has not
        failed."""
        if instance.progress is not RuntimeStatus.FAILED:
            raise refusals.not_failed(instance.id, instance.status)
        failed = deque([instance])
        while failed:
            failed.extend(self._revive(failed.popleft()))

    def _revive(self, instance: Instance) -> list[Instance]:
        """The failed children that it waits for."""
        past = rewound(instance.history)
        for event in past.dropped:
            logger.info("%s", refusals.dropped_by_rewind(instance.id, event))
        self._go_back(instance, past)
        for lock in past.locks:
            instance.regaining.add(lock.number)
        for lock in past.locks:
            self._episodes.carry_out(lock, instance)
        for event in past.redeliver:
            self._store.notify(instance, event)
        failed: list[Instance] = []
        for command in past.commands:
            if isinstance(command, StartChild):
                failed.extend(self._find_child(command, instance))
            elif not (isinstance(command, StartInstance) and self._is_there(command, instance)):
                self._episodes.carry_out(command, instance)
        self._store.schedule(instance)
        return failed

    def _go_back(self, instance: Instance, past: Rewound) -> None:
        instance.history = list(past.history)
        instance.progress = RuntimeStatus.RUNNING
        instance.updated_at = self._store.now
        instance.completed_at = None
        instance.tried.clear()
        instance.lost = 0
        instance.era += 1
        parent = instance.started.parent
        family = None if parent is None else self._store.execution(parent)
        if parent is not None and family is not None:
            family.children[parent.number] = instance.id

    def _find_child(self, command: StartChild, instance: Instance) -> list[Instance]:
        """The child that is waited for goes on, or answers, as it stands; it is listed if it has
        failed. One that is gone, or was cancelled or terminated, begins anew."""
        request, number = command.request, command.number
        child = self._store.instances.get(request.instance_id)
        era = instance.era
        if child is not None:
            if child.started.parent != instance.caller(number):
                self._episodes.carry_out(command, instance)  # to be told that the id is taken
                return []
            if child.progress is RuntimeStatus.COMPLETED:
                ended = child.history[-1]
                assert isinstance(ended, Ended)
                self._store.notify(instance, answer_to(number, child.id, ended))
                return []
            if child.progress is RuntimeStatus.FAILED or not child.has_ended:
                child.is_awaited = True
                instance.children[number] = child.id
                return [child] if child.has_ended else []
            era = max(era, child.era + 1)
            self._instances.remove(child)
        self._instances.place(request, era)
        instance.children[number] = request.instance_id
        return []

    def _is_there(self, command: StartInstance, instance: Instance) -> bool:
        """It was started before; that is the answer."""
        there = self._store.instances.get(command.request.instance_id)
        if there is None or there.started.execution_id != command.request.execution_id:
            return False
        self._store.notify(instance, CallCompleted(number=command.number))
        return True
