"""Runs operations of entities for their workflows. Invariant: all that comes of a batch is in the
result of the activity; a batch that is run again has left nothing behind.

One after the other, in a thread of their own, as a worker of a store runs them in its turn.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from durable_async.convert.values import CodecError, Converter
from durable_async.core.entity import run_operations
from durable_async.dsl.entities import EntityCode
from durable_async.dsl.operations import (
    OperationReporter,
    broken,
    failing,
    named,
    tell_of_failed_signals,
    unfit,
)
from durable_async.dsl.registry import Registry
from durable_async.engines.temporal.entities.batches import (
    RESULT_LIMIT,
    STATE_LIMIT,
    batch_result,
    read_batch,
)
from durable_async.engines.temporal.hosting import Supervise
from durable_async.errors import SerializationError
from durable_async.model.work import ClaimedEntity, EntityCommit

__all__ = ["Operations"]

_logger: Final = logging.getLogger("durable_async.worker")

_BEAT: Final = 2.0
"""Seconds between two signs of life to Temporal."""

_BATCH_TIME: Final = 0.1
"""Seconds after which the rest of a batch is left to another one."""

_CODEC_RETRY: Final = 30.0
_UNKNOWN_RETRY: Final = 10.0


class Operations:
    """Of one worker. supervise: runs code of users."""

    def __init__(self, registry: Registry, converter: Converter, supervise: Supervise) -> None:
        self._registry = registry
        self._unreadable: list[CodecError] = []  # in the batch that runs
        self._converter = converter.reporting(self._unreadable.append)
        self._supervise = supervise
        self._thread = ThreadPoolExecutor(1, "durable-entities")

    def close(self) -> None:
        """Does not wait for what lingers."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def definition(self) -> Callable[..., Any]:
        """What temporalio takes."""

        @activity.defn(dynamic=True)
        async def operate(args: Sequence[RawValue]) -> RawValue:
            return await self._operate(args)

        return operate

    async def _operate(self, args: Sequence[RawValue]) -> RawValue:
        loop = asyncio.get_running_loop()
        run = functools.partial(contextvars.copy_context().run, self._run, read_batch(args))
        running = loop.run_in_executor(self._thread, run)
        try:
            while not running.done():
                await asyncio.wait({running}, timeout=_BEAT)
                activity.heartbeat()
        except asyncio.CancelledError:
            running.add_done_callback(_heed)
            raise _once_more("its worker is shutting down and hands it back", 1.0) from None
        return running.result()

    # ---- in the thread -----------------------------------------------------------------------

    def _run(self, claimed: ClaimedEntity) -> RawValue:
        entity = claimed.lease.entity
        definition = self._registry.entity(entity.type)
        if definition is None:
            raise _once_more(f"no entity {entity.type!r} is in this worker", _UNKNOWN_RETRY)
        code = EntityCode(definition, self._converter)
        while True:
            commit = self._commit(code, claimed)
            if self._unreadable:
                # No fault of who called: what came of it is dropped, and it is tried again.
                error = self._unreadable[0]
                self._unreadable.clear()
                _logger.error("%s stands still: %s", named(entity), error)
                raise _once_more(f"its codec failed: {error}", _CODEC_RETRY)
            result = batch_result(commit)
            excess = _excess(commit, result)
            if excess is None:
                break
            count = len(commit.results)
            if count > 1:  # find the operation to blame
                first = claimed.operations[: count // 2]
                claimed = attrs.evolve(claimed, operations=first)
                continue
            _logger.error("%s: what an operation came to is refused: %s", named(entity), excess)
            name = claimed.operations[0].name
            refusal = unfit(name, SerializationError(excess))
            commit = failing(claimed, refusal, self._converter)
            result = batch_result(commit)
            break
        tell_of_failed_signals(claimed, commit, self._converter)
        return result

    def _commit(self, code: EntityCode, claimed: ClaimedEntity) -> EntityCommit:
        entity = claimed.lease.entity
        until = time.monotonic() + _BATCH_TIME
        try:
            return self._supervise(
                f"operations of entity {entity.type}",
                entity.key,
                functools.partial(
                    run_operations,
                    code,
                    claimed,
                    datetime.now(UTC),
                    os.urandom(16),
                    goes_on=lambda: time.monotonic() < until,
                    report=OperationReporter(entity),
                ),
            )
        except Exception as error:
            # Not the user's: what their code raises is the failure of an operation.
            _logger.exception("%s: an operation broke down", named(entity))
            return failing(claimed, broken(entity, error), self._converter)


def _excess(commit: EntityCommit, result: RawValue) -> str | None:
    """Why Temporal would not take it."""
    state = 0 if commit.state is None else len(commit.state.data)
    if state > STATE_LIMIT:
        return (
            f"the state of {named(commit.lease.entity)} would have {state:,} bytes, and on "
            f"Temporal it may have {STATE_LIMIT:,}. Keep less in one entity, or compress it by a "
            "codec"
        )
    if len(result.payload.data) > RESULT_LIMIT:
        return (
            f"state, results and messages would have {len(result.payload.data):,} bytes, and on "
            f"Temporal they may have {RESULT_LIMIT:,}. Let it give back less"
        )
    return None


def _once_more(why: str, after: float) -> ApplicationError:
    """For Temporal to hand it out again."""
    return ApplicationError(
        why, type="OperationsHandedBack", next_retry_delay=timedelta(seconds=after)
    )


def _heed(running: asyncio.Future[RawValue]) -> None:
    if not running.cancelled():
        running.exception()
