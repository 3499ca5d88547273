"""A batch of operations on one entity: what is stored and asked in, what is to be stored out.

Invariant: each operation sees the state as the ones before it left it, stored and read back; one
that fails leaves no trace but its failure, neither in the state nor in what it asked for.

An operation runs in one go. It has an event loop of its own, so that asyncio's plumbing works; when
that loop has nothing left to run and the operation has not ended, it waits, and so it fails.
"""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn, TypeVar, cast

import attrs

from durable_async.core.clock import ExecutionClock
from durable_async.core.eviction import unwind
from durable_async.core.handles import TimerHandle
from durable_async.core.loop import OrchestratorLoop
from durable_async.errors import NotDurableError
from durable_async.model.creation import CreateInstance, IfExists
from durable_async.model.identity import EntityId
from durable_async.model.payload import Payload
from durable_async.model.work import (
    ClaimedEntity,
    EntityCommit,
    Operation,
    OperationResult,
    RaiseEvent,
    SendSignal,
)
from durable_async.ports import EntityCode

__all__ = ["Report", "run_operations"]

T = TypeVar("T")

Report = Callable[[Operation, str, BaseException | None], None]
"""Told of problems that nobody awaits: in which operation, what happened, the exception if any."""


def _ignore(operation: Operation, message: str, error: BaseException | None) -> None:
    """Nobody wants the reports."""


def _for_ever() -> bool:
    return True


def run_operations(
    code: EntityCode,
    claimed: ClaimedEntity,
    now: datetime,
    seed: bytes,
    *,
    goes_on: Callable[[], bool] = _for_ever,
    report: Report = _ignore,
) -> EntityCommit:
    """Run the operations of `claimed`, in order; at least the first.

    now: the engine's clock, UTC. seed: bytes that no other batch has. goes_on: asked after each
    operation; False leaves the others for another batch. What the entity's own code raises is the
    failure of that operation, whatever it is, SystemExit included.
    """
    state = claimed.state
    results: list[OperationResult] = []
    for operation in claimed.operations:
        run = _Run(claimed.lease.entity, operation, now, seed, report)
        state, result = run.perform(code, state)
        results.append(result)
        if not goes_on():
            break
    return EntityCommit(lease=claimed.lease, state=state, results=tuple(results))


@attrs.frozen
class _Done:
    result: Payload
    state: Payload | None


