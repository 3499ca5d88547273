"""Who waits for the end of which instance, and why some wait in vain. Invariant: nobody waits for
an instance that cannot go on by itself: in a test no other worker comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from durable_async.dsl.registry import Registry
from durable_async.errors import DurableError
from durable_async.model.history import HistoryEvent
from durable_async.model.outcome import Blocked, Outcome
from durable_async.testing.problems import InstanceBlocked, Problem, error_of
from durable_async.worker.dependence import awaited_by
from durable_async.worker.progress import DefinitionMissing, EpisodeEnded, InstanceIdle, Step

__all__ = ["Waits"]

History = Callable[[str], Sequence[HistoryEvent]]


class Waits:
    """Used on the test's loop alone."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._problems: dict[str, list[Problem]] = {}

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    def __iter__(self) -> Iterator[str]:
        """The instances that are waited for."""
        return iter(list(self._waiting))

    @contextmanager
    def waiting(self, instance_id: str) -> Iterator[asyncio.Future[None]]:
        """While somebody waits. The future fails if the instance cannot go on."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(instance_id, [])
        waiting.append(future)
        try:
            yield future
        finally:
            waiting.remove(future)
            if not waiting:
                del self._waiting[instance_id]
            if not future.cancel():
                future.exception()  # seen, whether or not anybody looked at it

    def see(self, step: Step) -> None:
        """What the worker says that it did."""
        match step:
            case EpisodeEnded(instance_id, Blocked() as result):
                self._problems[instance_id] = [InstanceBlocked(instance_id, result)]
            case EpisodeEnded(instance_id, Outcome() as outcome):
                if outcome.ended is not None:
                    self._problems.pop(instance_id, None)
                else:
                    self._forget(instance_id, InstanceBlocked)
                    if not outcome.idle:  # something has come to it after all
                        self._forget(instance_id, InstanceIdle)
            case InstanceIdle() | DefinitionMissing():
                self._problems.setdefault(step.instance_id, []).append(step)
            case _:
                pass

    def deploy(self, registry: Registry) -> None:
        """Other definitions are here: what was blocked may go on, what was missing may be there."""
        for instance_id, found in list(self._problems.items()):
            self._forget(instance_id, InstanceBlocked)
            found[:] = [
                problem
                for problem in found
                if not isinstance(problem, DefinitionMissing) or not _has(registry, problem)
            ]

    def tell(self, history: History) -> None:
        """Those who wait in vain hear of it. history: of an instance, as the store has it."""
        if not any(self._problems.values()):
            return
        for instance_id, waiting in self._waiting.items():
            found = self._obstacle(instance_id, history, set())
            if found is not None:
                for future in waiting:
                    if not future.done():
                        future.set_exception(error_of(found))

    def _obstacle(self, instance_id: str, history: History, seen: set[str]) -> Problem | None:
        """What keeps it from going on: a problem of its own, one of an instance that it awaits
        which no other worker will mend, or that all it awaits are stuck."""
        own = self._problems.get(instance_id)
        if own:
            return own[0]
        seen.add(instance_id)
        try:
            awaited = awaited_by(history(instance_id))
        except DurableError:  # gone, or unreadable
            return None
        found = [
            problem
            for each in awaited.instances
            if each not in seen and (problem := self._obstacle(each, history, seen)) is not None
        ]
        for problem in found:
            if not isinstance(problem, InstanceIdle):
                return problem
        all_stuck = len(found) == len(awaited.instances) and not awaited.others
        return found[0] if found and all_stuck else None

    def _forget(self, instance_id: str, *kinds: type[Problem]) -> None:
        found = self._problems.get(instance_id)
        if found:
            found[:] = [problem for problem in found if not isinstance(problem, kinds)]


def _has(registry: Registry, missing: DefinitionMissing) -> bool:
    match missing.kind:
        case "activity":
            return missing.name in registry.activity_names
        case "entity":
            return missing.name in registry.entity_names
        case "orchestrator":
            if missing.version is None:
                return any(name == missing.name for name, _ in registry.definitions)
            return registry.orchestrator(missing.name, missing.version) is not None
