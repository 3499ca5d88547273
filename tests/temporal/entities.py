"""Entities for the tests; run as a program, a worker that is killed by one of their operations."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import attrs

import durable_async as da


@da.entity
@attrs.define
class Counter:
    count: int = 0
    seen: list[str] = attrs.field(factory=list)

    def add(self, number: int) -> int:
        self.count += number
        return self.count

    def note(self, text: str) -> None:
        self.seen.append(text)

    def fail(self, number: int) -> None:
        self.count += number
        da.entity_ref(Counter, "told").signal(Counter.add, 1)
        raise LookupError("no", number)

    def tell(self, key: str, number: int) -> None:
        da.entity_ref(Counter, key).signal(Counter.add, number)

    def send(self, instance_id: str) -> int:
        da.send_event(instance_id, "told", self.count)
        return self.count

    async def begin(self, id: str, number: int) -> None:
        await da.start(adds("begun", number), id=id)

    def reset(self) -> int:
        da.delete_entity()
        return self.count

    def grow(self, size: int) -> None:
        self.seen.append("x" * size)


@da.orchestrator
async def adds(key: str, number: int) -> int:
    return await da.entity_ref(Counter, key).call(Counter.add, number)


@da.entity
@attrs.define
class Fragile:
    """Kills its worker as long as a file is there to be taken away."""

    count: int = 0

    def crash(self, path: str) -> int:
        if Path(path).exists():
            Path(path).unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1
        return self.count

    def always(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def add(self) -> int:
        self.count += 1
        return self.count


@da.orchestrator
async def crashes(path: str) -> list[int]:
    ref = da.entity_ref(Fragile, "k")
    first = await ref.call(Fragile.add)
    return [first, await ref.call(Fragile.crash, path), await ref.call(Fragile.add)]


@da.orchestrator
async def crashes_always() -> list[object]:
    ref = da.entity_ref(Fragile, "k")
    calls = [ref.call(Fragile.add), ref.call(Fragile.always), ref.call(Fragile.add)]
    return [
        each if isinstance(each, int) else type(each).__name__
        for each in await asyncio.gather(*calls, return_exceptions=True)
    ]


async def work(url: str) -> None:
    from durable_async.engines.temporal.entities import entity

    # A worker that is gone is to be noticed soon, and nothing to be offered to it.
    entity.LIVENESS = timedelta(seconds=1)  # type: ignore[misc]
    async with da.Client(url) as client:
        await da.Worker(client, FUNCTIONS, cache=0, guard="off").run()


FUNCTIONS = (crashes, crashes_always, Fragile, Counter, adds)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
