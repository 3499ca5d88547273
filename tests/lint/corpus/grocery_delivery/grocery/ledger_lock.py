from __future__ import annotations

import asyncio
import fcntl
import io
import os
import threading
from typing import ClassVar

import durable_async as da

BALANCE_FILE = os.path.join(os.sep, "srv", "points")


class PointsLedger:
    balances: ClassVar[dict[str, int]] = {}

    def __init__(self, customer: str) -> None:
        self.customer = customer
        self.mine: dict[str, int] = {}

    def add(self, points: int) -> int:
        self.mine[self.customer] = points
        PointsLedger.balances[self.customer] = points  # expect: DUR141
        return points

    def lock(self, handle: io.TextIOWrapper) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)


async def settle(customer: str) -> None:
    closing = threading.BoundedSemaphore(2)  # expect: DUR131
    if closing is not None:
        await da.sleep(1)
    gate = asyncio.BoundedSemaphore(2)
    async with gate:
        da.sleep(5)  # expect: DUR133


def tail_statement(customer: str) -> str:
    with io.open(BALANCE_FILE, encoding="utf-8") as lines:  # expect: DUR122
        return "".join(line for line in lines if line.startswith(customer))
