"""Who waits for the end of which instance, and why some wait in vain. Invariant: nobody waits for
an instance that cannot go on by itself: in a test no other worker comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from durable_async.dsl.registry import Registry
from durable_async.model.outcome import Blocked, Outcome
from durable_async.testing.problems import InstanceBlocked, Problem, error_of
from durable_async.worker.progress import DefinitionMissing, EpisodeEnded, InstanceIdle, Step

__all__ = ["Waits"]


class Waits:
    """Used on the test's loop alone."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._problems: dict[str, list[Problem]] = {}

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

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
                    self._unblock(instance_id)
            case InstanceIdle() | DefinitionMissing():
                self._problems.setdefault(step.instance_id, []).append(step)
            case _:
                pass

    def deploy(self, registry: Registry) -> None:
        """Other definitions are here: what was blocked may go on, what was missing may be there."""
        for instance_id, found in list(self._problems.items()):
            self._unblock(instance_id)
            found[:] = [
                problem
                for problem in found
                if not isinstance(problem, DefinitionMissing)
                or registry.activity(problem.name) is None
            ]

    def tell(self) -> None:
        """Those who wait in vain hear of it."""
        for instance_id, waiting in self._waiting.items():
            found = self._problems.get(instance_id)
            if found:
                for future in waiting:
                    if not future.done():
                        future.set_exception(error_of(found[0]))

    def _unblock(self, instance_id: str) -> None:
        found = self._problems.get(instance_id, [])
        found[:] = [problem for problem in found if not isinstance(problem, InstanceBlocked)]
