"""A worker as a program of its own: `orders.py URL LEDGER`.

It prints what its activities do, a line each, and writes what they have done to the ledger.
`pack` waits for a word on standard input.
"""

import asyncio
import os
import sys
from pathlib import Path

import durable_async as da

GO_ON = b"go on\n"


def note(line: str) -> None:
    """In the ledger, durably, before anybody is told of it."""
    with Path(sys.argv[2]).open("a") as ledger:
        ledger.write(f"{line}\n")
        ledger.flush()
        os.fsync(ledger.fileno())


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@da.activity
async def reserve(item: int) -> int:
    note(f"reserve {item}")
    return item


@da.activity
def pack(count: int) -> str:
    say(f"packing, attempt {da.activity_info().attempt}")
    # Several threads wait here; a buffer would give one of them the word for another.
    if not os.read(sys.stdin.fileno(), len(GO_ON)):
        raise EOFError("nobody says that it is packed")
    note("pack")
    say("packed")
    return f"{count} packed"


@da.orchestrator
async def order(items: list[int]) -> str:
    reserved = [await reserve(item) for item in items]
    packed = await pack(len(reserved))
    await reserve(0)
    return packed


async def main() -> None:
    async with da.Client(sys.argv[1]) as client:
        await da.Worker(client, [order, reserve, pack]).run()
    say("ended in order")


if __name__ == "__main__":
    asyncio.run(main())
