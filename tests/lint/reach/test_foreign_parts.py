"""What a library's object holds is of that library; what it was given is whose it was before."""

from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

HEAD = """\
import asyncio
import contextlib

import acme
import aiorwlock
import anyio
import more_itertools
from acme import Adapter, Bag, Client, Pool, Table
from acme.models import Order

import durable_async as da


@da.activity
async def act(number: int) -> int: ...


class Step:
    async def run(self): ...


LOCK = aiorwlock.RWLock()
ADAPTER = Adapter(list[Step])


class Holder:
    def __init__(self):
        self.lock = aiorwlock.RWLock()


async def given(lock: aiorwlock.RWLock):
    async with lock.reader: ...


async def asked(order: Order):
    await order.task
    await order.tasks[0]
    for line in order.lines:
        await line.run()


@da.orchestrator
async def flow(data: bytes, numbers: list[int]) -> None:
    tasks = [asyncio.create_task(act(number)) for number in numbers]
"""


def _codes(analyse: Analyse, body: list[str]) -> list[str]:
    found = analyse(HEAD + "".join(f"    {line}\n" for line in body)).findings
    return [finding.code for finding in found]


@pytest.mark.parametrize(
    "body",
    [
        ["async with aiorwlock.RWLock().writer: ..."],
        ["lock = aiorwlock.RWLock()", "async with lock.writer: ..."],
        ["lock = aiorwlock.RWLock()", "held = lock.writer", "async with held: ..."],
        ["lock = aiorwlock.RWLock()", "await lock.writer"],
        ["async with LOCK.writer: ..."],
        ["async with Holder().lock.reader: ..."],
        ["await given(LOCK)"],
        ["async with acme.GLOBAL: ..."],
        ["async for row in Client().rows: ..."],
        ["client = Client()", "rows = [row async for row in client.rows]"],
        ["client = Client('a', timeout=3)", "await client.tables['a'].read()"],
        ["client = Client()", "for row in client.rows():", "    await row.load()"],
        ["client = Client()", "first, second = client.pair()", "await first.load()"],
        ["pool = acme.connect('a')", "await pool.parts[0]"],
        ["pool = acme.connect('a')", "async with pool['a']: ..."],
        ["pool = acme.connect('a')", "async for row in pool['a']['b']: ..."],
        ["pool = acme.connect('a')", "with pool.sync() as one:", "    await one.parts[0].go()"],
    ],
)
def test_what_a_library_holds_or_gives_is_the_librarys(analyse: Analyse, body: list[str]) -> None:
    assert _codes(analyse, body) == ["DUR132"]


@pytest.mark.parametrize(
    "body",
    [
        [
            "for few in more_itertools.chunked(tasks, 2):",
            "    for task in few:",
            "        await task",
        ],
        ["for one, other in more_itertools.pairwise(tasks):", "    await one"],
        ["bag = Bag(task=tasks[0])", "await bag.task"],
        ["bag = Bag()", "bag.task = tasks[0]", "await bag.task"],
        ["bag = acme.bag()", "bag.task = tasks[0]", "await bag.task"],
        ["bag = Bag()", "bag.event = asyncio.Event()", "await bag.event.wait()"],
        ["table = Table()", "table['a'] = Step()", "await table['a'].run()"],
        ["for step in Table([Step()]):", "    await step.run()"],
        ["for step in Adapter(list[Step]).read(data):", "    await step.run()"],
        ["for step in ADAPTER.read(data):", "    await step.run()"],
        ["for step in acme.read(data, list[Step]):", "    await step.run()"],
        ["handlers = acme.handlers()", "await handlers['a'](1)"],
        ["await asked(Order(3))"],
        ["await act(Order(3).lines[0].number)"],
        ["async with asyncio.timeout(Order(3).limit): ..."],
        ["send, receive = anyio.create_memory_object_stream(3)", "async with send, receive: ..."],
        ["async with anyio.CapacityLimiter(1), anyio.create_task_group(): ..."],
        ["async with contextlib.AsyncExitStack() as stack: ..."],
    ],
)
def test_what_a_library_was_given_is_not_the_librarys(analyse: Analyse, body: list[str]) -> None:
    assert _codes(analyse, body) == []
