"""One attempt of an activity, while it runs. Invariant: who asks it to stop first says why, and the
reason never changes.

An attempt is begun and collected by the turn's thread, runs on the application's loop or in a
thread of the pool, and is asked to stop on the loop. Each field is written by one of them
only; nothing here is locked.
"""

from __future__ import annotations

import asyncio
import enum
import time
from collections.abc import Callable

from durable_async.dsl.registry import BoundActivity
from durable_async.model.payload import Payload
from durable_async.model.work import ActivityTask
from durable_async.worker.limits import HEARTBEAT_INTERVAL

__all__ = ["Attempt", "Stop"]


class Stop(enum.Enum):
    """Why an attempt is asked to stop, in words that its CancelledError carries."""

    CANCELLED = "its cancellation was requested"
    TIMED_OUT = "its attempt took longer than its timeout"
    SILENT = "it was silent longer than its heartbeat timeout"
    LOST = "another worker has taken it over"
    RELEASED = "its worker is shutting down and hands it back"


class Attempt:
    """task: what to run. bound: how. stop: why it should end, None while it may go on.

    running: the task of an async body; entered: it has taken its first step. over: the body has
    ended. reported: the turn's thread has taken an end of it; what comes later is dropped.
    began: monotonic seconds.
    """

    __slots__ = (
        "_beat",
        "_beat_sent",
        "began",
        "bound",
        "called",
        "details",
        "entered",
        "last_beat",
        "over",
        "reported",
        "running",
        "silence_timer",
        "stop",
        "task",
        "timer",
        "unsent",
    )

    def __init__(
        self, task: ActivityTask, bound: BoundActivity, beat: Callable[[Attempt, bool], None]
    ) -> None:
        self.task = task
        self.bound = bound
        self.stop: Stop | None = None
        self.running: asyncio.Task[None] | None = None
        self.entered = False
        self.called = False  # the body
        self.timer: asyncio.TimerHandle | None = None
        self.silence_timer: asyncio.TimerHandle | None = None
        self.over = False
        self.reported = False
        self.began = 0.0
        self.last_beat = 0.0
        self.details: Payload | None = task.heartbeat
        self.unsent = False
        self._beat = beat
        self._beat_sent = float("-inf")

    def __str__(self) -> str:
        """For logs and errors: which activity, of which instance, for the how-manieth time."""
        lease = self.task.lease
        return f"activity {self.task.name!r} of {lease.instance_id!r} (attempt {self.task.attempt})"

    @property
    def timed(self) -> bool:
        options = self.task.options
        return options.timeout is not None or options.heartbeat_timeout is not None

    def ask_to_stop(self, why: Stop) -> bool:
        """On the loop. Whether this is the first to ask. An async body gets its CancelledError
        now, a `def` at its next heartbeat."""
        if self.stop is not None:
            return False
        self.stop = why
        # A task that has not taken its first step must not be cancelled: its coroutine would
        # never be entered, and nobody would report. It looks at `stop` before anything else.
        if self.entered and self.running is not None:
            self.running.cancel(why.value)
        return True

    def heartbeat(self, details: Payload | None) -> None:
        """Called by the body, in its own thread. Raises CancelledError if it should stop.

        Without details it says only that the body lives: those given before stay the last.
        """
        if self.stop is not None:
            raise asyncio.CancelledError(self.stop.value)
        now = time.monotonic()
        self.last_beat = now
        if details is not None:
            self.details = details
        due = now - self._beat_sent >= self._interval()
        if due:
            self._beat_sent = now
        if due or not self.unsent:
            self._beat(self, due)

    def _interval(self) -> float:
        silence = self.task.options.heartbeat_timeout
        return HEARTBEAT_INTERVAL if silence is None else min(HEARTBEAT_INTERVAL, silence / 3)

    def cancel_timers(self) -> None:
        """On the loop that they belong to."""
        if self.timer is not None:
            self.timer.cancel()
        if self.silence_timer is not None:
            self.silence_timer.cancel()
