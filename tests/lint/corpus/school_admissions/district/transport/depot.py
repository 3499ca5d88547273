from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass

import durable_async as da
from loguru import logger
from starlette.concurrency import run_in_threadpool

_announced = 0


@dataclass
class Depot:
    name: str
    buses: int = 12

    def announce(self, line: str) -> str:
        return f"{self.name} runs {line}"

    def started(self) -> float:
        return time.time()


def announce(plan: list[str]) -> None:
    global _announced
    _announced += 1  # expect: DUR141
    logger.bind(plan=len(plan)).info("announced")  # expect: DUR143
    if not plan:
        sys.exit(3)  # expect: DUR125


async def assign(driver: str, names: list[str]) -> list[str]:
    rows = await run_in_threadpool(sorted, names)  # expect: DUR131
    load = os.getloadavg()[0]  # expect: DUR125
    await da.wait_for_event(f"{driver}-ready")
    return rows if load < 4 else rows[:1]


def park(bus: int) -> None:
    logger.info("parked {}", bus)
    os.kill(os.getpid(), 0)
