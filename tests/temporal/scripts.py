"""A script that is killed in its fourth step, and run again: `python -m ... URL FOLDER`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import durable_async as da


@da.activity
async def write(folder: str, number: int) -> int:
    path = Path(folder) / f"{number}.txt"
    with path.open("a") as file:
        file.write("ran\n")
    if number == 3 and runs_of(Path(folder), number) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@da.orchestrator
async def below(folder: str, number: int) -> int:
    return await write(folder, number)


@da.orchestrator
async def script(folder: str) -> int:
    done = 0
    for number in range(6):
        await (below if number % 2 else write)(folder, number)
        done += 1
    return done


def runs_of(folder: Path, number: int) -> int:
    return len((folder / f"{number}.txt").read_text().splitlines())


if __name__ == "__main__":
    print(f"{da.run(script(sys.argv[2]), url=sys.argv[1])} steps")
