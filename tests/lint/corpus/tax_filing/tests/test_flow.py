import random
import time

from durable_async import testing

from taxfiling import flow, tasks


async def test_file_return():
    async with testing.environment([flow.file_return, tasks]) as env:
        handle = await env.client.start(flow.file_return({"tin": str(random.random()), "email": "a@b"}, 2023))
        await handle.raise_event("signed", "J. Doe")
        time.sleep(0.01)
        assert (await handle.result())["status"]


async def test_notify_is_plain():
    tasks.notify("a@b", "hello")  # expect: DUR133
    assert await tasks.compare([], []) == {"changed": False}