class _Run:
    """One operation while it runs: the `EntityRuntime` that the user's code finds on the loop, and
    the `Timers` of that loop."""

    def __init__(
        self, entity: EntityId, operation: Operation, now: datetime, seed: bytes, report: Report
    ) -> None:
        self._entity = entity
        self._operation = operation
        self._seed = hashlib.blake2b(seed, digest_size=16, key=b"%d" % operation.number).digest()
        self._report = report
        self._clock = ExecutionClock()
        self._clock.move_to(now)
        self._loop = OperationLoop(self, self._seed, self._clock, self._report_problem)
        self._messages: list[RaiseEvent | SendSignal] = []
        self._starts: list[CreateInstance] = []
        self._counts: dict[str, int] = {}
        self._kept: dict[str, object] = {}
        self._timers = 0
        self._deleted = False
        self._closing = False

    def perform(
        self, code: EntityCode, state: Payload | None
    ) -> tuple[Payload | None, OperationResult]:
        """The state after it, and what it came to."""
        number = self._operation.number
        try:
            done = self._drive(code, state)
        except BaseException as error:
            failure = code.failure(error, self._operation.name)
            return state, OperationResult(number=number, failure=failure)
        return done.state, OperationResult(
            number=number,
            result=done.result,
            messages=tuple(self._messages),
            starts=tuple(self._starts),
        )

    # ---- driving it --------------------------------------------------------------------------

    def _drive(self, code: EntityCode, state: Payload | None) -> _Done:
        """Raises whatever it raises."""
        loop = self._loop
        with loop.entered():
            try:
                entity = code.load(state)
                main = loop.create_task(self._operate(code, entity), context=contextvars.Context())
                main.add_done_callback(self._main_ended)
                loop.run_until_idle()
                if not main.done():
                    self._refuse_to_wait()
                result = main.result()
                if loop.has_open_generators():
                    loop.create_task(loop.shutdown_asyncgens())
                    loop.run_until_idle()
            finally:
                self._close()
        return _Done(result, None if self._deleted else code.save(entity))

    async def _operate(self, code: EntityCode, entity: object) -> Payload:
        return await code.operate(entity, self._operation.name, self._operation.input)

    def _main_ended(self, main: asyncio.Task[Payload]) -> None:
        """What it leaves running is cancelled, as asyncio.run does."""
        for _, task in sorted(self._loop.tasks.items()):
            task.cancel()

    def _refuse_to_wait(self) -> NoReturn:
        lines = ", ".join(dict.fromkeys(line for _, line in self._loop.waiting_lines() if line))
        raise NotDurableError(
            f"an operation cannot wait: {self._operation.name!r} of {self._entity.type} "
            f"{self._entity.key!r} waits at {lines or 'an unknown line'} for something that only "
            "time or others could bring, and the other operations would wait for it. Do the "
            "waiting in the orchestrator that calls it; to come back later, let the entity signal "
            "itself with ref.signal_at(...)"
        )

    def _close(self) -> None:
        """Unwind what still stands. Nothing that it asks for happens."""
        self._closing = True
        for task in self._loop.failed_tasks():
            if task._log_traceback:
                task._log_traceback = False
                message = f"{task.get_name()} failed and nobody awaited it"
                self._report(self._operation, message, task.exception())
        unwind(self._loop)
        self._loop.discard()

    def _report_problem(self, message: str, error: BaseException | None) -> None:
        if not self._closing:
            self._report(self._operation, message, error)

    # ---- Timers ------------------------------------------------------------------------------

    def start_timer(self, due: datetime, handle: TimerHandle) -> int:
        """It never fires: if the operation lives by it, it waits."""
        self._timers += 1
        return self._timers

    def cancel_timer(self, number: int) -> None:
        """Nothing holds it."""

    def refuse_in_side_effect(self, what: str) -> None:
        """An operation has none: it is not replayed."""

    def order_cancels(self) -> None:
        """There are no commands to be ordered."""

    # ---- EntityRuntime -----------------------------------------------------------------------

    @property
    def entity(self) -> EntityId:
        return self._entity

    def now(self) -> datetime:
        return self._clock.now

    def seed(self) -> bytes:
        return self._seed

    def count(self, name: str, /) -> int:
        before = self._counts.get(name, 0)
        self._counts[name] = before + 1
        return before

    def keep(self, key: str, make: Callable[[], T], /) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    def signal_entity(
        self, *, entity: EntityId, operation: str, input: Payload, due: datetime | None
    ) -> None:
        self._send(SendSignal(entity=entity, operation=operation, input=input, due=due))

    def send_event(self, *, instance_id: str, name: str, data: Payload) -> None:
        self._send(RaiseEvent(instance_id=instance_id, name=name, data=data))

    def _send(self, message: RaiseEvent | SendSignal) -> None:
        if not self._closing:
            self._messages.append(message)

    def start_instance(
        self,
        *,
        id: str | None,
        name: str,
        version: str | None,
        newest: bool,
        input: Payload,
        queue: str,
        tags: dict[str, str],
        start_at: datetime | None,
        if_exists: IfExists,
    ) -> str:
        execution_id = self._new_id()
        request = CreateInstance(
            instance_id=execution_id if id is None else id,
            execution_id=execution_id,
            name=name,
            version=version,
            newest=newest,
            input=input,
            queue=queue,
            tags=tags,
            start_at=start_at,
            if_exists=if_exists,
        )
        if not self._closing:
            self._starts.append(request)
        return request.instance_id

    def _new_id(self) -> str:
        number = self.count("durable_async.start")
        return hashlib.blake2b(self._seed, digest_size=16, key=b"start/%d" % number).hexdigest()

    def delete(self) -> None:
        if not self._closing:
            self._deleted = True


class OperationLoop(OrchestratorLoop):
    """The event loop of one operation. It belongs to no orchestrator."""

    def __init__(
        self,
        run: _Run,
        seed: bytes,
        clock: ExecutionClock,
        report: Callable[[str, BaseException | None], None],
    ) -> None:
        super().__init__(
            seed=int.from_bytes(seed[:8], "big"),
            clock=clock,
            timers=run,
            runtime=None,
            report=report,
        )
        self.durable_entity: Any = run
