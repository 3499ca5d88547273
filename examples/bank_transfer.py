"""Money from one account to another, under a lock: nobody ever sees it in neither or in both.

`da.lock` holds several entities at once. It takes them in one order everywhere, so that transfers
to and fro cannot wait for each other; and it lets go of them on every way out.
"""

import asyncio
import os

import attrs

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.entity
@attrs.define
class Account:
    cents: int = 0

    def deposit(self, cents: int) -> None:
        self.cents += cents

    def withdraw(self, cents: int) -> None:
        self.cents -= cents

    def balance(self) -> int:
        return self.cents


@da.orchestrator
async def transfer(source: str, target: str, cents: int) -> bool:
    """Move money if there is enough of it."""
    payer, payee = da.entity_ref(Account, source), da.entity_ref(Account, target)
    async with da.lock(payer, payee):
        if await payer.call(Account.balance) < cents:
            return False
        await payer.call(Account.withdraw, cents)
        await payee.call(Account.deposit, cents)
    return True


async def main() -> None:
    names = ["ada", "bob", "eve"]
    async with da.Client(URL) as client, da.Worker(client, [transfer, Account]):
        for name in names:
            await client.signal_entity(da.entity_ref(Account, name), Account.deposit, 100_00)
        round_trips = [
            await client.start(transfer(names[n % 3], names[(n + 1) % 3], 70_00)) for n in range(30)
        ]
        done = [await handle.result() for handle in round_trips]
        print(f"{done.count(True)} transfers, {done.count(False)} for want of money")
        balances = [await client.read_entity(Account, name) for name in names]
        print("money in all:", sum(each.cents for each in balances if each) / 100)


if __name__ == "__main__":
    asyncio.run(main())
