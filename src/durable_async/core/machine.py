"""The life of one execution: how it begins, what news does to it, how it ends. Invariant: its
outcome is fixed when the main coroutine ends, or goes on as new; there is never a second one.

`core.episode` feeds it with events.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from durable_async.core.clock import ExecutionClock
from durable_async.core.eviction import unwind
from durable_async.core.ledger import Ledger, Report
from durable_async.core.loop import MAIN, OrchestratorLoop
from durable_async.core.others import Learn
from durable_async.core.runtime import Runtime
from durable_async.core.waits import Waits, origin_of
from durable_async.errors import LivelockError, SerializationError
from durable_async.lines import line_of_error
from durable_async.model.history import (
    CancelRequested,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
)
from durable_async.model.outcome import OutcomeEnd
from durable_async.ports import OrchestratorCode

__all__ = ["Machine"]


class Machine:
    """One execution. learn: told of each definition that the code awaits. report: told of problems
    that nobody awaits. strict: changed arguments are a mismatch, not just reported."""

    __slots__ = (
        "_breakdown",
        "_cancel",
        "_end",
        "_report",
        "_unwound",
        "clock",
        "code",
        "ledger",
        "loop",
        "runtime",
        "started",
        "waits",
    )

    def __init__(
        self,
        code: OrchestratorCode,
        started: ExecutionStarted,
        *,
        learn: Learn | None,
        report: Report,
        strict: bool,
    ) -> None:
        self.code = code
        self.started = started
        self.clock = ExecutionClock()
        self.ledger = Ledger(started, report, strict=strict)
        self.waits = Waits(self.ledger, started.execution_id)
        self.runtime = Runtime(started, self.clock, self.ledger, self.waits, learn)
        digest = hashlib.blake2b(started.execution_id.encode(), digest_size=8).digest()
        self.loop = OrchestratorLoop(
            seed=int.from_bytes(digest, "big"),
            clock=self.clock,
            timers=self.waits,
            runtime=self.runtime,
            report=self._report_problem,
        )
        self.ledger.loop = self.runtime.loop = self.loop
        self._end: OutcomeEnd | None = None
        self._cancel: CancelRequested | None = None  # the last one
        self._breakdown: Exception | None = None
        self._unwound = False
        self._report = report

    # ---- life --------------------------------------------------------------------------------

    def begin(self) -> None:
        """Make the main task; it runs when the loop does."""
        try:
            coroutine = self.code.start(self.started.input)
        except SerializationError as error:  # anything else is a mistake of ours, and no outcome
            self._end = ExecutionFailed(failure=self.code.failure(error), cut=1, own=True)
            return
        main = self.loop.create_main_task(coroutine)
        main.add_done_callback(self._main_ended)

    def goes_on(self) -> bool:
        """Neither ended nor blocked."""
        return self.ledger.ended is None and self.ledger.blocked is None

    def run(self) -> None:
        """Run what is ready; then, if the main coroutine has ended, clean up after it."""
        try:
            self.loop.run_until_idle()
            if self._breakdown is not None:
                raise self._breakdown
            while self._end is not None and not self.loop.tasks and self.goes_on():
                if not self.loop.has_open_generators():
                    self.ledger.ended = self._end
                    return
                closing = self.loop.create_task(self.loop.shutdown_asyncgens())
                closing.add_done_callback(_forget)
                self.loop.run_until_idle()
        except LivelockError as error:
            if self._end is None:
                self._end = self._failed(error)
            else:
                self._report_problem("what is left of it was dropped", error)
            self.ledger.ended = self._end

    def _main_ended(self, main: asyncio.Task[Any]) -> None:
        """The outcome is fixed here; what is still running is cancelled, as asyncio.run does."""
        try:
            self._end = self._end_of(main)
        except Exception as error:
            # Of ours, not of the orchestrator: it must not become the outcome. A callback's
            # exception would stay in the loop, so it is raised by `run`.
            self._breakdown = error
            self.loop.stop_running()
            return
        for _, task in sorted(self.loop.tasks.items()):
            task.cancel()

    def _end_of(self, main: asyncio.Task[Any]) -> OutcomeEnd:
        try:
            value = main.result()
        except asyncio.CancelledError as error:
            if self._cancel is not None:
                return ExecutionCancelled(reason=self._cancel.reason)
            return self._failed(error)
        except BaseException as error:
            return self._failed(error)
        try:
            return ExecutionCompleted(result=self.code.result(value))
        except SerializationError as error:
            return self._failed(error)

    def _failed(self, error: BaseException) -> ExecutionFailed:
        failure = self.code.failure(error)
        self.ledger.failed_at = line_of_error(error)
        cut = origin_of(error, self.started.execution_id)
        if cut is None:
            return ExecutionFailed(failure=failure, cut=self.waits.position, own=True)
        return ExecutionFailed(failure=failure, cut=cut)

    def close(self) -> None:
        """Unwind every task with GeneratorExit, in order. No command comes of it."""
        if self._unwound:
            return
        self._unwound = self.ledger.closed = True
        if self.loop.tasks or self.loop.has_open_generators():
            with self.loop.entered():
                unwind(self.loop)
        self.loop.discard()
        self.waits.clear()
        self.runtime.inbox.clear()

    # ---- what nobody awaits ------------------------------------------------------------------

    def silence_failed_tasks(self) -> None:
        """Failures of background tasks are reported when nobody can collect them any more: not by
        an eviction, which drops the tasks of an execution that goes on."""
        for task in self.loop.failed_tasks():
            task._log_traceback = False  # as asyncio itself does

    def report_failed_tasks(self) -> None:
        """Report the exceptions of background tasks that nobody collected."""
        for task in self.loop.failed_tasks():
            if task._log_traceback:
                task._log_traceback = False
                if task.number != self.ledger.left_by:
                    told = f"{task.get_name()} failed and nobody awaited it"
                    self._report(told, task.exception())

    def _report_problem(self, message: str, error: BaseException | None) -> None:
        if self.ledger.matcher is None and not self.ledger.closed:
            self._report(message, error)

    # ---- what news does ----------------------------------------------------------------------

    def cancel_requested(self, event: CancelRequested) -> None:
        main = self.loop.tasks.get(MAIN)
        if main is not None:
            self._cancel = event
            main.cancel(event.reason)


def _forget(task: asyncio.Task[None]) -> None:
    """The loop holds the task until it has ended; its problems were reported."""
