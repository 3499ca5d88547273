import random
import time

import pytest
from durable_async import testing

import notify
from notify.preferences import Preferences, load_preferences


async def fake_preferences(user: str) -> Preferences:
    return Preferences(user, frozenset({random.choice(["sms", "push"])}))


@pytest.mark.durable(crash="every-commit")
async def test_broadcast_reaches_everyone():
    async with testing.environment([notify.broadcast, notify.notify_user, notify.deliver]) as env:
        env.replace(load_preferences, fake_preferences)
        started = time.perf_counter()
        handle = await env.client.start(notify.broadcast({"ann", "bob"}, "outage", {}), id=f"t-{time.time()}")
        assert await handle.result() == 2
        assert time.perf_counter() - started < 5


def test_renderer_is_pure():
    assert notify.VERSION
