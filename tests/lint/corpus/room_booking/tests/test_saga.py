import asyncio
import random
import time

import durable_async as da
from durable_async import testing

from booking import flows, partners
from booking.saga import Saga


async def test_undo_runs_backwards():
    seen = []

    async def undo(tag, result):
        seen.append((tag, result, time.monotonic()))

    try:
        async with Saga("t") as saga:
            await saga.step(asyncio.sleep(0, "a"), undo, 1)
            await saga.step(asyncio.sleep(random.random() / 100, "b"), undo, 2)
            raise RuntimeError
    except RuntimeError:
        pass
    assert [s[0] for s in seen] == [2, 1]


async def test_cancel(durable_env: da.Client):
    async with testing.environment([flows.cancel_booking, partners.refund]) as env:
        handle = await env.client.start(flows.cancel_booking("g", "p", []), id=f"c-{time.time()}")
        assert await handle.result()
