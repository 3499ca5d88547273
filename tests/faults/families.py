"""What runs while workers are killed, and asks things of others: children, generations, entities,
partners, clients and operators. Invariant: as for `orchestrations`, a result depends on the
instance's id alone; what operators do (see `operators`) may be done again by the next process.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any, Final

import attrs
from tests.faults.orchestrations import LETTERS, Work, step, surely

import durable_async as da

TIMES: Final = 3
LAST: Final = 2
TICKS: Final = 2


# ---- children and generations --------------------------------------------------------------


@da.orchestrator
async def relative(label: str, ends: bool) -> list[str]:
    done = [await step(f"{label}/one"), await step(f"{label}/two")]
    if not ends:
        raise LookupError(label)
    return done


@da.orchestrator
async def never(label: str) -> None:
    await da.wait_for_event(label)


@da.orchestrator
async def family(instance: str) -> list[Any]:
    """Children side by side, of which one ends, one fails, and one is given up."""

    async def child(name: str, ends: bool) -> list[str]:
        label = f"{instance}/{name}"
        try:
            return await relative.options(id=label)(label, ends)
        except LookupError as error:
            return [str(error)]

    async def give_up() -> str:
        label = f"{instance}/never"
        try:
            async with asyncio.timeout(0.01):
                await never.options(id=label)(label)
        except TimeoutError:
            return "given up"
        return "not reached"

    return list(await asyncio.gather(child("good", True), child("bad", False), give_up()))


@da.orchestrator
async def generations(instance: str, received: list[list[int | str]]) -> list[list[int | str]]:
    """Each letter is answered by an execution of its own."""
    letter = await da.wait_for_event("letter", int)
    answer = await step(f"{instance}/letter{len(received)}")
    received = [*received, [letter, answer]]
    if len(received) < LETTERS:
        da.continue_as_new(generations(instance, received))
    return received


# ---- entities ------------------------------------------------------------------------------


@da.entity
@attrs.define
class Account:
    entries: list[str] = attrs.Factory(list)

    def enter(self, entry: str) -> None:
        self.entries.append(entry)

    def take_out(self, owner: str) -> list[str]:
        """What was entered for one owner, which is forgotten then."""
        taken = [entry for entry in self.entries if entry.startswith(f"{owner}/")]
        self.entries = [entry for entry in self.entries if entry not in taken]
        return taken


POOL: Final = da.entity_ref(Account, "pool")


@da.orchestrator
async def bank(instance: str) -> list[list[str]]:
    """Entries under a lock over an account of its own and one that all share."""
    own = da.entity_ref(Account, instance)
    for number in range(TIMES):
        entry = f"{instance}/{number}"
        async with da.lock(own, POOL):
            await own.call(Account.enter, entry)
            await step(f"{entry}-paid")
            await POOL.call(Account.enter, entry)
        own.signal(Account.enter, f"{entry}-told")
    taken = [
        await own.call(Account.take_out, instance),
        await POOL.call(Account.take_out, instance),
    ]
    async with da.lock(own):
        return [*taken, await own.call(Account.take_out, instance)]


# ---- partners and clients ------------------------------------------------------------------


@da.orchestrator
async def partner(of: str) -> str:
    for number in range(TIMES):
        ball = await da.wait_for_event("ball", int)
        await step(f"{of}/back{number}")
        da.send_event(of, "ball", ball + 1)
    return "played"


@da.orchestrator
async def post(instance: str) -> list[int | str]:
    """Events to and fro between two instances, of which the other one is detached."""
    other = await da.start(partner(instance), id=f"{instance}/partner")
    balls: list[int | str] = [0]
    for number in range(TIMES):
        other.send_event("ball", 10 * number)
        balls.append(await da.wait_for_event("ball", int))
    return [*balls, await other.result()]


@da.orchestrator
async def questions(instance: str) -> list[str]:
    """Answers, until the last question has been asked."""
    async for request in da.requests("double", int):
        request.reply(2 * request.data)
        if request.data == LAST:
            break
    return [await step(f"{instance}/closed")]


# ---- operators -----------------------------------------------------------------------------


@da.orchestrator
async def cancelled(instance: str) -> None:
    """Takes back what it did, however often it is cancelled meanwhile."""

    async def undo(label: str) -> str:
        for attempt in count():
            try:
                return (await step(f"{label}~{attempt}")).partition("~")[0]
            except asyncio.CancelledError:
                continue
        raise AssertionError("count() does not end")

    done: list[str] = []
    try:
        done.append(await step(f"{instance}/do"))
        await da.wait_for_event("never")
    except asyncio.CancelledError:
        done.append(await undo(f"{instance}/undo"))
        da.set_custom_status(done[-1:])
        raise


@da.orchestrator
async def broken(label: str) -> list[str]:
    return [await step(f"{label}/one"), await surely(Work.work_once_mended, f"{label}/two")]


@da.orchestrator
async def mended(instance: str) -> list[str]:
    """Fails in a child until somebody mends what is broken, and rewinds."""
    first = await step(f"{instance}/first")
    return [first, *await broken.options(id=f"{instance}/child")(f"{instance}/child")]


@da.orchestrator
async def paused(instance: str) -> list[str]:
    """Is suspended and resumed while it works."""
    done = [await step(f"{instance}/{number}", 2) for number in range(TIMES)]
    await asyncio.gather(da.sleep(0.004), step(f"{instance}/beside"))
    return done


@da.orchestrator
async def tick(to: str) -> None:
    run = await step(da.info().instance_id)
    da.send_event(to, "tick", run)


@da.orchestrator
async def ticks(instance: str) -> int:
    """Hears of the runs of a schedule, each of which tells it once."""
    heard: list[str] = []
    while len(heard) < TICKS:
        heard.append(await da.wait_for_event("tick", str))
    return len(set(heard))


# ---- what is started -----------------------------------------------------------------------

FAMILIES: Final = (family, bank, post, questions, cancelled, mended, paused, ticks)
"""Started with their own id; `generations` takes what it has received, too."""

MEMBERS: Final = (generations, relative, never, Account, partner, broken, tick)
"""What these are made of."""

DESCENDANTS: Final = {
    "family": ("good", "bad", "never"),
    "post": ("partner",),
    "mended": ("child",),
}
"""Ids of those that an instance starts, behind its own and a slash."""


def expected_of_family(instance: str) -> Any:
    """As JSON would bring it back, with tuples for lists."""
    match instance.partition("-")[0]:
        case "family":
            good = tuple(f"{instance}/good/{name}" for name in ("one", "two"))
            return (good, (f"{instance}/bad",), "given up")
        case "generations":
            return tuple((number, f"{instance}/letter{number}") for number in range(LETTERS))
        case "bank":
            entries = [f"{instance}/{number}" for number in range(TIMES)]
            own = tuple(name for entry in entries for name in (entry, f"{entry}-told"))
            return (own, tuple(entries), ())
        case "post":
            return (0, *(10 * number + 1 for number in range(TIMES)), "played")
        case "questions":
            return (f"{instance}/closed",)
        case "cancelled":
            return ("CANCELLED", f"{instance}/undo")
        case "mended":
            return (f"{instance}/first", f"{instance}/child/one", f"{instance}/child/two")
        case "paused":
            return tuple(f"{instance}/{number}" for number in range(TIMES))
        case "ticks":
            return TICKS
        case kind:
            raise ValueError(kind)
