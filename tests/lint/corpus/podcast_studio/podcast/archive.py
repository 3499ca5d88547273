"""Moves old seasons to tape."""
import asyncio
import os
import pty
import subprocess
import tarfile
from pathlib import Path

import websockets
from durable_async import activity, orchestrator, sleep

from podcast.tape import TapeRobot, eject_all, inventory


@activity(on_lost="fail")
def write_tape(label: str, path: str) -> int:
    with tarfile.open(f"/dev/{label}", "w") as tape:
        tape.add(path)
    return subprocess.call(["mt", "rewind"])


@orchestrator
async def archive_season(show: str, label: str) -> int:
    robot = TapeRobot(label)
    if not robot.loaded:
        subprocess.check_call(["mtx", "load", label])  # expect: DUR123
    written = await write_tape(label, f"/media/{show}")
    listing = await asyncio.create_subprocess_shell(f"mt -f {label} status")  # expect: DUR123
    async with websockets.connect("ws://robot.local") as channel:  # expect: DUR121
        pass
    os.remove(f"/media/{show}.lock")  # expect: DUR122
    await sleep(30)
    eject_all(inventory(show))
    return written


@orchestrator
async def verify_tapes(labels: list[str]) -> dict[str, bool]:
    results: dict[str, bool] = {}
    for label in sorted(set(labels)):
        written = await write_tape(label, "/media/probe")
        results[label] = written == 0
        if os.fork() == 0:  # expect: DUR123
            results[label] = False
        write_tape(label, "/media/mark")  # expect: DUR133
    return results


def shell() -> int:
    """For the operator's console."""
    return pty.spawn(["/bin/sh"])


if __name__ == "__main__":
    print(Path.cwd(), shell())
