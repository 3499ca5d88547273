"""Whole histories, in their stored form, as they were when their kinds of events were made.

Invariant: a history that stands in the file is never rewritten. `python -m tests.laws.histories`
adds what is new; one that is not made again today, or no longer replays, is an execution in flight
that would block.
"""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import attrs
from tests.unit.core.scripts import (
    Script,
    act,
    after,
    answer,
    answered,
    asked,
    call,
    child,
    detached,
    done,
    effect,
    event,
    failed,
    go_on,
    got,
    history_of,
    lock,
    refused,
    request,
    result_of,
    runtime,
    send,
    send_cancel,
    signal,
)

from durable_async.convert.records import decode_events, encode_events
from durable_async.model.history import (
    ActivityCancelled,
    CancelRequested,
    Delivered,
    HistoryEvent,
    TimerFired,
    TimerStarted,
)

__all__ = ["FILE", "SCRIPTS", "Scripted", "made", "recorded"]

FILE = Path(__file__).parent / "golden_histories_1.json"


@attrs.frozen
class Scripted:
    """script: an orchestrator. news: what it is woken with, each in an episode of its own."""

    script: Script
    news: tuple[Delivered, ...]


async def family() -> Any:
    async with asyncio.TaskGroup() as group:
        first = group.create_task(parent("ship"))
        second = group.create_task(parent("bill", id="bill-1"))
    return [first.result(), second.result()]


async def parent(name: str, **how: Any) -> Any:
    return await child(name, **how)


async def one_child_too_late() -> Any:
    try:
        async with asyncio.timeout(60):
            await child()
    except TimeoutError:
        return "too late"


async def a_child_fails() -> Any:
    try:
        await child()
    except Exception:
        await child("undo")
        raise


async def instances() -> Any:
    instance_id, there = detached()
    await there
    send(instance_id, "go")
    other = result_of(instance_id)
    await event("enough")
    other.cancel()
    send_cancel(instance_id)
    return await result_of("another")


async def questions() -> Any:
    for _ in range(2):
        request_id, _ = await request("price")
        answer(request_id, 5)
    return await event("price")


async def section() -> Any:
    number, granted = lock("a", "b")
    try:
        await granted
        value = await call("a", lock=number)
        signal("b", due=after(60))
        return value
    finally:
        runtime().release_lock(number)


async def sections_and_cancels() -> Any:
    tasks = [asyncio.create_task(section()), asyncio.create_task(parent("ship"))]
    tasks.append(asyncio.create_task(operation()))
    await event("enough")
    for task in reversed(tasks):
        task.cancel()
    await asyncio.wait(tasks)
    signal()


async def operation() -> Any:
    return await call("c", "slow")


async def patched() -> Any:
    await act(1)
    if runtime().patched("check"):
        await act(2, name="check")
    return [effect(lambda: 4), runtime().patched("check")]


async def cancelled() -> Any:
    try:
        await asyncio.gather(child(), act(1))
    finally:
        await child("undo")


async def cancelled_twice() -> Any:
    try:
        await act(1)
    finally:
        await asyncio.sleep(60)


async def goes_on() -> Any:
    async with asyncio.TaskGroup() as group:
        group.create_task(parent("ship"))
        await event("next")
        go_on("script", x=2)


async def fails_by_itself() -> Any:
    await child()
    raise ValueError("no such order")


async def waits_are_given_up() -> Any:
    tasks = [asyncio.create_task(wait) for wait in (event("never"), request("never"), patient())]
    await event("enough")
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return [task.cancelled() for task in tasks]


async def patient() -> Any:
    return await act(1, wait=True)


STOP = CancelRequested(reason="stop")

SCRIPTS: dict[str, Scripted] = {
    "family": Scripted(family, (answered(1, 2), answered(0, 1))),
    "one_child_too_late": Scripted(one_child_too_late, (TimerFired(number=0),)),
    "a_child_fails": Scripted(a_child_fails, (refused(0), answered(1))),
    "instances": Scripted(instances, (answered(0), got("enough", 1), answered(5, 6))),
    "questions": Scripted(
        questions, (got("price", 1), asked("price", 1, "r-1"), asked("price", 2, "r-2"))
    ),
    "section": Scripted(section, (answered(0), answered(1, 2))),
    "sections_and_cancels": Scripted(sections_and_cancels, (answered(1), got("enough", 1))),
    "waits_are_given_up": Scripted(
        waits_are_given_up, (got("enough", 1), ActivityCancelled(number=3))
    ),
    "patched": Scripted(patched, (done(0, 1), done(1, 2))),
    "cancelled": Scripted(cancelled, (STOP, answered(2))),
    "cancelled_twice": Scripted(cancelled_twice, (STOP, CancelRequested(reason="now"))),
    "goes_on": Scripted(goes_on, (got("other", 1), got("next", 2))),
    "fails_by_itself": Scripted(fails_by_itself, (answered(0),)),
    "fails_by_an_activity": Scripted(cancelled, (failed(1), answered(2))),
}


def made(scripted: Scripted) -> list[HistoryEvent]:
    """The history that is made of it today, without the lines of this file."""
    return [
        attrs.evolve(event, line="") if isinstance(event, TimerStarted) else event
        for event in history_of(scripted.script, *scripted.news)
    ]


def recorded() -> dict[str, list[HistoryEvent]]:
    stored: dict[str, str] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return {name: list(decode_events(base64.b64decode(text))) for name, text in stored.items()}


def main() -> None:
    stored = {
        name: base64.b64encode(encode_events(made(scripted))).decode()
        for name, scripted in SCRIPTS.items()
    }
    stored |= json.loads(FILE.read_text()) if FILE.exists() else {}
    FILE.write_text(json.dumps(dict(sorted(stored.items())), indent=0) + "\n")


if __name__ == "__main__":
    main()
