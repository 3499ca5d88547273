"""A construct as ordinary asyncio code: what is right by definition.

Invariant: nothing of durable_async is imported here.
"""

import asyncio
import contextvars
from typing import Any

import attrs
from tests.loop.steps import Construct, Declined, Scripted
from tests.loop.virtual import VirtualLoop

__all__ = ["EVENT_RANK", "WORK_RANK", "Told", "run_plain"]

# Of what comes from outside at one moment, events come before results, and both before timers.
EVENT_RANK, WORK_RANK = 0, 1


@attrs.frozen
class Told:
    """What a run tells: its result, and the order in which it came about."""

    result: Any
    trace: list[Any]


class PlainSteps:
    """Activities that take virtual time, and end one after another in order of issue."""

    def __init__(self, loop: VirtualLoop, events: tuple[Scripted, ...]) -> None:
        self._loop = loop
        self._buffers: dict[str, list[Any]] = {}
        self._waiters: dict[str, list[asyncio.Future[Any]]] = {}
        self.trace: list[Any] = []
        for event in events:
            loop.arrive(event.at, EVENT_RANK, lambda event=event: self._raise(event))

    def _raise(self, event: Scripted) -> None:
        self._buffers.setdefault(event.name, []).append(event.data)
        self._hand_out(event.name)

    def _hand_out(self, name: str) -> None:
        waiters, buffer = self._waiters.get(name, []), self._buffers.get(name, [])
        while waiters and buffer:
            waiter = waiters.pop(0)
            if not waiter.done():
                waiter.set_result(buffer.pop(0))

    async def act(self, x: int, *, takes: float = 0.0, fails: bool = False) -> int:
        reply: asyncio.Future[int] = self._loop.create_future()

        def finish() -> None:
            if reply.done():
                return
            if fails:
                reply.set_exception(Declined(x))
            else:
                reply.set_result(x + 1)

        self._loop.arrive(self._loop.time() + takes, WORK_RANK, finish)
        return await reply

    async def child(self, x: int, *, takes: float = 0.0, fails: bool = False) -> int:
        return await self.act(x, takes=takes, fails=fails)

    async def call(self, x: int, *, takes: float = 0.0, fails: bool = False) -> int:
        return await self.act(x, takes=takes, fails=fails)

    async def event(self, name: str) -> Any:
        waiter: asyncio.Future[Any] = self._loop.create_future()
        self._waiters.setdefault(name, []).append(waiter)
        self._hand_out(name)
        return await waiter

    def note(self, *what: Any) -> None:
        self.trace.append(list(what))

    def now(self) -> float:
        return round(self._loop.time(), 3)


def run_plain(construct: Construct, *, seed: int = 0) -> Told:
    """Run it under asyncio's own rules, in no time. seed: the order of tasks in sets."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed)) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        steps = PlainSteps(loop, construct.mark.events)
        # An empty context, as an orchestrator has.
        result = runner.run(construct.run(steps), context=contextvars.Context())
    return Told(result, steps.trace)
