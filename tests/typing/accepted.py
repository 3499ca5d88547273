"""What type checkers infer for users, without a cast. Never run: mypy and pyright read it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, assert_type

import attrs

import durable_async as da


@da.activity(retry=da.RetryPolicy(max_attempts=3), timeout=timedelta(seconds=5))
async def charge(order_id: str, cents: int) -> str:
    return f"{order_id}/{cents}"


@da.activity
async def count_items(order_id: str) -> int:
    return len(order_id)


@da.activity
def resize(path: str, *, width: int = 100) -> bytes:
    return path.encode() * width


class Payments:
    def __init__(self, url: str) -> None:
        self.url = url

    @da.activity
    async def refund(self, order_id: str, cents: int) -> bool:
        return bool(self.url and order_id and cents)

    @da.activity(heartbeat_timeout=3)
    def export(self, day: datetime) -> list[str]:
        return [self.url, day.isoformat()]


@da.orchestrator
async def checkout(order_id: str, items: list[int]) -> list[str]:
    assert_type(await charge(order_id, 5), str)
    assert_type(await resize("a.png", width=5), bytes)
    assert_type(await Payments.refund(order_id, 5), bool)
    assert_type(await Payments.export(da.now()), list[str])
    assert_type(await charge.options(queue="slow", cancel="wait")(order_id, 5), str)

    one, two = await asyncio.gather(charge(order_id, 1), count_items(order_id))
    assert_type(one, str)
    assert_type(two, int)
    many = await asyncio.gather(*(charge(order_id, cents) for cents in items))
    assert_type(many, list[str])
    assert_type(await asyncio.wait_for(count_items(order_id), 5), int)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(charge(order_id, cents)) for cents in items]
    assert_type([task.result() for task in tasks], list[str])
    assert_type(await asyncio.create_task(count_items(order_id)), int)
    assert_type(await asyncio.shield(count_items(order_id)), int)

    assert_type(await da.wait_for_event("approved"), Any)
    assert_type(await da.wait_for_event("approved", bool), bool)
    assert_type(await da.wait_for_event("approved", int | None), int | None)
    assert_type(await da.wait_for_event("approved", list[dict[str, int]]), list[dict[str, int]])
    assert_type(da.events("line", str), AsyncIterator[str])
    async for line in da.events("line", str):
        assert_type(line, str)
        break
    assert_type(da.side_effect(len, items), int)
    assert_type(da.info().tags, dict[str, str])
    assert_type(await da.activity_named("score", float)(order_id), float)
    return many


@da.orchestrator(version="2")
async def ship(order_id: str, *, express: bool = False) -> int:
    return len(order_id) * express


remote = da.orchestrator_named("billing", dict[str, int] | None)


@da.orchestrator
async def family(order_id: str, other: da.InstanceRef[str]) -> None:
    assert_type(await ship(order_id, express=True), int)
    assert_type(await remote(order_id, 5), dict[str, int] | None)
    policy = da.RetryPolicy(max_attempts=3)
    slow = ship.options(id="s-1", version="3", retry=policy, queue="slow", tags={"a": "b"})
    assert_type(await slow(order_id, express=True), int)
    one, two = await asyncio.gather(ship(order_id), checkout(order_id, [1]))
    assert_type(one, int)
    assert_type(two, list[str])
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ship(order_id))
    assert_type(task.result(), int)
    assert_type(await asyncio.wait_for(asyncio.shield(ship(order_id)), 5), int)

    ref = await da.start(
        ship(order_id), id="s-2", start_at=da.now(), tags={"a": "b"}, if_exists="attach"
    )
    assert_type(ref, da.InstanceRef[int])
    assert_type(await ref.result(), int)
    assert_type(await other.result(), str)
    assert_type(da.InstanceRef("s-3", int | None), da.InstanceRef[int | None])
    assert_type(await da.InstanceRef("s-3").result(), Any)
    assert_type(ref.send_event("go", [1]), None)
    assert_type(ref.cancel("enough"), None)
    assert_type(
        await asyncio.create_task(da.start(remote())), da.InstanceRef[dict[str, int] | None]
    )
    da.send_event(ref.id, "go")

    async for request in da.requests("quote", int | None):
        assert_type(request, da.Request[int | None])
        assert_type(request.data, int | None)
        request.reply([request.data])
        request.reject("no")
    assert_type(da.requests("any"), AsyncIterator[da.Request[Any]])
    if da.patched("ship-2"):
        da.continue_as_new(family(order_id, other), events="drop")


def never_returns(order_id: str) -> int:
    da.continue_as_new(ship(order_id))


@da.orchestrator(name="nightly", version="2")
async def nightly() -> None:
    await da.sleep(timedelta(days=1))


async def main() -> None:
    async with da.Client("sqlite://") as client, da.Worker(client, [checkout, charge, nightly]):
        handle = await client.start(checkout("o-1", [1, 2]), id="o-1", if_exists="attach")
        assert_type(handle, da.Handle[list[str]])
        assert_type(await handle.result(), list[str])
        assert_type(await handle.result(timeout=5), list[str])
        assert_type(await handle.state(), da.InstanceState)
        assert_type(await (await client.start(nightly())).result(), None)
        assert_type(client.handle("o-1"), da.Handle[Any])
        assert_type(client.handle("o-1", list[str]), da.Handle[list[str]])
        async for state in client.list(status=da.RuntimeStatus.RUNNING):
            assert_type(state, da.InstanceState)


def script() -> None:
    assert_type(da.run(checkout("o-1", [1, 2])), list[str])
    assert_type(da.run(remote("o-1")), dict[str, int] | None)
    assert_type(resize.fn("a.png"), Any)


async def operators(client: da.Client, handle: da.Handle[str]) -> None:
    assert_type(client.handle("a"), da.Handle[Any])
    assert_type(client.handle("a", int), da.Handle[int])
    assert_type(client.handle("a", dict[str, int] | None), da.Handle[dict[str, int] | None])
    assert_type(await handle.ask("price"), Any)
    assert_type(await handle.ask("price", 5, timeout=2.5), Any)
    assert_type(await handle.ask("price", 5, int), int)
    assert_type(await handle.ask("price", result_type=int | None), int | None)
    assert_type(await handle.restart(), da.Handle[str])
    assert_type(await (await handle.restart("b")).result(), str)
    assert_type(await handle.purge(), int)
    assert_type(await client.purge(status=da.RuntimeStatus.FAILED), int)
    async for state in client.list(parent_id="a"):
        assert_type(state, da.InstanceState)


class Addable:
    def note(self, what: str) -> bool:
        return bool(what)


@da.entity
@attrs.define
class Counter(Addable):
    value: int = 0
    peer: da.EntityRef["Counter"] | None = None

    def add(self, amount: int, *, twice: bool = False) -> int:
        self.value += amount * (2 if twice else 1)
        return self.value

    async def slow_add(self, amount: int) -> float:
        return self.add(amount)

    def reset(self) -> None:
        da.delete_entity()


@da.entity(name="shop.Cart")
@attrs.define
class Cart:
    lines: tuple[str, ...] = ()


@da.orchestrator
async def counting(given: da.EntityRef[Counter]) -> None:
    ref = da.entity_ref(Counter, "c")
    assert_type(ref, da.EntityRef[Counter])
    assert_type(ref.key, str)
    assert_type(await ref.call(Counter.add, 5), int)
    assert_type(await ref.call(Counter.add, 5, twice=True), int)
    assert_type(await ref.call(Counter.slow_add, 5), float)
    assert_type(await ref.call(Counter.note, "a"), bool)
    assert_type(await ref.call(Addable.note, "a"), bool)
    assert_type(await given.call(Counter.reset), None)
    assert_type(ref.signal(Counter.add, 5, twice=True), None)
    assert_type(ref.signal(Counter.slow_add, 5), None)
    assert_type(ref.signal_at(da.now(), Counter.reset), None)
    one, two = await asyncio.gather(ref.call(Counter.add, 1), ref.call(Counter.slow_add, 1))
    assert_type(one, int)
    assert_type(two, float)
    assert_type(await asyncio.create_task(ref.call(Counter.add, 1)), int)
    assert_type(await asyncio.wait_for(ref.call(Counter.add, 1), 5), int)
    base: da.EntityRef[Addable] = ref
    assert_type(await base.call(Addable.note, "a"), bool)
    async with da.lock(ref, given, "a-name") as nothing:
        assert_type(nothing, None)
    async with asyncio.timeout(5), da.lock("a-name"):
        pass


async def entities(client: da.Client, worker_client: da.Client) -> None:
    assert_type(Counter().add(5), int)
    ref = da.entity_ref(Counter, "c")
    await client.signal_entity(ref, Counter.add, 5, twice=True)
    await client.signal_entity(ref, Counter.slow_add, 5)
    assert_type(await client.read_entity(Counter, "c"), Counter | None)
    async for counter, updated_at in client.list_entities(Counter, "c"):
        assert_type(counter, da.EntityRef[Counter])
        assert_type(updated_at, datetime)
    async for any_entity, _ in client.list_entities(key_prefix="c"):
        assert_type(any_entity, da.EntityRef[Any])
    async with da.Worker(worker_client, [counting, Counter, Cart]):
        pass
