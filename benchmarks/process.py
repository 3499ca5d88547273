"""One run of one workload, in a process of its own: `process.py WORKLOAD FOLDER` prints JSON.

Invariant: nothing that another workload left behind (memory, threads, caches, files) is there.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import crashes
import footprint
import limits
import replays
import workloads

__all__ = ["main", "measure", "url_in"]

RECORDED = "recorded"
"""A folder beside those of the single runs."""


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.db'}"


def measure(workload: str, folder: Path) -> dict[str, float]:
    """The figures of one run. folder: an empty one."""
    match workload:
        case "limits":
            return limits.measure_limits(folder)
        case "W6":
            (folder / "restart").mkdir()
            (folder / "takeover").mkdir()
            return crashes.measure_restart(folder / "restart") | crashes.measure_takeover(
                folder / "takeover"
            )
        case "R":
            recorded = folder.parent / RECORDED
            if not recorded.exists():
                recorded.mkdir()
                asyncio.run(replays.record_histories(recorded))
            return asyncio.run(replays.measure_replays(recorded, folder))
        case "I":
            return footprint.measure_footprint()
        case _:
            return asyncio.run(workloads.WORKLOADS[workload](url_in(folder)))


def main(arguments: Sequence[str]) -> int:
    name, folder = arguments[0], Path(arguments[1])
    if name in crashes.PROCESSES:
        asyncio.run(crashes.PROCESSES[name](folder))
    else:
        print(json.dumps(measure(name, folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
