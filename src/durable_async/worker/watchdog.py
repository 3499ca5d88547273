"""Tells of code that holds up everybody else. Invariant: it only looks; what is slow is told of,
with the line where it stands, and nothing is done about it; what is slow again and again is told of
ever less often.

An episode runs in the thread in which everything is committed, and an `async def` activity on the
application's own loop: while one of them computes, all others wait. One daemon thread looks in
now and then while there is something to look at, and otherwise sleeps without end.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from asyncio import events
from types import CodeType
from typing import Any, Final, Protocol

from durable_async.worker.limits import HOLD_UP, NOTICES_KEPT
from durable_async.worker.oversight import EDGE, Watched
from durable_async.worker.places import users_line

__all__ = ["AsyncActivities", "Watchdog"]

_logger: Final = logging.getLogger("durable_async.worker")

_LOOK_EVERY: Final = HOLD_UP / 5
_LOOKS_BEFORE_SLEEP: Final = 20
"""A busy worker is not to wake the thread for each episode: it goes to sleep a second after the
last one."""


class AsyncActivities(Protocol):
    """The `async def` activities of a worker, as the watchdog sees them. From any thread."""

    @property
    def any_on_loop(self) -> bool:
        """Whether one of them has begun and not ended."""
        ...

    def title_of(self, task: asyncio.Task[Any]) -> str | None:
        """What to call the activity that a task of the loop belongs to; None if it is of none."""
        ...


class _Tally:
    """How often each thing was seen. From any thread."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}
        self._counting = threading.Lock()

    def times(self, what: str, line: str) -> str | None:
        """How often this was seen there, in words to be added; None if it is not to be told of: it
        is the first time, the tenth, the hundredth and so on."""
        key = (what, line)
        with self._counting:
            count = self._seen.pop(key, 0) + 1  # and in again, as the newest
            self._seen[key] = count
            if len(self._seen) > NOTICES_KEPT:
                del self._seen[next(iter(self._seen))]
        if count == 1:
            return ""
        return f", for the {count:,}th time" if _is_power_of_ten(count) else None


def _is_power_of_ten(count: int) -> bool:
    return str(count).rstrip("0") == "1"


class Watchdog:
    """Of one worker. It is the `Watch` of its oversight."""

    def __init__(self) -> None:
        self.watched: Watched | None = None
        self.begun: object = None
        self.sleeps = True
        self._told: Watched | None = None
        self._tally = _Tally()
        self._loop: _LoopWatch | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._awake = threading.Event()
        self._closed = False

    # ---- the worker --------------------------------------------------------------------------

    def start(self, activities: AsyncActivities) -> None:
        """Look at these as well. To be called on the loop on which they run."""
        self._loop = _LoopWatch(asyncio.get_running_loop(), activities, self._tally)

    def close(self) -> None:
        """The thread ends soon; it has nothing to finish."""
        self._closed = True
        self._awake.set()

    def stir(self) -> None:
        """There is something to look at. From any thread, any number of times."""
        self.begun = object()
        if self.sleeps:
            self.wake()

    # ---- oversight ---------------------------------------------------------------------------

    def took_long(self, watched: Watched, seconds: float) -> None:
        if self._told is not watched:  # it let nobody look
            kind, name, _, _ = watched
            times = self._tally.times(f"{kind} {name!r}", "")
            if times is not None:
                _logger.warning("%s %r took %.2f s%s: %s", kind, name, seconds, times, _EPISODE)

    def wake(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._run, name="durable-watchdog", daemon=True
                    )
                    self._thread.start()
        self._awake.set()

    # ---- the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        begun, rests = self.begun, 0
        self.sleeps = False
        self._awake.clear()
        while not self._closed:
            watching = self._look()
            rests = 0 if watching or begun is not self.begun else rests + 1
            begun = self.begun
            if rests < _LOOKS_BEFORE_SLEEP:
                self._awake.wait(_LOOK_EVERY)
                # Whoever found it asleep may set this when it has woken up already; left so, it
                # would never rest between two looks.
                self._awake.clear()
                continue
            self.sleeps = True
            if begun is self.begun:  # whoever begins now sees that it sleeps
                self._awake.wait()
            self.sleeps = False
            rests = 0
            if not self._closed:
                self._awake.clear()

    def _look(self) -> bool:
        """Tell of what takes long. Whether there is anything to look at."""
        episode, loop = self.watched, self._loop
        now = time.monotonic()
        if episode is not None and self._told is not episode and now - episode[2] > HOLD_UP:
            self._tell_of(episode, now)
        on_loop = loop is not None and loop.look(now)
        return on_loop or episode is not None

    def _tell_of(self, episode: Watched, now: float) -> None:
        kind, name, began, thread = episode
        line = users_line(sys._current_frames().get(thread), _EDGES)
        if self.watched is not episode:
            return  # the line is of another one; its end tells of it
        self._told = episode
        times = self._tally.times(f"{kind} {name!r}", line)
        if times is None:
            return
        _logger.warning(
            "%s %r has taken %.2f s so far%s%s: %s",
            kind,
            name,
            now - began,
            f", and stands at {line}" if line else "",
            times,
            _EPISODE,
        )


_EPISODE: Final = (
    "everything else in this store's thread waits meanwhile. Move what computes or blocks into an "
    "activity; if it is the replay of a long history, use da.continue_as_new"
)
_ACTIVITY: Final = (
    "everything else on that loop waits meanwhile. Write it as a plain `def`, which runs in a "
    "thread, or hand what blocks to asyncio.to_thread"
)


class _LoopWatch:
    """Looks for steps of activities that do not come to their next `await`.

    A task that is the loop's current one at two looks may have been it twice. So the loop is asked
    for a sign of life: it gives none before the step has ended.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, activities: AsyncActivities, tally: _Tally
    ) -> None:
        self._loop = loop
        self._tally = tally
        self._thread = threading.get_ident()
        self._activities = activities
        self._suspect: asyncio.Task[Any] | None = None
        self._asked: float | None = None
        self._answered = False
        self._told = False

    def look(self, now: float) -> bool:
        """Whether an activity is under way."""
        if not self._activities.any_on_loop:
            self._suspect = None
            return False
        task = asyncio.current_task(self._loop)
        if task is None or task is not self._suspect or self._answered:
            self._suspect, self._asked = task, None
            self._answered = self._told = False
        elif self._asked is None:
            self._asked = now
            self._ask()
        elif not self._told and now - self._asked > HOLD_UP - _LOOK_EVERY:
            self._told = True
            self._tell_of(task, now - self._asked + _LOOK_EVERY)
        return True

    def _ask(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._answer)
        except RuntimeError:  # it is closed
            self._suspect = None

    def _answer(self) -> None:
        self._answered = True

    def _tell_of(self, task: asyncio.Task[Any], took: float) -> None:
        title = self._activities.title_of(task)
        line = users_line(sys._current_frames().get(self._thread), _EDGES)
        if title is None or self._answered:
            return
        times = self._tally.times(title, line)
        if times is None:
            return
        _logger.warning(
            "%s has blocked its event loop for %.2f s so far, and stands at %s%s: %s",
            title,
            took,
            line or "a line that is not yours",
            times,
            _ACTIVITY,
        )


_EDGES: Final[frozenset[CodeType]] = frozenset((EDGE, events.Handle._run.__code__))
"""Where the code begins that is watched."""
