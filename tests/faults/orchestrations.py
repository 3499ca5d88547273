"""What runs while workers are killed. Invariant: a result depends on the instance's id alone, so
what a run without crashes gives is known without one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Final

from tests.faults.ledger import Ledger, Run

import durable_async as da

LETTERS: Final = 3
FAN: Final = 6
CALLS: Final = 4


class Work:
    """The activities. Each call has a label of its own, which the ledger gets before all else."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self._ledger = ledger
        self._folder = folder

    @da.activity
    async def step(self, label: str, milliseconds: int) -> str:
        self._tell(label)
        await asyncio.sleep(milliseconds / 1_000)
        return label

    @da.activity
    def step_in_a_thread(self, label: str) -> str:
        self._tell(label)
        return label

    @da.activity(retry=da.RetryPolicy(max_attempts=2, initial_interval=0.005))
    async def fail(self, label: str) -> str:
        self._tell(label)
        raise LookupError(label)

    @da.activity
    async def work_once_mended(self, label: str) -> str:
        self._tell(label)
        if not mark_of_mending(self._folder, label.partition("/")[0]).exists():
            raise LookupError(label)
        return label

    def _tell(self, label: str) -> None:
        info = da.activity_info()
        self._ledger.write(Run(info.instance_id, label, info.idempotency_key))


def mark_of_mending(folder: Path, instance: str) -> Path:
    """A file that is there once somebody has mended what an instance could not do."""
    return folder / f"{instance}.mended"


async def surely(call: Callable[[str], Any], label: str) -> str:
    """A call that was lost with its worker five times is made again, under another label.

    So that the result does not depend on how quick the machine is.
    """
    for number in count():
        try:
            result: str = await call(f"{label}#{number}")
        except da.WorkerLostError:
            continue
        return result.rpartition("#")[0]
    raise AssertionError("count() does not end")


async def step(label: str, milliseconds: int = 0) -> str:
    return await surely(lambda name: Work.step(name, milliseconds), label)


@da.orchestrator
async def branches(instance: str) -> list[list[str]]:
    """Two branches of the same calls, of which now one is ahead, now the other."""
    pace = random.Random(instance)
    paces = [[pace.randrange(8) for _ in range(CALLS)] for _ in range(2)]

    async def branch(name: str, paces: list[int]) -> list[str]:
        return [
            await step(f"{instance}/{name}{number}", milliseconds)
            for number, milliseconds in enumerate(paces)
        ]

    return list(await asyncio.gather(branch("a", paces[0]), branch("b", paces[1])))


@da.orchestrator
async def letters(instance: str) -> list[list[int | str]]:
    """Events from outside, each answered by an activity."""
    received: list[list[int | str]] = []
    for number in range(LETTERS):
        letter = await da.wait_for_event("letter", int)
        received.append([letter, await step(f"{instance}/letter{number}")])
    return received


@da.orchestrator
async def fan(instance: str) -> list[str]:
    """Timers and activities side by side, in threads too, and a timeout that is lost."""
    async with asyncio.timeout(3_600), asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(surely(Work.step_in_a_thread, f"{instance}/fan{number}"))
            for number in range(FAN)
        ]
        group.create_task(asyncio.sleep(0.01))
    return [task.result() for task in tasks]


@da.orchestrator
async def saga(instance: str) -> list[str]:
    """A failure after its retries, and what makes up for it."""
    done = [await step(f"{instance}/first", 2)]
    try:
        await surely(Work.fail, f"{instance}/fail")
    except LookupError as error:
        done.append(str(error).partition("#")[0])
    await da.sleep(0.003)
    done.append(await step(f"{instance}/undo"))
    return done


KINDS: Final[dict[str, da.Orchestrator[[str], Any]]] = {
    definition.name: definition for definition in (branches, letters, fan, saga)
}


def expected_result(instance: str) -> Any:
    """As JSON would bring it back, with tuples for lists."""
    match instance.partition("-")[0]:
        case "branches":
            return tuple(
                tuple(f"{instance}/{name}{number}" for number in range(CALLS)) for name in "ab"
            )
        case "letters":
            return tuple((number, f"{instance}/letter{number}") for number in range(LETTERS))
        case "fan":
            return tuple(f"{instance}/fan{number}" for number in range(FAN))
        case "saga":
            return (f"{instance}/first", f"{instance}/fail", f"{instance}/undo")
        case kind:
            raise ValueError(kind)
