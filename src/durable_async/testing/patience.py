"""Waiting, in a test environment. Invariant: whoever waits for the end of an instance, or for its
answer, hears of it when there can be none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from durable_async.model.work import Answer, InstanceEnd, InstanceRecord
from durable_async.ports import Engine
from durable_async.testing.looping import LoopTurns
from durable_async.testing.waits import Waits

__all__ = ["PatientTurns"]

T = TypeVar("T")


class PatientTurns(LoopTurns):
    """Turns of an environment. check: raises what stands in an instance's way from the start."""

    def __init__(
        self,
        engine: Engine,
        waits: Waits,
        check: Callable[[InstanceRecord], None],
        *,
        after_turn: Callable[[], None],
        at_rest: Callable[[], None],
    ) -> None:
        super().__init__(engine, after_turn=after_turn, at_rest=at_rest)
        self._waits = waits
        self._check = check

    async def ended(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceRecord:
        record = await self._checked(instance_id)
        if record.status.has_ended:
            return record
        return await self._unless_stuck(instance_id, super().ended(instance_id))

    async def end(
        self, instance_id: str, *, stuck: Callable[[InstanceRecord], None] | None = None
    ) -> InstanceEnd:
        record = await self._checked(instance_id)
        if record.status.has_ended:
            return InstanceEnd.of(record)
        return await self._unless_stuck(instance_id, super().end(instance_id))

    async def answered(self, instance_id: str, request_id: str) -> Answer:
        await self._checked(instance_id)
        return await self._unless_stuck(instance_id, super().answered(instance_id, request_id))

    async def _checked(self, instance_id: str) -> InstanceRecord:
        record = await self.record(instance_id)
        if not record.status.has_ended:
            self._check(record)
        return record

    async def _unless_stuck(self, instance_id: str, coming: Coroutine[Any, Any, T]) -> T:
        with self._waits.waiting(instance_id) as problem:
            end = asyncio.ensure_future(coming)
            try:
                await asyncio.wait((end, problem), return_when=asyncio.FIRST_COMPLETED)
                if not end.done():
                    problem.result()  # raises why there can be no end
                return await end
            finally:
                end.cancel()
