"""What runs while workers vanish at commit points, and needs nobody from outside: asyncio's and our
own constructs. Invariant: as for `orchestrations`, a result depends on the instance's id alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Final

import anyio
from tests.faults.families import Account, relative
from tests.faults.orchestrations import step

import durable_async as da


@da.orchestrator
async def pipeline(instance: str) -> list[str]:
    """Two workers on a queue, in the memory of the orchestrator."""
    queue: asyncio.Queue[int] = asyncio.Queue(maxsize=2)
    done: list[str] = []

    async def work() -> None:
        while True:
            number = await queue.get()
            done.append(await step(f"{instance}/{number}"))
            queue.task_done()

    workers = [asyncio.create_task(work()) for _ in range(2)]
    for number in range(5):
        await queue.put(number)
    await queue.join()
    for worker in workers:
        worker.cancel()
    return sorted(done)


@da.orchestrator
async def limited(instance: str) -> list[str]:
    """No more than two calls at one time."""
    places = asyncio.Semaphore(2)
    running = most = 0

    async def one(number: int) -> str:
        nonlocal running, most
        async with places:
            running += 1
            most = max(most, running)
            found = await step(f"{instance}/{number}")
            running -= 1
            return found

    found = await asyncio.gather(*(one(number) for number in range(5)))
    return [*found, f"{most} at most"]


@da.orchestrator
async def race(instance: str) -> list[str]:
    """The loser is cancelled, and what it had begun counts for nothing."""
    quick = asyncio.create_task(step(f"{instance}/quick"))
    slow = asyncio.create_task(asyncio.sleep(3_600, "slow"))
    done, pending = await asyncio.wait([slow, quick], return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return [task.result() for task in done] + [await step(f"{instance}/after")]


@da.orchestrator
async def compensations(instance: str) -> list[str]:
    """An exit stack is a saga."""
    undone: list[str] = []

    async def undo(label: str) -> None:
        undone.append(await step(label))

    try:
        async with AsyncExitStack() as stack:
            for number in range(3):
                await step(f"{instance}/do{number}")
                stack.push_async_callback(undo, f"{instance}/undo{number}")
            raise LookupError(instance)
    except LookupError:
        return undone


@da.orchestrator
async def chance(instance: str) -> bool:
    """What is drawn stays as it was drawn."""
    drawn = [da.side_effect(object_id), da.uuid4().hex, da.random().random(), da.now()]
    again = da.random("other")
    parts = [again.random() for _ in range(3)]
    await step(f"{instance}/{drawn[1]}")
    patched = da.patched("p")
    await da.sleep(1)
    await step(f"{instance}/{drawn[0]}")
    return patched and da.patched("p") and len(set(parts)) == 3


def object_id() -> int:
    """Another one each time."""
    return id(object())


@da.orchestrator
async def attempts(instance: str) -> list[str]:
    """A child that fails until its third attempt, each attempt another child."""
    retry = da.RetryPolicy(max_attempts=3, initial_interval=5)
    return await third_time.options(id=f"{instance}/child", retry=retry)(instance)


@da.orchestrator
async def third_time(of: str) -> list[str]:
    own = da.info().instance_id
    done = [await step(f"{of}/{own.rpartition('/')[2]}")]
    if not own.endswith("~3"):
        raise ConnectionError(own)
    return done


@da.orchestrator
async def generations_of_children(instance: str) -> list[list[str]]:
    """Three levels, two children each."""

    async def of(name: str) -> list[str]:
        return await middle.options(id=f"{instance}/{name}")(f"{instance}/{name}")

    return list(await asyncio.gather(of("a"), of("b")))


@da.orchestrator
async def middle(label: str) -> list[str]:
    first = await relative(f"{label}/x", True)
    return [*first, *await relative(f"{label}/y", True)]


@da.orchestrator
async def signals(instance: str) -> list[str]:
    """Signals to an entity, now and later, and calls between them."""
    ref = da.entity_ref(Account, instance)
    later = da.now().timestamp() + 60
    for number in range(3):
        ref.signal(Account.enter, f"{instance}/{number}")
    ref.signal_at(da.now().fromtimestamp(later, da.now().tzinfo), Account.enter, f"{instance}/at")
    before = await ref.call(Account.take_out, instance)
    await step(f"{instance}/step")
    await da.sleep(120)
    return [*before, "then", *await ref.call(Account.take_out, instance)]


@da.orchestrator
async def turns(instance: str) -> list[str]:
    """Several tasks, one lock by name, each with a call in flight inside of it."""
    order: list[str] = []

    async def one(number: int) -> None:
        async with da.lock(instance):
            order.append(await step(f"{instance}/{number}"))
            await da.sleep(1)
            order.append(f"{number} leaves")

    await asyncio.gather(*(one(number) for number in range(3)))
    return order


@da.orchestrator
async def scopes(instance: str) -> list[str]:
    """anyio's groups and scopes."""
    found: list[str] = []

    async def one(number: int) -> None:
        found.append(await step(f"{instance}/{number}"))

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(one, number)
    with anyio.move_on_after(5) as scope:
        try:
            await anyio.sleep(3_600)
        finally:
            with anyio.CancelScope(shield=True):
                found.append(await step(f"{instance}/clean-up"))
    return [*sorted(found), str(scope.cancelled_caught)]


