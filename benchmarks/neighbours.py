"""How much of the machine somebody else was using meanwhile.

Invariant: what the measured processes use themselves is not counted as somebody else's.
"""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

__all__ = ["QUIET", "Neighbours"]

QUIET: Final = 0.1
"""The share of all cores from which on a figure says more about others than about us."""

STAT: Final = Path("/proc/stat")


class Neighbours:
    """`with Neighbours() as neighbours:` watches the block, whose child processes are ours.

    share: of all cores, used by others in that time; None where the system does not tell.
    """

    def __init__(self) -> None:
        self.share: float | None = None

    def __enter__(self) -> Self:
        self._before = _busy_seconds(), _own_seconds(), time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        busy_before, own_before, began = self._before
        busy, own = _busy_seconds(), _own_seconds()
        if busy is None or busy_before is None:
            return
        seconds = (time.monotonic() - began) * (os.cpu_count() or 1)
        self.share = max(0.0, (busy - busy_before) - (own - own_before)) / seconds


def _busy_seconds() -> float | None:
    """Of all cores since the system started. Waits for a disk are left out: they may be ours."""
    if not STAT.exists():
        return None
    user, nice, system, *_ = map(int, STAT.read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Of this process, and of its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
