"""What the tests that kill, evict and replay run: a bit of everything."""

import asyncio
import os
import random
import sys
from pathlib import Path

import durable_async as da


def draw() -> int:
    return random.randrange(10**9)


@da.activity
async def step(number: int) -> int:
    return number * 10


@da.activity
def step_in_thread(number: int) -> int:
    return number * 100


@da.activity
async def fail(number: int) -> int:
    raise LookupError("no", number)


@da.orchestrator
async def below(number: int) -> int:
    await asyncio.sleep(0.01)
    return await step(number)


@da.orchestrator
async def everything(rounds: int) -> list[object]:
    """Comes to the same, whoever drops it when."""
    seen: list[object] = []
    for number in range(rounds):
        drawn = da.side_effect(draw)
        ident = da.uuid4()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(step(number)), group.create_task(step_in_thread(number))]
            child = group.create_task(below(number))
        seen.append([*[task.result() for task in tasks], child.result()])
        if da.patched(f"round-{number}"):
            try:
                await fail(number)
            except LookupError as error:
                seen.append(list(error.args))
        try:
            async with asyncio.timeout(0.02):
                await da.wait_for_event("never")
        except TimeoutError:
            seen.append("late")
        seen.append(await da.wait_for_event("go", int))
        da.set_custom_status(number)
        assert drawn == drawn
        seen.append([drawn, str(ident)])
    return seen


FUNCTIONS = (everything, below, step, step_in_thread, fail)


def told(seen: list[object]) -> list[object]:
    """Without what chance has brought."""
    return [each for place, each in enumerate(seen) if place % 5 != 4]


def expected(rounds: int) -> list[object]:
    result: list[object] = []
    for number in range(rounds):
        result += [[number * 10, number * 100, number * 10], ["no", number], "late", number]
    return result


@da.orchestrator
async def many_steps(count: int) -> int:
    total = 0
    for number in range(count):
        total += await step(number)
        if number % 10 == 0:
            da.set_custom_status(number)
    return total


# ---- a worker that is killed -----------------------------------------------------------------


@da.activity
async def write(folder: str, number: int) -> int:
    place = Path(folder) / f"{number}.txt"
    with place.open("a") as file:
        file.write(f"{os.getpid()}\n")
    if number == 3 and not (Path(folder) / "killed").exists():
        (Path(folder) / "killed").touch()
        os.kill(os.getpid(), 9)
    return number


@da.orchestrator
async def writes(folder: str, count: int) -> list[int]:
    drawn = da.side_effect(draw)
    numbers = [await write(folder, number) for number in range(count)]
    return [*numbers, drawn]


async def main(url: str) -> None:
    async with da.Client(url) as client:
        await da.Worker(client, [writes, write]).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
