"""A worker of accounts, to be killed: it writes a line for each operation that it runs.

Arguments: the URL of the store.
"""

import asyncio
import sys

import attrs

import durable_async as da


@da.entity
@attrs.define
class Account:
    cents: int = 0
    moves: int = 0

    def put(self, cents: int) -> None:
        print("put", flush=True)
        if self.cents + cents < 0:
            raise ValueError(f"only {self.cents} left")
        self.cents += cents
        self.moves += 1
        da.entity_ref(Journal, "all").signal(Journal.note)


@da.entity
@attrs.define
class Journal:
    notes: int = 0

    def note(self) -> None:
        self.notes += 1


@da.orchestrator
async def transfer(source: str, target: str, cents: int) -> bool:
    payer, payee = da.entity_ref(Account, source), da.entity_ref(Account, target)
    async with da.lock(payer, payee):
        try:
            await payer.call(Account.put, -cents)
        except ValueError:
            return False
        await payee.call(Account.put, cents)
    return True


async def main(url: str) -> None:
    async with da.Client(url) as client:
        await da.Worker(client, [transfer, Account, Journal]).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
