"""What clients and operators do to an instance until it has ended. Invariant: all of it may be done
again from the beginning by another process, whatever the first one had done of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.faults.families import LAST, TICKS, TIMES, tick
from tests.faults.kinds import kind_of
from tests.faults.ledger import Raised, Record
from tests.faults.orchestrations import LETTERS, mark_of_mending

import durable_async as da


class Operator:
    """folder: where is noted what was mended. acknowledged: told of what the store has taken.
    raised: letters that are known to have arrived, by instance."""

    def __init__(
        self,
        client: da.Client,
        folder: Path,
        acknowledged: Callable[[Record], None] = lambda record: None,
        raised: dict[str, int] | None = None,
    ) -> None:
        self._client = client
        self._folder = folder
        self._acknowledged = acknowledged
        self._raised = raised or {}

    async def see_through(self, handle: da.Handle[Any]) -> Any:
        """Do what this kind of instance needs done; its result, in JSON types."""
        match kind_of(handle.id):
            case "letters" | "generations":
                await self._send_letters(handle)
            case "questions":
                await self._ask(handle)
            case "cancelled":
                return await self._cancel(handle)
            case "mended":
                return await self._mend(handle)
            case "paused":
                await self._pause(handle)
            case "ticks":
                return await self._schedule(handle)
            case _:
                pass  # it needs nobody
        return await handle.result()

    async def _send_letters(self, handle: da.Handle[Any]) -> None:
        for letter in range(self._raised.get(handle.id, 0), LETTERS):
            try:
                await handle.raise_event("letter", letter, key=str(letter))
            except da.InstanceFinishedError:
                # It was sent before, and the process was killed before it knew.
                return
            self._acknowledged(Raised(handle.id, letter))

    async def _ask(self, handle: da.Handle[Any]) -> None:
        with suppress(da.InstanceFinishedError):  # it has heard the last question before
            for number in range(LAST + 1):
                answer = await handle.ask("double", number, int)
                if answer != 2 * number:
                    raise AssertionError(f"{handle.id} answers {answer} to {number}")

    async def _cancel(self, handle: da.Handle[Any]) -> list[str]:
        with suppress(da.InstanceFinishedError):
            while (await handle.state()).status is da.RuntimeStatus.PENDING:
                await self._client.count()  # its code is to run first
            await handle.cancel("not wanted")
        state = await handle.wait()
        return [state.status, *(state.custom_status or ())]

    async def _mend(self, handle: da.Handle[Any]) -> Any:
        while True:
            try:
                return await handle.result()
            except LookupError:
                mark_of_mending(self._folder, handle.id).touch()
                with suppress(da.InvalidStateError):
                    await handle.rewind("mended")

    async def _pause(self, handle: da.Handle[Any]) -> None:
        with suppress(da.InstanceFinishedError):
            for _ in range(TIMES):
                await handle.suspend("a break")
                await handle.resume()

    async def _schedule(self, handle: da.Handle[Any]) -> Any:
        name = f"schedule-of-{handle.id}"
        if not (await handle.state()).status.has_ended:
            with suppress(da.InstanceAlreadyExistsError):
                await self._client.schedules.create(
                    name, tick(handle.id), every=3_600, overlap="allow"
                )
            for _ in range(TICKS):
                await self._client.schedules.trigger(name)
        result = await handle.result()
        with suppress(da.InstanceNotFoundError):
            await self._client.schedules.delete(name)
        return result
