import random
import time
import uuid

import pytest
from durable_async import testing

from chainkitchen.adapters.kitchen_activities import print_slip
from chainkitchen.application.fulfilment import hold_table, warm_up


@pytest.mark.asyncio
async def test_table_is_released():
    async with testing.environment([hold_table]) as env:
        handle = await env.client.start(hold_table("s-1", 4), id=str(uuid.uuid4()))
        time.sleep(0.01)
        await env.advance(901)
        assert await handle.result() is False


@pytest.mark.asyncio
async def test_warm_up_counts():
    async with testing.environment([warm_up, print_slip]) as env:
        stations = {random.choice("abc") for _ in range(3)}
        handle = await env.client.start(warm_up("s-1", stations))
        print_slip("s-1", "test page")  # expect: DUR133
        await env.advance(700)
        assert await handle.result() >= 0
