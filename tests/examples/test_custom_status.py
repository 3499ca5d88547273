"""Custom status, as examples/custom_status.py sets it."""

from typing import Any

from custom_status import copy_table, migrate

import durable_async as da
from durable_async import testing


async def test_the_status_seen_from_outside_is_that_of_the_table_being_copied() -> None:
    seen: list[Any] = []
    async with testing.environment([migrate, copy_table]) as env:

        async def look_while_copying(table: str) -> int:
            seen.append((await env.client.handle("migration").state()).custom_status)
            return 1

        env.replace(copy_table, look_while_copying)
        handle = await env.client.start(migrate(["customers", "orders"]), id="migration")
        assert await handle.result() == 2
    assert seen == [
        {"done": 0, "of": 2, "doing": "customers"},
        {"done": 1, "of": 2, "doing": "orders"},
    ]


async def test_at_the_end_the_status_is_cleared() -> None:
    async with testing.environment([migrate, copy_table]) as env:
        env.replace(copy_table, lambda _: 6_000)
        handle = await env.client.start(migrate(["orders"]))
        state = await handle.wait()
    assert state.status is da.RuntimeStatus.COMPLETED
    assert state.custom_status is None
    assert state.output == 6_000
