"""A shopping cart as an entity: richer state, operations that refuse, a signal to another entity.

An operation that raises changes nothing: its state and whatever it sent are as before, its caller
gets the exception, and the next operation goes on. What the operations before it have done stays
done, and is for the orchestrator to undo.
"""

import asyncio
import os

import attrs

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


class OutOfStockError(Exception):
    """There is not enough of it."""


class CardDeclinedError(Exception):
    """The bank does not pay."""


@attrs.frozen
class Line:
    article: str
    count: int
    cents: int


@da.entity
@attrs.define
class Stock:
    left: int = 0

    def put(self, count: int) -> None:
        self.left += count

    def take(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"to take {count} makes no sense")
        if count > self.left:
            raise OutOfStockError(f"{self.left} left, {count} wanted")
        self.left -= count


@da.entity
@attrs.define
class Cart:
    lines: list[Line] = attrs.field(factory=list)

    def add(self, line: Line) -> None:
        self.lines.append(line)

    def total(self) -> int:
        """In cents."""
        return sum(line.count * line.cents for line in self.lines)

    def check_out(self) -> list[Line]:
        """Empty the cart, and give back what was in it."""
        lines, self.lines = self.lines, []
        return lines

    def give_back(self) -> None:
        """Put everything back on the shelves: signals that are sent if this operation succeeds."""
        for line in self.check_out():
            da.entity_ref(Stock, line.article).signal(Stock.put, line.count)


@da.activity
async def pay(customer: str, cents: int) -> None:
    if cents > 100_00:
        raise CardDeclinedError(f"{customer} cannot pay {cents / 100:.2f}")


@da.orchestrator
async def shop(customer: str, wanted: list[Line]) -> int:
    """Take what there is of a list, and pay for it; what was paid, in cents.

    If anything fails, or it is cancelled, all is put back on the shelves.
    """
    cart = da.entity_ref(Cart, customer)
    try:
        for line in wanted:
            try:
                await da.entity_ref(Stock, line.article).call(Stock.take, line.count)
            except OutOfStockError:
                continue
            cart.signal(Cart.add, line)  # and not `await cart.call`: nothing can come in between
        total = await cart.call(Cart.total)
        await pay(customer, total)
    except BaseException:
        cart.signal(Cart.give_back)
        raise
    await cart.call(Cart.check_out)
    return total


async def main() -> None:
    wanted = [Line("tea", 2, 450), Line("cake", 5, 320), Line("milk", 1, 129)]
    async with da.Client(URL) as client, da.Worker(client, [shop, pay, Cart, Stock]):
        for article in ("tea", "milk", "gold"):
            await client.signal_entity(da.entity_ref(Stock, article), Stock.put, 3)
        handle = await client.start(shop("ada", wanted))
        print(f"paid {await handle.result() / 100:.2f}")
        handle = await client.start(shop("bob", [Line("gold", 1, 5_000_00)]))
        try:
            await handle.result()
        except CardDeclinedError as declined:
            print(declined)
        async for ref, _ in client.list_entities(Stock):
            print(ref.key, await client.read_entity(Stock, ref.key))


if __name__ == "__main__":
    asyncio.run(main())
