from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Backoff:
    first: float = 1.0
    factor: float = 2.0
    most: float = 60.0
    rng: random.Random = field(default_factory=random.Random)  # expect: DUR111

    def delays(self, attempts: int):
        delay = self.first
        for _ in range(attempts):
            yield delay * (0.5 + self.rng.random())
            delay = min(delay * self.factor, self.most)


async def poll(
    probe: Callable[[], Awaitable[T]],
    until: Callable[[T], bool],
    *,
    every: float = 2.0,
    attempts: int | None = None,
) -> T:
    """Asks until the answer will do. Without ``attempts`` it asks for as long as it takes."""
    count = 0
    while True:
        answer = await probe()
        if until(answer):
            return answer
        count += 1
        if attempts is not None and count >= attempts:
            raise TimeoutError(f"no good answer in {attempts} attempts")
        await asyncio.sleep(every)


async def patient(call: Callable[[], Awaitable[T]], backoff: Backoff, attempts: int = 4) -> T:
    for delay in backoff.delays(attempts):
        try:
            return await call()
        except ConnectionError:
            await asyncio.sleep(delay)
    return await call()
