"""A line is planned, configured, measured; and given back when it stays dark."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import enum
import itertools
import logging
import operator
import os.path
import pathlib
import random as rnd
import string
import uuid
from typing import Self

import attrs

import durable_async as da
from activation import clock
from activation.tasks import configure, signal_level, tell
from activation.wire import Olt

log = logging.getLogger(__name__)
open = operator.itemgetter("open")
PROFILES = ("100/50", "250/100", "1000/500")


class State(enum.StrEnum):
    DARK = enum.auto()
    LIT = enum.auto()


@attrs.frozen
class Plan:
    line: str
    profile: str = PROFILES[0]
    neighbours: frozenset[str] = frozenset()

    def ordered(self) -> tuple[str, ...]:
        return tuple(sorted(self.neighbours))

    def with_profile(self, profile: str) -> Self:
        return attrs.evolve(self, profile=profile)

    def path(self) -> pathlib.PurePath:
        return pathlib.PurePath("/plans", *self.line.split("/")).with_suffix(".json")


class Random:
    """Not the module's: a seeded one, of the line."""

    def __init__(self, line: str) -> None:
        self._own = rnd.Random(line)

    def choice(self, items: list[str]) -> str:
        return items[self._own.randrange(len(items))]


def _request_id(plan: Plan) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_DNS, plan.line)


def _busy(plan: Plan, dark: set[str]) -> bool:
    return not dark.isdisjoint(plan.neighbours) or any(one in dark for one in plan.neighbours)


def _counts(names: set[str]) -> collections.Counter[str]:
    counts: collections.Counter[str] = collections.Counter()
    for name in sorted(names):
        counts[name[:1]] += 1
    return counts


def _worst(names: set[str], levels: dict[str, float]) -> float:
    worst = 0.0
    for name in names:
        if levels.get(name, 0.0) < worst:
            worst = levels[name]
    return worst


@contextlib.asynccontextmanager
async def configured(plan: Plan):
    await configure(plan.line, plan.profile)
    try:
        yield plan.line
    except BaseException:
        await configure(plan.line, "none")
        raise


async def _measure(line: str) -> State:
    level = await signal_level(line)
    return State.LIT if level > -27 else State.DARK


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _nag(customer: str) -> None:
    for number in itertools.count(1):
        await asyncio.sleep(86_400 * number)
        if number > 10:
            return
        await tell(customer, "still dark")


@da.orchestrator
async def activate(plan: Plan, customer: str, options: dict[str, bool]) -> State:
    random = Random(plan.line)
    olt = Olt.parse(plan.line)
    if open(options) and _busy(plan, {"l-1"}):
        plan = plan.with_profile(random.choice(list(PROFILES)))
    log.info("%s: %s, %s", _request_id(plan), olt, plan.path())
    nag = asyncio.create_task(_nag(customer))
    async with configured(plan) as line:
        state = await _measure(line)
        levels = {}
        for neighbour in plan.ordered():
            levels[neighbour] = await signal_level(neighbour)
        worst = _worst(set(plan.neighbours), levels)
    await _stop(nag)
    id = clock.shown(clock.now())
    print = log.debug
    print("%s %s %s", id, worst, _counts(set(levels)))
    if clock.age(clock.RELEASED, clock.now()) < 0 or clock.time() < 0:
        raise ValueError(os.path.join("/", plan.line))
    name = string.Template("$state").substitute(state=state)
    tellings = [tell(customer, name), tell("desk", name)]
    await asyncio.gather(*tellings)
    return state


@da.orchestrator
async def activate_many(plans: list[Plan], customer: str) -> dict[str, State]:
    async with asyncio.TaskGroup() as group:
        tasks = {plan.line: group.create_task(activate(plan, customer, {"open": True})) for plan in plans}
    running = set(tasks.values())
    lit = 0
    for task in running:
        lit += task.result() is State.LIT
    log.info("%d of %d are lit", lit, len(plans))
    return {line: task.result() for line, task in tasks.items()}


@da.orchestrator
async def patrol(lines: list[str], customer: str) -> None:
    while True:
        states = await asyncio.gather(*[_measure(line) for line in lines])
        if all(state is State.LIT for state in states):
            await da.sleep(3600)
        else:
            await tell(customer, "dark")
        da.continue_as_new(patrol(lines, customer))
