from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import weakref
from collections.abc import AsyncIterator

import curio

from gridtrade.activities import nominate


class Market:
    def __init__(self, day: str) -> None:
        self.day = day
        self.closed: dict[str, bool] = {}
        weakref.finalize(self, str, day)  # expect: DUR125

    def close_with(self, done: dict[str, bool]) -> None:
        self.closed |= done
        with tempfile.NamedTemporaryFile("w") as scratch:  # expect: DUR122
            scratch.write(str(done))


@contextlib.asynccontextmanager
async def market_session(day: str) -> AsyncIterator[Market]:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # expect: DUR125
    await curio.sleep(1)  # expect: DUR132
    nominate("session", day)  # expect: DUR133
    try:
        yield Market(day)
    finally:
        await curio.spawn(str, day)  # expect: DUR132


def cwd_session() -> Market:
    return Market(os.getcwd())
