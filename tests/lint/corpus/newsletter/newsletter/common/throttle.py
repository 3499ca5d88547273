"""Mail providers count. So do we."""
from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType

from aiolimiter import AsyncLimiter


class Throttle:
    """``rate`` entries per ``per`` seconds, on the loop's own clock."""

    def __init__(self, rate: int, per: float = 1.0) -> None:
        self.rate, self.per = rate, per
        self._times: deque[float] = deque(maxlen=rate)
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> None:
        async with self._lock:
            loop = asyncio.get_running_loop()
            if len(self._times) == self.rate:
                wait = self._times[0] + self.per - loop.time()
                if wait > 0:
                    await asyncio.sleep(wait)
            self._times.append(loop.time())

    async def __aexit__(self, kind: type[BaseException] | None, err: BaseException | None, tb: TracebackType | None) -> None:
        return None


async def provider_slot(per_minute: int) -> None:
    limiter = AsyncLimiter(per_minute, 60)
    await limiter.acquire()  # expect: DUR132
