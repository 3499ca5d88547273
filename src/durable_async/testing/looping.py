"""Turns on the test's own loop. Invariant: a turn runs in a callback of the loop, never inside a
task's step; and all is said to rest only after every ready task had its steps several times over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from durable_async.engines.turns import Turns
from durable_async.ports import Engine

__all__ = ["LoopTurns"]

_logger = logging.getLogger("durable_async.testing")

AFTER_A_MISTAKE: Final = 1.0
"""Seconds of real time."""

QUIET_ROUNDS: Final = 10
"""What a test does in one go (start an instance, then raise an event in another task) takes some
steps of its tasks. All of them happen before time may move."""


class LoopTurns(Turns):
    """Runs the turns of an open engine on the running loop, from its making until `close`.

    after_turn: called after each turn, in the same callback. at_rest: called when nothing is to
    be done at this moment; activities may still run.
    """

    def __init__(
        self, engine: Engine, *, after_turn: Callable[[], None], at_rest: Callable[[], None]
    ) -> None:
        super().__init__(engine, wake=self._ring)
        self._loop = asyncio.get_running_loop()
        self._after_turn = after_turn
        self._at_rest = at_rest
        self._turn_is_due = False
        self._is_over = False
        self._number = 0  # of the last turn
        self._timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    def _ring(self) -> None:
        if self._turn_is_due:
            return
        self._turn_is_due = True
        try:
            self._loop.call_soon_threadsafe(self._turn)
        except RuntimeError:
            return  # the loop is closed: a thread of an activity has outlived the test

    def _turn(self) -> None:
        # First, so that whoever rings from now on gets another turn.
        self._turn_is_due = False
        if self._is_over:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._number += 1
        pause = self._run_turn()
        self._after_turn()
        if pause == 0:
            self._ring()
            return
        if pause is not None:
            # In real time nothing is due here, except for a driver that rests after a failure.
            self._timer = self._loop.call_later(pause, self._ring)
        self._loop.call_soon(self._grow_quiet, self._number, QUIET_ROUNDS)

    def _run_turn(self) -> float | None:
        try:
            return self.run_turn()
        except Exception:
            _logger.critical("a turn failed; those who asked were told", exc_info=True)
            return AFTER_A_MISTAKE

    def _grow_quiet(self, number: int, rounds: int) -> None:
        if self._turn_is_due or self._is_over or number != self._number:
            return
        if rounds > 0:
            self._loop.call_soon(self._grow_quiet, number, rounds - 1)
        else:
            self._at_rest()
