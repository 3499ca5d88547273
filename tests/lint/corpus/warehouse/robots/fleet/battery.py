from __future__ import annotations

import gc
import os
import random as rnd
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from asyncio_throttle import Throttler
from temporalio import workflow

V = TypeVar("V")


class Default(Generic[V]):
    """A field that is computed when nobody has set it."""

    def __init__(self, make: Callable[[], V]) -> None:
        self.make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self.slot = f"_{name}"

    def __get__(self, instance: Any, owner: type) -> V:
        if not hasattr(instance, self.slot):
            setattr(instance, self.slot, self.make())
        return getattr(instance, self.slot)

    def __set__(self, instance: Any, value: V) -> None:
        setattr(instance, self.slot, value)


def random_charge() -> int:
    return rnd.randrange(20, 100)  # expect: DUR111


class Robot:
    charge = Default(random_charge)
    cap = Default(lambda: 100)
    serial = "r-0"

    def drain(self, amount: int) -> int:
        self.charge = self.charge - amount
        return min(self.charge, self.cap)

    def __lshift__(self, metres: float) -> Robot:
        self.drain(int(metres))
        return self

MOTOR = threading.Lock()


def collect_garbage() -> int:
    return gc.collect()  # expect: DUR125


def drill() -> bytes:
    return os.urandom(4)


async def telemetry(robot: Robot) -> float:
    calm = Throttler(rate_limit=3)
    async with calm:  # expect: DUR132
        return robot.cap / 100


async def level(robot: Robot) -> int:
    await workflow.wait_condition(lambda: robot.cap > 0)
    return robot.cap
