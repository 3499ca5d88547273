"""One process of a kill -9 test: a worker, and clients who start, tell and await instances.

Invariant: what was acknowledged stands in the ledger a moment later, and nothing else does.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final

from tests.faults.kinds import NAMES, call_for, descendants_of, functions, kind_of
from tests.faults.ledger import (
    Ended,
    Instances,
    Ledger,
    Missing,
    Record,
    Seen,
    Started,
    Starting,
    Stuck,
)
from tests.faults.operators import Operator

import durable_async as da
from durable_async.model.history import ActivityCompleted, ActivityScheduled

LIVE: Final = 16
"""Instances that are kept going at one time."""

LAST_ROUND_SECONDS: Final = 60

CUT: Final = ("generations", "mended")
"""Kinds whose history is not only added to."""


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
        self._folder = folder
        self._url = f"sqlite:///{folder / 'store.db'}"
        self._ledger = Ledger(folder / "ledger")
        self._name = name
        self._known = known
        self._tell_progress = tell_progress

    async def go_on(self) -> None:
        """Until somebody kills this process."""
        async with da.Client(self._url) as client:
            await self._look_at_all(client)
            async with da.Worker(client, functions(self._folder)), asyncio.TaskGroup() as group:
                places = asyncio.Semaphore(LIVE)
                for instance in self._known.open:
                    await places.acquire()
                    group.create_task(self._see_through(client, instance, places))
                for number, kind in zip(count(), cycle(NAMES)):
                    await places.acquire()
                    instance = f"{kind}-{self._name}-{number}"
                    group.create_task(self._see_through(client, instance, places))

    async def finish(self) -> None:
        """Until all that was begun has ended."""
        async with da.Client(self._url) as client:
            await self._look_at_all(client)
            places = asyncio.Semaphore(LIVE)
            async with da.Worker(client, functions(self._folder)):
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
        operator = Operator(client, self._folder, self._acknowledged, self._known.raised)
        result = await operator.see_through(handle)
        self._acknowledged(Ended(instance, result))
        places.release()

    # ---- what is there -----------------------------------------------------------------------

    async def _look_at_all(self, client: da.Client) -> None:
        await asyncio.gather(
            *(self._look_at(client, client.handle(instance)) for instance in self._known.open)
        )

    async def _look_at(self, client: da.Client, handle: da.Handle[Any]) -> None:
        try:
            history = await handle.history()
        except da.InstanceNotFoundError:
            self._ledger.write(Missing(handle.id))
            return
        labels = list(labels_of_completed(history))
        for each in descendants_of(handle.id):
            with suppress(da.InstanceNotFoundError):  # not begun
                labels += labels_of_completed(await client.handle(each).history())
        before = self._known.lengths.get(handle.id)
        if kind_of(handle.id) in CUT:
            before = None
        self._ledger.write(
            Seen(
                handle.id,
                length=len(history),
                digest=digest_of(history),
                prefix=None if before is None else (before, digest_of(history[:before])),
                kept=tuple(labels),
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
            case _:
                pass
