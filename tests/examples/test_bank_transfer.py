"""Money under a lock, as examples/bank_transfer.py moves it."""

import random
from typing import Any

import pytest
from bank_transfer import Account, transfer

import durable_async as da
from durable_async import testing

NAMES = ("ada", "bob", "eve")


async def bank(env: testing.Environment) -> None:
    for name in NAMES:
        await env.client.signal_entity(da.entity_ref(Account, name), Account.deposit, 100)


async def balances(env: testing.Environment) -> list[int]:
    accounts = [await env.client.read_entity(Account, name) for name in NAMES]
    return [account.cents for account in accounts if account is not None]


async def test_money_moves_if_there_is_enough() -> None:
    async with testing.environment([transfer, Account]) as env:
        await bank(env)
        assert await (await env.client.start(transfer("ada", "bob", 70))).result() is True
        assert await (await env.client.start(transfer("ada", "bob", 70))).result() is False
        assert await balances(env) == [30, 170, 100]


@pytest.mark.parametrize(
    "settings",
    [{}, {"rebuild": True}, {"crash": "every-commit"}],
    ids=["kept", "rebuilt", "killed"],
)
async def test_transfers_to_and_fro_end_and_keep_the_money_together(
    settings: dict[str, Any],
) -> None:
    chance = random.Random(1)
    async with testing.environment([transfer, Account], **settings) as env:
        await bank(env)
        handles = []
        for _ in range(20):
            source, target = chance.sample(NAMES, 2)
            handles.append(await env.client.start(transfer(source, target, chance.randrange(90))))
        for handle in handles:
            await handle.result()
        found = await balances(env)
        assert sum(found) == 300
        assert min(found) >= 0


async def test_a_transfer_that_is_terminated_lets_go_of_its_lock() -> None:
    @da.orchestrator
    async def hold(name: str) -> None:
        async with da.lock(da.entity_ref(Account, name)):
            await da.wait_for_event("never")

    async with testing.environment([transfer, hold, Account]) as env:
        await bank(env)
        holder = await env.client.start(hold("ada"))
        await env.advance(0)
        waiting = await env.client.start(transfer("ada", "bob", 10))
        await env.advance(60)
        assert (await waiting.state()).pending[0].kind == "lock"
        await holder.terminate("the bank closes")
        assert await waiting.result() is True
