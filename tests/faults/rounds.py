"""One process of a kill -9 test: a worker, and clients who start, tell and await instances.

Invariant: what was acknowledged stands in the ledger a moment later, and nothing else does.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final

from tests.faults.ledger import (
    Ended,
    Instances,
    Ledger,
    Missing,
    Raised,
    Record,
    Seen,
    Started,
    Starting,
    Stuck,
)
from tests.faults.orchestrations import KINDS, LETTERS, Work, call_for

import durable_async as da
from durable_async.model.history import ActivityCompleted, ActivityScheduled

LIVE: Final = 16
"""Instances that are kept going at one time."""

LAST_ROUND_SECONDS: Final = 60


class Round:
    """known: what the ledger said when the process began. tell_progress: called after each
    acknowledgement, and so after a commit."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        known: Instances,
        tell_progress: Callable[[], None],
    ) -> None:
        self._url = f"sqlite:///{folder / 'store.db'}"
        self._ledger = Ledger(folder / "ledger")
        self._name = name
        self._known = known
        self._tell_progress = tell_progress

    async def go_on(self) -> None:
        """Until somebody kills this process."""
        async with da.Client(self._url) as client:
            await self._look_at_all(client)
            async with da.Worker(client, self._functions()), asyncio.TaskGroup() as group:
                places = asyncio.Semaphore(LIVE)
                for instance in self._known.open:
                    await places.acquire()
                    group.create_task(self._see_through(client, instance, places))
                for number, kind in zip(count(), cycle(KINDS)):
                    await places.acquire()
                    instance = f"{kind}-{self._name}-{number}"
                    group.create_task(self._see_through(client, instance, places))

    async def finish(self) -> None:
        """Until all that was begun has ended."""
        async with da.Client(self._url) as client:
            await self._look_at_all(client)
            places = asyncio.Semaphore(LIVE)
            async with da.Worker(client, self._functions()):
                work = asyncio.gather(
                    *(
                        self._see_through_acquired(client, instance, places)
                        for instance in self._known.open
                    )
                )
                try:
                    await asyncio.wait_for(work, LAST_ROUND_SECONDS)
                except TimeoutError:
                    await self._name_the_stuck(client)

    def _functions(self) -> Sequence[Any]:
        return [*KINDS.values(), Work(self._ledger)]

    def _acknowledged(self, record: Record) -> None:
        self._ledger.write(record)
        self._tell_progress()

    # ---- one instance ------------------------------------------------------------------------

    async def _see_through_acquired(
        self, client: da.Client, instance: str, places: asyncio.Semaphore
    ) -> None:
        await places.acquire()
        await self._see_through(client, instance, places)

    async def _see_through(
        self, client: da.Client, instance: str, places: asyncio.Semaphore
    ) -> None:
        """From wherever it stands to its result."""
        if instance in self._known.started:
            handle = client.handle(instance)
        else:
            self._ledger.write(Starting(instance))
            handle = await client.start(call_for(instance), id=instance, if_exists="attach")
            self._acknowledged(Started(instance))
        if instance.startswith("letters"):
            await self._send_letters(handle)
        result = await handle.result()
        self._acknowledged(Ended(instance, result))
        places.release()

    async def _send_letters(self, handle: da.Handle[Any]) -> None:
        for letter in range(self._known.raised.get(handle.id, 0), LETTERS):
            try:
                await handle.raise_event("letter", letter, key=str(letter))
            except da.InstanceFinishedError:
                # It was sent before, and the process was killed before it knew.
                return
            self._acknowledged(Raised(handle.id, letter))

    # ---- what is there -----------------------------------------------------------------------

    async def _look_at_all(self, client: da.Client) -> None:
        await asyncio.gather(
            *(self._look_at(client.handle(instance)) for instance in self._known.open)
        )

    async def _look_at(self, handle: da.Handle[Any]) -> None:
        try:
            history = await handle.history()
        except da.InstanceNotFoundError:
            self._ledger.write(Missing(handle.id))
            return
        before = self._known.lengths.get(handle.id)
        self._ledger.write(
            Seen(
                handle.id,
                length=len(history),
                digest=digest_of(history),
                prefix=None if before is None else (before, digest_of(history[:before])),
                kept=tuple(labels_of_completed(history)),
            )
        )

    async def _name_the_stuck(self, client: da.Client) -> None:
        for instance in self._known.open:
            state = await client.handle(instance).state()
            if not state.status.has_ended:
                self._ledger.write(Stuck(instance, repr(state)))


def digest_of(history: Iterable[object]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for event in history:
        digest.update(repr(event).encode())
    return digest.hexdigest()


def labels_of_completed(history: Iterable[object]) -> Iterable[str]:
    """The first argument of each activity that has completed."""
    labels: dict[int, str] = {}
    for event in history:
        match event:
            case ActivityScheduled(number=number, input=input):
                labels[number] = json.loads(input.data)[0]
            case ActivityCompleted(number=number):
                yield labels[number]