@da.orchestrator
async def told(instance: str) -> list[str]:
    """Sends itself events, waits for some of them in vain, and leaves one behind."""
    for number in range(3):
        da.send_event(instance, "news", f"{number}")
    found = [await da.wait_for_event("news", str)]
    try:
        async with asyncio.timeout(10):
            await da.wait_for_event("olds")
    except TimeoutError:
        found.append(await step(f"{instance}/in-vain"))
    async for each in da.events("news", str):
        found.append(each)
        break
    return found


@da.orchestrator
async def background(instance: str) -> str:
    """Ends while a task of its own still cleans up, durably."""

    async def tidy() -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            await step(f"{instance}/tidied")

    task = asyncio.create_task(tidy())
    found = await step(f"{instance}/main")
    da.set_custom_status(task.get_name())
    return found


Expected = Callable[[str], Any]

CONSTRUCTS: Final[dict[str, tuple[da.Orchestrator[[str], Any], Expected]]] = {
    "pipeline": (pipeline, lambda own: [f"{own}/{number}" for number in range(5)]),
    "limited": (limited, lambda own: [*(f"{own}/{number}" for number in range(5)), "2 at most"]),
    "race": (race, lambda own: [f"{own}/quick", f"{own}/after"]),
    "compensations": (compensations, lambda own: [f"{own}/undo{number}" for number in (2, 1, 0)]),
    "chance": (chance, lambda own: True),
    "attempts": (attempts, lambda own: [f"{own}/child~3"]),
    "generations_of_children": (
        generations_of_children,
        lambda own: [
            [f"{own}/{name}/{leaf}/{part}" for leaf in "xy" for part in ("one", "two")]
            for name in "ab"
        ],
    ),
    "signals": (
        signals,
        lambda own: [*(f"{own}/{number}" for number in range(3)), "then", f"{own}/at"],
    ),
    "turns": (
        turns,
        lambda own: [each for n in range(3) for each in (f"{own}/{n}", f"{n} leaves")],
    ),
    "scopes": (
        scopes,
        lambda own: [*(f"{own}/{number}" for number in range(3)), f"{own}/clean-up", "True"],
    ),
    "told": (told, lambda own: ["0", f"{own}/in-vain", "1"]),
    "background": (background, lambda own: f"{own}/main"),
}
"""By name, with what each gives for an id."""

PARTS: Final = (third_time, middle)
"""What these are made of, beside what `families` are made of."""
