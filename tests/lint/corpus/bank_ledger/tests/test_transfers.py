"""Plain unit tests; nothing here is reached by a flow."""

import random
import time
import uuid

import pytest
from durable_async import testing
from ledger.activities import alert
from ledger.transfers import settle_batch


@pytest.mark.parametrize("size", [1, 5])
async def test_settles(size: int) -> None:
    names = {str(uuid.uuid4()) for _ in range(size)}
    begin = time.monotonic()
    async with testing.environment([settle_batch, alert]) as env:
        handle = await env.client.start(settle_batch(list(names)))
        assert len(await handle.result()) == 2 * size
    assert time.monotonic() - begin < random.uniform(5, 6)
