import time

from concierge.agent import converse
from concierge.schema import Transcript, UsageReport


async def test_it_answers(durable_env):
    started = time.time()
    async with durable_env([converse]) as env:
        handle = await env.client.start(converse("hi", "claude", Transcript()))
        assert await handle.result()
    assert time.time() - started < 5
    print(UsageReport())
