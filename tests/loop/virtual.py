"""An ordinary asyncio loop whose clock skips to whatever is due next.

Invariant: callbacks run exactly as asyncio runs them; only waiting costs nothing. What comes from
outside (`arrive`) is handed in one at a time, each when nothing else is ready, as history does it.
"""

import asyncio
import heapq
import itertools
import random
import selectors
from collections.abc import Callable
from typing import Any

__all__ = ["Stuck", "VirtualLoop"]


class Stuck(RuntimeError):
    """Every task waits, and nothing is due ever again."""


_BUSY = 300
"""Rounds without waiting, after which a loop is taken to be spinning."""


class _Skipping(selectors.SelectSelector):
    """Where a loop would wait for the time to pass, this lets it pass."""

    loop: "VirtualLoop"
    busy = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout > 0:
            self.loop.skip(timeout)
            self.busy = 0
        elif self.busy == _BUSY:
            # anyio delivers a cancellation again and again; meanwhile time passes, in real life.
            self.loop.skip_while_busy()
            self.busy = 0
        else:
            self.busy += 1
        return []


class _Scattered(asyncio.Task[Any]):
    """A task whose place in a set is as accidental as an address, but repeatable."""

    def __hash__(self) -> int:
        return self.get_loop().place_of(self)


class VirtualLoop(asyncio.SelectorEventLoop):
    """seed: in which order its tasks stand in sets. Plain asyncio goes by their addresses."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._places: dict[int, int] = {}
        selector = _Skipping()
        self._now = 0.0
        self._arrivals: list[tuple[float, int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        super().__init__(selector)
        selector.loop = self
        self._clock_resolution = 1e-9

    def create_task(self, coro: Any, **how: Any) -> asyncio.Task[Any]:
        return _Scattered(coro, loop=self, **how)

    def place_of(self, task: asyncio.Task[Any]) -> int:
        return self._places.setdefault(id(task), self._random.getrandbits(60))

    def time(self) -> float:
        return self._now

    def arrive(self, due: float, rank: int, callback: Callable[[], None]) -> None:
        """Run `callback` at `due`, alone. Of several due at once, the lower rank comes first."""
        heapq.heappush(self._arrivals, (due, rank, next(self._numbers), callback))

    def skip(self, timeout: float | None) -> None:
        """Let the clock move to what is due next: an arrival, or the loop's own timer."""
        timer = None if timeout is None else self._now + timeout
        if self._arrivals and (timer is None or self._arrivals[0][0] <= timer):
            due, _, _, callback = heapq.heappop(self._arrivals)
            self._now = max(self._now, due)
            callback()
        elif timer is not None:
            self._now = timer
        else:
            raise Stuck("every task waits, and nothing is due")

    def skip_while_busy(self) -> None:
        timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]
        if timers or self._arrivals:
            self.skip(max(0.0, min(timers) - self._now) if timers else None)
