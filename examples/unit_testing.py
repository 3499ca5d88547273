"""Durable code that is easy to test, and how: see tests/examples/test_unit_testing.py.

Decorated functions stay ordinary ones: an activity can be awaited in a test as it is, and so can a
small orchestrator. What is durable about them is tested in an environment whose time is moved by
the test, with activities replaced, and crashes at will.
"""

import asyncio
from datetime import timedelta

import durable_async as da


class OutOfReachError(Exception):
    """The service did not answer."""


@da.activity(retry=da.RetryPolicy(max_attempts=4, initial_interval=30))
async def fetch_balance(customer: str) -> int:
    raise OutOfReachError(f"no service for {customer} here: tests replace this")


@da.activity
async def send_reminder(customer: str, cents: int) -> str:
    return f"reminded {customer} of {cents / 100:.2f}"


def is_worth_a_stamp(cents: int) -> bool:
    return cents >= 5_00


@da.orchestrator
async def dun(customer: str, patience: timedelta = timedelta(days=14)) -> list[str]:
    """Remind a customer of what they owe, every two weeks, three times at most."""
    sent: list[str] = []
    for _ in range(3):
        owed = await fetch_balance(customer)
        if not is_worth_a_stamp(owed):
            break
        sent.append(await send_reminder(customer, owed))
        await asyncio.sleep(patience.total_seconds())
    return sent


async def main() -> None:
    from durable_async import testing

    async with testing.environment([dun, fetch_balance, send_reminder]) as env:
        balances = iter([40_00, 12_00, 0])

        async def balance(customer: str) -> int:
            return next(balances)

        env.replace(fetch_balance, balance)
        handle = await env.client.start(dun("Ada"))
        began = env.now()
        print(await handle.result())
        print("after", (env.now() - began).days, "days")


if __name__ == "__main__":
    asyncio.run(main())
