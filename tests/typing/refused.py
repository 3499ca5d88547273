"""What type checkers refuse, at the call. Never run: each line that must be refused says so, and a
checker that would accept one complains that the comment is not needed.
"""

import asyncio

import attrs

import durable_async as da


@da.activity
async def charge(order_id: str, cents: int) -> str:
    return f"{order_id}/{cents}"


@da.activity
def resize(path: str, *, width: int = 100) -> bytes:
    return path.encode() * width


class Payments:
    @da.activity
    async def refund(self, order_id: str) -> bool:
        return bool(order_id)


@da.orchestrator
async def checkout(order_id: str, items: list[int]) -> list[str]:
    await charge(order_id, "5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await charge(order_id)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await resize("a.png", height=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await Payments.refund(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wrong: int = await charge(order_id, 5)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    many: list[int] = await asyncio.gather(charge(order_id, 1), charge(order_id, 2))  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    sent: int = await da.wait_for_event("approved", bool | str)  # type: ignore[arg-type]  # pyright: ignore[reportAssignmentType]
    charge.options(cancel="later")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return [str(wrong), str(many), str(sent)]


@da.orchestrator
async def family(order_id: str, other: da.InstanceRef[str]) -> None:
    await checkout(order_id, ["1"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await checkout(order_id)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    checkout.options(timeout=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    checkout.options(version=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wrong: int = await checkout(order_id, [1])  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    text: str = await da.orchestrator_named("billing", int)()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    ref = await da.start(checkout(order_id, [1]), if_exists="skip")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    number: int = await ref.result()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    other.id = "s-1"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    await other.send_event("go")  # type: ignore[misc, func-returns-value]  # pyright: ignore[reportGeneralTypeIssues]
    async for request in da.requests("quote", int):
        data: str = request.data  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        request.reject()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        print(data, wrong, text, number)
    da.continue_as_new(checkout)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@da.orchestrator
async def going_on(order_id: str) -> None:
    da.continue_as_new(checkout(order_id, [1]), events="all")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@da.orchestrator  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def not_async(order_id: str) -> str:
    return order_id


async def main(client: da.Client) -> None:
    await client.start(checkout("o-1", ["1"]))  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    handle = await client.start(checkout("o-1", [1]))
    result: list[int] = await handle.result()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(result)


@da.entity
@attrs.define
class Counter:
    value: int = 0

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value


@da.entity
@attrs.define
class Cart:
    lines: tuple[str, ...] = ()

    def put(self, line: str) -> None:
        self.lines = (*self.lines, line)


@da.orchestrator
async def counting(carts: da.EntityRef[Cart]) -> None:
    ref = da.entity_ref(Counter, "c")
    await ref.call(Counter.add, "5")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await ref.call(Counter.add)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await ref.call(Cart.put, "tea")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    await ref.call("add", 5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    ref.signal(Counter.add, "5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ref.signal(Cart.put, "tea")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ref.signal_at(5, Counter.add, 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wrong: str = await ref.call(Counter.add, 5)  # type: ignore[call-overload]  # pyright: ignore[reportAssignmentType]
    other: da.EntityRef[Counter] = carts  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    da.entity_ref(Counter, 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async with da.lock(Counter):  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        print(wrong, other)


async def entities(client: da.Client) -> None:
    ref = da.entity_ref(Counter, "c")
    await client.signal_entity(ref, Counter.add, "5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.signal_entity(ref, Cart.put, "tea")  # type: ignore[misc]  # pyright: ignore[reportArgumentType]
    wrong: Cart | None = await client.read_entity(Counter, "c")  # type: ignore[arg-type]  # pyright: ignore[reportAssignmentType]
    print(wrong)
