"""Entities: small pieces of state with a name, each doing one thing at a time.

An entity is a class whose fields are its state and whose methods are its operations. Whoever calls
it, from however many orchestrators at once: the operations run one after the other.
"""

import asyncio
import os

import attrs

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.entity
@attrs.define
class Counter:
    value: int = 0

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value

    def reset(self) -> None:
        da.delete_entity()


@da.orchestrator
async def visit(page: str) -> int:
    """Count a visit; the number of visits so far."""
    return await da.entity_ref(Counter, page).call(Counter.add, 1)


async def main() -> None:
    async with da.Client(URL) as client, da.Worker(client, [visit, Counter]):
        handles = [await client.start(visit("/home")) for _ in range(100)]
        numbers = [await handle.result() for handle in handles]
        print("each visitor has a number of its own:", sorted(numbers) == list(range(1, 101)))

        home = da.entity_ref(Counter, "/home")
        print("read from outside:", await client.read_entity(Counter, "/home"))
        await client.signal_entity(home, Counter.reset)
        while await client.read_entity(Counter, "/home") is not None:
            await asyncio.sleep(0.01)  # a signal is not waited for by itself
        print("and gone")


if __name__ == "__main__":
    asyncio.run(main())
