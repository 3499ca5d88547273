"""Proctored exams: timers, heartbeats and appeals, all durable."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import partial

import durable_async as da

log = logging.getLogger(__name__)


@da.activity
async def snapshot(exam: str, camera: int) -> bool:
    return random.random() > 0.01


class Room:
    """Shared by the tasks of one exam."""

    open = True

    def __init__(self, exam: str, random: random.Random) -> None:
        self.exam = exam
        self.random = random
        self.changed = asyncio.Condition()
        self.stop = asyncio.Event()
        self.inbox: asyncio.PriorityQueue[tuple[int, str]] = asyncio.PriorityQueue()

    async def camera(self, number: int) -> None:
        while not self.stop.is_set():
            if not await snapshot(self.exam, number):
                await self.inbox.put((number, "lost"))
            await asyncio.sleep(self.random.uniform(30, 90))

    async def supervisor(self) -> str:
        while True:
            number, problem = await self.inbox.get()
            if number == 0 or problem == "lost":
                self.stop.set()
                async with self.changed:
                    self.changed.notify_all()
                return problem

    def close(self, time: datetime) -> None:
        self.open = False
        log.info("%s closed at %s", self.exam, time)
        self.stop.set()


@contextlib.asynccontextmanager
async def supervised(room: Room) -> AsyncIterator[asyncio.Task[str]]:
    tasks = {asyncio.create_task(room.camera(number)) for number in range(1, 4)}
    supervisor = asyncio.create_task(room.supervisor())
    try:
        yield supervisor
    finally:
        for task in (supervisor, *tasks):
            task.cancel()
        await asyncio.wait(tasks)


async def first(*steps: Callable[[], Awaitable[str]]) -> str:
    pending = {asyncio.ensure_future(step()) for step in steps}
    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return next(iter(done)).result()


@da.orchestrator
async def proctored_exam(exam: str, minutes: int) -> str:
    room = Room(exam, da.random("cameras"))
    loop = asyncio.get_running_loop()
    handle = loop.call_at(loop.time() + minutes * 60, room.close, da.now())
    async with supervised(room) as supervisor:
        hand_in = asyncio.create_task(da.wait_for_event("hand_in", str))
        done, _ = await asyncio.wait({hand_in, supervisor}, return_when=asyncio.FIRST_COMPLETED)
    handle.cancel()
    return done.pop().result()


@da.orchestrator
async def appeal(exam: str) -> str:
    ask = partial(da.wait_for_event, "decision", str)
    decision = "expired"
    try:
        async with asyncio.timeout(14 * 86_400):
            decision = await first(ask, lambda: da.wait_for_event("withdrawn", str))
    except* TimeoutError as group:
        log.warning("%d open after two weeks", len(group.exceptions))
    return decision
