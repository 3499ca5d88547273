"""A script around `da.run`: `script.py URL LEDGER`. Its first run is killed in the middle."""

import os
import signal
import sys
from pathlib import Path

import durable_async as da

LEDGER = Path(sys.argv[2])


@da.activity
async def step(n: int) -> int:
    if n == 3 and "began 3" not in LEDGER.read_text():
        note("began 3")
        os.kill(os.getpid(), signal.SIGKILL)
    note(f"step {n}")
    return n * n


@da.activity
def add_up(numbers: list[int]) -> int:
    note("add up")
    return sum(numbers)


def note(line: str) -> None:
    with LEDGER.open("a") as ledger:
        ledger.write(f"{line}\n")
        ledger.flush()
        os.fsync(ledger.fileno())


@da.orchestrator
async def squares(count: int) -> int:
    done = []
    for n in range(count):
        done.append(await step(n))
        if n == 1:
            await da.sleep(0.01)
    return await add_up(done)


if __name__ == "__main__":
    result = da.run(squares(5), url=sys.argv[1], progress=True)
    sys.stdout.write(f"{result}\n")
