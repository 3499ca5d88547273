"""Whoever waits for an answer of an instance. Invariant: they look where no worker is needed; a
worker is asked only for what is known to be there, or may have been missed.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from datetime import datetime
from typing import Final

import attrs
import msgspec
from temporalio.client import WorkflowExecutionDescription, WorkflowQueryFailedError
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode

from durable_async.engines import refusals
from durable_async.engines.temporal import signals
from durable_async.engines.temporal.connection import ANSWER, Connection
from durable_async.engines.temporal.payloads import document, from_wire
from durable_async.engines.temporal.reading.instances import InstanceReading
from durable_async.engines.temporal.reading.records import created_at
from durable_async.engines.temporal.requests import Json, KeptAnswer, answer_from, kept_answers
from durable_async.errors import StoreError
from durable_async.model.work import Answer

__all__ = ["Asker"]

_logger: Final = logging.getLogger("durable_async.engines")

_FIRST_LOOK: Final = 0.01
_SHARE: Final = 0.25
_LAST_LOOK: Final = 5.0
"""Seconds. The longer the answer has taken, the later it may be heard: by a quarter of that time,
and by no more than this."""

_DOUBT: Final = 0.5
"""Seconds after which an asker who sees nothing makes sure that the answer has not been given and
followed by so many others that it is not shown."""

_RUN: Final = "run_id"


class _Unanswered(enum.Enum):
    NONE = 1
    """It has none."""
    UNTOLD = 2
    """It may have one, and nobody tells now."""


@attrs.define
class Asker:
    """Waits for one answer."""

    connection: Connection
    reading: InstanceReading
    instance_id: str
    request_id: str
    _created_at: datetime | None = None
    _newest: int | None = None  # number of the newest answer that was shown, at the last look
    _waited: float = 0.0

    async def answer(self) -> Answer:
        """Raises: InstanceFinishedError if it ends, or has ended, without one; StoreError."""
        while True:
            described = await self.connection.describe(self.instance_id)
            found = await self._look(described)
            if isinstance(found, Answer):
                return found
            if found is _Unanswered.NONE:
                await self._refuse_ended(described)
            pause = min(max(_FIRST_LOOK, self._waited * _SHARE), _LAST_LOOK)
            await asyncio.sleep(pause)
            self._waited += pause

    async def _look(self, described: WorkflowExecutionDescription) -> Answer | _Unanswered:
        shown = kept_answers(described.raw_info.memo.fields)
        kept = shown.get(self.request_id)
        if kept is not None and kept.answer is not None:
            return kept.answer
        if kept is not None:
            return await self._ask_workers(kept.run_id, described.run_id)
        if not self._may_be_missed(shown, has_ended=described.close_time is not None):
            return _Unanswered.NONE
        found = await self._ask_workers(described.run_id)
        if found is _Unanswered.UNTOLD:
            self._newest = None
        return found

    def _may_be_missed(self, shown: dict[str, KeptAnswer], *, has_ended: bool) -> bool:
        """Whether it may have been answered since the last look, and not be shown any more."""
        numbers = [kept.number for kept in shown.values()]
        oldest, newest = min(numbers, default=0), max(numbers, default=-1)
        if self._newest is None and oldest > 0 and self._waited < _DOUBT and not has_ended:
            return False  # there is time: most answers are seen at once
        missed = oldest > 1 + (-1 if self._newest is None else self._newest)
        self._newest = newest
        return missed

    async def _ask_workers(self, *run_ids: str) -> Answer | _Unanswered:
        """One run after the other, and those that they name, until one has it."""
        to_ask, asked = list(run_ids), set[str]()
        while to_ask:
            run_id = to_ask.pop(0)
            if run_id in asked:
                continue
            asked.add(run_id)
            found = await self._ask_worker(run_id)
            if isinstance(found, str):
                to_ask.append(found)
            elif found is not _Unanswered.NONE:
                return found
        return _Unanswered.NONE

    async def _ask_worker(self, run_id: str) -> Answer | str | _Unanswered:
        """The run that has it, if that is another one."""
        answer: RawValue
        try:
            answer = await self.connection.handle(self.instance_id, run_id).query(
                signals.ANSWER,
                args=[document(self.request_id)],
                result_type=RawValue,
                rpc_timeout=ANSWER,
            )
        except WorkflowQueryFailedError as error:
            raise StoreError(
                f"the answer of instance {self.instance_id!r} cannot be read: {error}"
            ) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return _Unanswered.NONE  # that run has been deleted
            # No worker is there, or it cannot replay the instance at the moment.
            _logger.debug("nobody tells the answer of %r: %s", self.instance_id, error)
            return _Unanswered.UNTOLD
        read = msgspec.json.decode(from_wire(answer.payload).data, type=Json)
        if _RUN in read:
            return msgspec.json.decode(read[_RUN], type=str)
        return answer_from(read) or _Unanswered.NONE

    async def _refuse_ended(self, described: WorkflowExecutionDescription) -> None:
        began = created_at(described)
        if self._created_at is None:
            self._created_at = began
        is_another = self._created_at != began
        if is_another or described.close_time is not None:
            record = await self.reading.record(self.instance_id)
            if is_another or record.status.has_ended:
                raise refusals.not_answered(record, replaced=is_another)
