"""Weaves."""

import asyncio
import contextlib

import durable_async as da

from weaving import Bolt, measured, spool

from . import callbacks


@da.activity
async def weave(name: str) -> str:
    return repr(Bolt(name, 1))


@measured
def thread_count(name: str) -> int:
    return len(name)


@da.orchestrator
async def weave_bolts(names: list[str], side: str) -> str:
    first, second = Bolt(names[0], 1), Bolt(names[1], 2)
    both = first + second
    total = sum([first, second])
    if first == second or first < second:
        total += len(both)
    if both and "wool" in both:
        both[0] = both[1]
    lines = [str(both), f"{both:>8}", spool(names[0]), *map(str, both)]
    lines.append(str({first: 1}) if total > 99 else str(both.thickness + both.weight))
    task = asyncio.create_task(weave(names[0]))
    callbacks.watch(task)
    with contextlib.ExitStack() as stack:
        callbacks.closing(stack)
        lines.append(callbacks.dyed(names[0]) + callbacks.washed(names[1]) + callbacks.bound(names[0]))
    values = [thread_count(name) for name in names]
    lines += [str(value) for value in callbacks.each(values)]
    total += callbacks.heaviest(values) + callbacks.turn(side, 1) + callbacks.built(2) + sum(callbacks.lambdas(values))
    return await task + "".join(lines) + str(callbacks.named(names)) + str(total)
