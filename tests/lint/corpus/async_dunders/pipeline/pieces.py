"""Objects that are awaited, entered and iterated; and operators that are rarely thought of."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import UserDict
from collections.abc import AsyncIterator, Generator


class Ticket:
    def __await__(self) -> Generator[None, None, float]:
        yield
        return time.time()  # expect: DUR101


class Lane:
    async def __aenter__(self) -> "Lane":
        self.key = uuid.uuid4().hex  # expect: DUR112
        return self

    async def __aexit__(self, *details: object) -> None:
        await asyncio.sleep(random.random())  # expect: DUR111


class Batches:
    def __aiter__(self) -> "Batches":
        self.began = time.monotonic()  # expect: DUR101
        return self

    async def __anext__(self) -> int:
        if random.random() < 0.1:  # expect: DUR111
            raise StopAsyncIteration
        return 1


class Cargo(UserDict[str, int]):
    def __missing__(self, key: str) -> int:
        return random.randint(1, 9)  # expect: DUR111

    def __delitem__(self, key: str) -> None:
        print("unloaded", key)  # expect: DUR143
        super().__delitem__(key)


class Load:
    def __init__(self, weight: int) -> None:
        self.weight = weight

    def __abs__(self) -> float:
        return time.perf_counter()  # expect: DUR101

    def __invert__(self) -> str:
        return open("/load").read()  # expect: DUR122

    def __matmul__(self, other: "Load") -> str:
        return str(uuid.uuid1())  # expect: DUR112

    def __ior__(self, other: int) -> "Load":
        time.sleep(other)  # expect: DUR102
        return self

    def __index__(self) -> int:
        return random.getrandbits(2)

    def __rshift__(self, other: int) -> "Load":
        return Load(self.weight >> other)

    def __setattr__(self, name: str, value: int) -> None:
        object.__setattr__(self, name, value)


async def produced(count: int) -> AsyncIterator[str]:
    for number in range(count):
        await asyncio.sleep(number)
        yield uuid.uuid4().hex  # expect: DUR112


async def never_iterated(count: int) -> AsyncIterator[str]:
    yield uuid.uuid4().hex
