"""The worker of a test environment. Invariant: it is the worker of production, save that it can be
made to vanish.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.engines.turns import Turns
from durable_async.model.work import ActivityLease, ActivityTask
from durable_async.worker.driver import Stage
from durable_async.worker.guard import GuardMode
from durable_async.worker.notices import Notices
from durable_async.worker.parts import assemble
from durable_async.worker.progress import AttemptBegan, AttemptEnded, Observer, Step
from durable_async.worker.settings import Settings

__all__ = ["Crew"]

MAX_ACTIVITIES: Final = 100

PATIENCE: Final = 0.2
THREAD_PATIENCE: Final = 1.0
"""Real seconds for which an activity counts as one that has just begun. What an `async def` needs
is steps of the loop; a thread must be started, on a machine that may be busy."""


class Crew:
    """One life of the worker: from its session to its end, on the running loop.

    release: which definitions these are; it grows with each new one. wake, observer: as for any
    worker.
    """

    def __init__(
        self,
        session: str,
        registry: Registry,
        converter: Converter,
        *,
        cache: int,
        release: int,
        guard: GuardMode,
        wake: Callable[[], None],
        observer: Observer,
    ) -> None:
        self.session = session
        self._registry = registry
        self._observer = observer
        self._running: dict[ActivityLease, tuple[ActivityTask, float]] = {}
        self._parts = assemble(
            session,
            registry,
            converter,
            Settings(
                max_activities=MAX_ACTIVITIES,
                cache=cache,
                observer=self._observe,
                # Each release counts as other code, so that blocked instances are tried again,
                # even where the definitions look alike.
                release=str(release),
                # Before any deploy the code is the same: arguments that change come from outside.
                strict=release == 0,
                guard=guard,
            ),
            Notices(),
            wake=wake,
        )
        self.driver = self._parts.driver

    @property
    def is_busy(self) -> bool:
        """Whether an activity runs."""
        return self._parts.activities.busy

    @property
    def has_just_begun(self) -> bool:
        """Whether an activity runs that may end in a moment."""
        now = time.monotonic()
        return any(until > now for _, until in self._running.values())

    def runs_what_must_not_run_twice(self) -> bool:
        return any(task.options.on_lost == "fail" for task, _ in self._running.values())

    async def leave(self, turns: Turns) -> None:
        """As a worker that is told to stop and has no time: report what has ended, hand back the
        rest."""
        self.driver.go_to(Stage.HANDING_BACK)
        await turns.detach(self.driver)
        self._parts.close()

    def vanish(self, turns: Turns) -> None:
        """As a worker that is killed. Its session is left as it is."""
        turns.drop(self.driver)
        self._parts.activities.stop_all()
        self._parts.orchestrations.close()
        self._parts.close()

    def _observe(self, step: Step) -> None:
        match step:
            case AttemptBegan(task):
                bound = self._registry.activity(task.name)
                patience = THREAD_PATIENCE if bound is not None and bound.is_sync else PATIENCE
                self._running[task.lease] = (task, time.monotonic() + patience)
            case AttemptEnded(task):
                self._running.pop(task.lease, None)
            case _:
                self._observer(step)
