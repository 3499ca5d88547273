"""Where the time of a workload goes, thread by thread.

Invariant: each thread has a profile of its own, so the engine's thread and the application's loop
are not added up. Needs Python 3.11: from 3.12 on cProfile watches one thread of a process.
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import sys
import threading
from pathlib import Path
from typing import Any, Final

import process
import workloads

__all__ = ["print_hotspots"]

LINES: Final = 45


def print_hotspots(workload: str, folder: Path) -> None:
    """Run it once under cProfile, about three times slower than usual."""
    if sys.version_info >= (3, 12):
        raise SystemExit(
            "--profile needs Python 3.11, where each thread can have a profile of its own; "
            f"otherwise use a sampling profiler on: {process.__file__} {workload} FOLDER"
        )
    if workload not in workloads.WORKLOADS:
        raise SystemExit(f"--profile takes one of {', '.join(workloads.WORKLOADS)}")
    profiles: list[tuple[str, cProfile.Profile]] = []

    def begin(*_: Any) -> None:
        """Called at a thread's first call; the profile then takes this function's place."""
        profile = cProfile.Profile()
        profiles.append((threading.current_thread().name, profile))
        profile.enable()

    threading.setprofile(begin)
    begin()
    figures = asyncio.run(workloads.WORKLOADS[workload](process.url_in(folder)))
    threading.setprofile(None)
    print(f"{workload} under the profiler: {figures}")
    for name, profile in profiles:
        print(f"\n==== thread {name}")
        profile.disable()
        pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(LINES)
