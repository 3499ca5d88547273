"""Counts the audience."""

import asyncio

import durable_async as da

from . import counting


@da.activity
async def store(name: str, value: int) -> bool:
    return bool([name for name in {name, str(value)}])


@da.orchestrator
async def count_audience(words: list[str], numbers: set[int]) -> list[str]:
    audience = set(words)
    for name in counting.ordered(audience):
        await store(name, counting.size(audience))
    for number in numbers:
        await store("number", number)
    await asyncio.gather(*{store("a", 1), store("b", 2)})
    tasks = {asyncio.create_task(store(word, 1)) for word in counting.unique(words)}
    done, pending = await asyncio.wait(tasks)
    for task in done:
        await store("done", int(task.result()))
    for task in pending:
        task.cancel()
    names = counting.ordered_later(words) + counting.ordered_keys(audience) + counting.sorted_in_place(audience)
    names += counting.deduplicated(words) + counting.domains() + sorted(counting.lowered(audience))
    names += sorted(counting.merged(audience, {"x"})) + [counting.longest(audience)]
    sums = counting.total(numbers) + sum(counting.numbers_in_order(numbers)) + sum(counting.odd_list()) + counting.counted(audience)
    if counting.has_any(audience, "a") or counting.subset(audience, {"b"}):
        names.append(str(counting.frequencies("abc")))
    return [*names, str(sums)]
