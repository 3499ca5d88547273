from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time

import redis.asyncio as redis

from modq.gateway import mute, notify_user


class Notifier:
    def __init__(self, channel: str) -> None:
        self.channel = channel

    async def tell(self, user: str, text: str) -> None:
        await notify_user(user, self.prefix() + text)

    def prefix(self) -> str:
        return f"[{self.channel}] "

    async def __aenter__(self) -> Notifier:
        return self

    async def __aexit__(self, *exc: object) -> bool:
        try:
            await self.tell("mods", "case closed")
        except BaseException:  # expect: DUR135
            return True
        return False


class ThrottledNotifier(Notifier):
    def __init__(self, channel: str, limits: redis.Redis) -> None:
        super().__init__(channel)
        self._limits = limits
        self._barrier = threading.Barrier(1)  # expect: DUR131

    async def tell(self, user: str, text: str) -> None:
        if await self._limits.incr(f"tell:{user}") > 10:  # expect: DUR121
            time.sleep(random.expovariate(2))  # expect: DUR102, DUR111
        self._barrier.wait()  # expect: DUR102
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):  # expect: DUR135
            await super().tell(user, text)


async def quiet(user: str, seconds: float) -> None:
    task = asyncio.ensure_future(mute(user, True))
    await asyncio.sleep(seconds)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    mute(user, False)  # expect: DUR133
