from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from pathlib import Path
from typing import ClassVar, TypeVar

import yaml

from gridtrade.shared import DayAhead, Fill

T = TypeVar("T")


class RiskBook:
    """Singleton, as in the desktop tool it came from."""

    _instance: ClassVar[RiskBook | None] = None
    limits_file = Path("/etc/gridtrade/limits.yaml")

    def __init__(self) -> None:
        self._mutex = threading.Semaphore()  # expect: DUR131
        self.limits: dict[str, int] = yaml.safe_load(self.limits_file.open())  # expect: DUR122

    @classmethod
    def shared(cls) -> RiskBook:
        if cls._instance is None:  # expect: DUR141
            cls._instance = cls()  # expect: DUR141
        return cls._instance  # expect: DUR141

    def check(self, order: DayAhead) -> None:
        for bid in order.bids:
            if bid.mwh > self.limits.get(bid.area, 0):
                raise ValueError(f"{bid.area}: over the limit with {', '.join(bid.tags)}")  # expect: DUR134

    def reload(self) -> None:
        self.limits = yaml.safe_load(self.limits_file.read_text())


async def with_deadline(awaitable: Awaitable[T], seconds: float) -> T | None:
    task = asyncio.ensure_future(awaitable)
    try:
        return await asyncio.wait_for(asyncio.shield(task), seconds)
    except TimeoutError:
        return None
    except asyncio.CancelledError:
        task.cancel()
        raise
    except ExceptionGroup:
        return None


def exposure_lines(area: str, fills: list[Fill]) -> str:
    prices = sorted({fill.price for fill in fills if fill.area == area})
    return f"{area}: {', '.join(map(str, prices))}"
