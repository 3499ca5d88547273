"""Functions that are handed over, and called by others."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
import time
import uuid
from collections import defaultdict
from collections.abc import Callable

from .wrapping import Logged, counted, retried


def jitter(value: int) -> float:
    return value + random.random()  # expect: DUR111


def weigh(value: int) -> int:
    return value ^ random.getrandbits(8)  # expect: DUR111


def fresh() -> str:
    return uuid.uuid4().hex  # expect: DUR112


def report(task: "asyncio.Task[str]") -> None:
    print("finished", task)  # expect: DUR143


def close(name: str) -> None:
    time.sleep(1)  # expect: DUR102


def stamp(prefix: str, name: str) -> str:
    return f"{prefix}{name}{time.time()}"  # expect: DUR101


def left(value: int) -> int:
    return value + random.randrange(2)  # expect: DUR111


def right(value: int) -> int:
    return value


def neither(value: int) -> int:
    return value + random.randrange(3)


TURNS: dict[str, Callable[[int], int]] = {"left": left, "right": right}


@counted
@retried(3)
def dyed(name: str) -> str:
    return name


@Logged
def washed(name: str) -> str:
    return name


def each(values: list[int]) -> list[float]:
    return list(map(jitter, values))


def heaviest(values: list[int]) -> int:
    return max(values, key=weigh)


def named(values: list[str]) -> dict[str, str]:
    names: dict[str, str] = defaultdict(fresh)
    return {value: names[value] for value in values}


def watch(task: "asyncio.Task[str]") -> None:
    task.add_done_callback(report)


def closing(stack: contextlib.ExitStack) -> None:
    stack.callback(close, "loom")


def bound(name: str) -> str:
    make = functools.partial(stamp, "w-")
    return make(name)


def turn(side: str, value: int) -> int:
    return TURNS[side](value)


def built(value: int) -> int:
    class Frame:
        width = random.choice([1, 2])  # expect: DUR111

        def height(self) -> int:
            return random.choice([3, 4])

    return Frame.width + value


def lambdas(values: list[int]) -> list[int]:
    pick = lambda value: value + random.randint(0, 1)  # expect: DUR111
    return [pick(value) for value in values]
