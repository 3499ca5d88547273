"""How often the log tells what stays the same. Invariant: the first time at once, then ever more
rarely, however often the cluster tries it again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import attrs

__all__ = ["Reminders"]

_FIRST: Final = 60.0
"""Seconds until the same is told a second time; then twice as many, each time."""

_LONGEST: Final = 3_600.0

_KEPT: Final = 1_000
"""Of what was told, the latest: what is forgotten is told as if it were new."""


@attrs.define
class _Told:
    again_at: float
    pause: float


class Reminders:
    """Of one worker, whose threads may all ask. clock: seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: OrderedDict[tuple[str, str], _Told] = OrderedDict()

    def is_due(self, instance_id: str, reason: str) -> bool:
        """Whether to tell it now; who asks then does."""
        with self._lock:
            now = self._clock()
            told = self._told.get((instance_id, reason))
            if told is None:
                self._told[instance_id, reason] = _Told(now + _FIRST, _FIRST)
                if len(self._told) > _KEPT:
                    self._told.popitem(last=False)
                return True
            self._told.move_to_end((instance_id, reason))
            if now < told.again_at:
                return False
            told.pause = min(told.pause * 2, _LONGEST)
            told.again_at = now + told.pause
            return True
