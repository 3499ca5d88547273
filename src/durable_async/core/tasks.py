"""Tasks and futures of an execution. Invariant: hash, order and line depend on the execution alone,
never on an address, and nothing foreign is ever waited for.

CPython's own C tasks do the work. Each runs the user's coroutine inside a `Watched` one, which
sees what it yields: that is the only place where a foreign awaitable can be refused with the
user's line, before the C code reports something less helpful or waits for ever.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator
from contextvars import Context
from types import CodeType, FrameType
from typing import Any, Final, TypeVar, cast

from durable_async.core.refusals import RUNNING, RefusingLoop, not_durable
from durable_async.errors import NotDurableError
from durable_async.lines import Place, is_users_file, line_of_error, line_of_frame

__all__ = [
    "HASH_MASK",
    "TASK_STEP",
    "OrchestratorFuture",
    "OrchestratorTask",
    "TaskLoop",
    "Watched",
    "innermost_frame",
]

T = TypeVar("T")

HASH_MASK: Final = (1 << 61) - 2
"""Keeps a hash within what Python uses of it on every platform. Numbers are mixed with the
execution's own seed: bare small numbers of many executions would all meet in asyncio's
process-wide set of tasks."""

_FOREIGN: Final = (
    "wait only for what this orchestrator made (tasks, futures, timers, events, calls); do the "
    "rest in an activity"
)

_SUSPENDED: Final = (
    ("cr_frame", "cr_await"),
    ("gi_frame", "gi_yieldfrom"),
    ("ag_frame", "ag_await"),
)


_NESTED: Final = "cannot be called from a running event loop"
"""How asyncio refuses a loop inside a loop, before it asks ours."""


def _nested(error: RuntimeError) -> NotDurableError:
    return not_durable(str(error).partition("(")[0], RUNNING, line_of_error(error))


def innermost_frame(coroutine: object) -> FrameType | None:
    """The user's frame that `coroutine` is suspended in, as far inside as it goes."""
    found: FrameType | None = None
    inner: object | None = coroutine
    while inner is not None:
        for frame_of, awaited_of in _SUSPENDED:
            if hasattr(inner, frame_of):
                frame = getattr(inner, frame_of)
                if frame is not None and is_users_file(frame.f_code.co_filename):
                    found = frame
                inner = getattr(inner, awaited_of)
                break
        else:
            return found
    return found


class TaskLoop(RefusingLoop):
    """What tasks need of their loop. cancelling: the number of the task that is being cancelled,
    if one is. has_cancelled: one was, in this step."""

    cancelling: int | None = None
    has_cancelled: bool = False

    def task_ended(self, number: int) -> None:
        """Said by the task's coroutine, in the step in which it ends."""


class Watched(Coroutine[Any, Any, T]):
    """The user's coroutine, with an eye on what it yields and on when it ends."""

    __slots__ = ("_loop", "_number", "_send", "coroutine")

    def __init__(self, coroutine: Coroutine[Any, Any, T], loop: TaskLoop, number: int) -> None:
        self.coroutine = coroutine
        self._send = coroutine.send
        self._loop = loop
        self._number = number

    def send(self, value: Any, /) -> Any:
        try:
            yielded = self._send(value)
        except BaseException as error:
            self._loop.task_ended(self._number)
            if type(error) is RuntimeError and str(error).endswith(_NESTED):
                raise _nested(error) from error
            raise
        if type(yielded) is OrchestratorFuture or yielded is None:
            return yielded
        if isinstance(yielded, OrchestratorFuture) and yielded.get_loop() is self._loop:
            return yielded  # what an activity or a call will bring
        return self._checked(yielded)

    def throw(self, *error: Any) -> Any:
        try:
            yielded = self.coroutine.throw(*error)
        except BaseException:
            self._loop.task_ended(self._number)
            raise
        return self._checked(yielded)

    def close(self) -> None:
        self.coroutine.close()

    def __await__(self) -> Generator[Any, Any, T]:
        # Tasks drive `send`; nobody awaits this object itself.
        raise TypeError("a task's coroutine cannot be awaited: await the task")

    def _checked(self, yielded: Any) -> Any:
        """What was yielded, if it is ours; otherwise the await fails where it stands."""
        if yielded is None:
            return yielded
        if asyncio.isfuture(yielded) and yielded.get_loop() is self._loop:
            return yielded
        frame = innermost_frame(self.coroutine)
        if getattr(yielded, "_asyncio_future_blocking", None):
            yielded._asyncio_future_blocking = False
        what = f"awaiting {yielded!r}"
        line = line_of_frame(frame) or self._loop.user_line()
        return self.throw(not_durable(what, _FOREIGN, line))

    # What a task's repr and stack, `inspect.getcoroutinestate` and anyio ask of a coroutine.

    @property
    def __name__(self) -> str:
        return getattr(self.coroutine, "__qualname__", type(self.coroutine).__name__)

    @property
    def cr_frame(self) -> FrameType | None:
        return getattr(self.coroutine, "cr_frame", None)

    @property
    def cr_running(self) -> bool:
        return getattr(self.coroutine, "cr_running", False)

    @property
    def cr_suspended(self) -> bool:
        inner = self.coroutine
        return getattr(inner, "cr_suspended", False) or getattr(inner, "gi_suspended", False)

    @property
    def cr_await(self) -> object:
        return getattr(self.coroutine, "cr_await", None)

    @property
    def cr_code(self) -> CodeType | None:
        return getattr(self.coroutine, "cr_code", None)


class OrchestratorFuture(asyncio.Future[T]):
    """A future that hashes by its number within the execution."""

    __slots__ = ("_key",)

    def __init__(self, *, loop: TaskLoop, key: int) -> None:
        self._key = key
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self._key


class _FirstStep:
    """All that a new task asks of its loop."""

    kind: type

    def call_soon(self, callback: object, *, context: object) -> None:
        self.kind = type(callback)

    def get_debug(self) -> bool:
        return False


async def _nothing() -> None:
    """For a task that never runs."""


def _task_step() -> type:
    step: Any = _FirstStep()
    coroutine = _nothing()
    task = asyncio.Task(coroutine, loop=step)
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # it never begins
    coroutine.close()
    return cast(type, step.kind)


TASK_STEP: Final = _task_step()
"""The class of what is run for a task's first step."""


class OrchestratorTask(asyncio.Task[T]):
    """A task that hashes by its number, and whose cancel orders the wake-ups that it causes."""

    __slots__ = ("_key", "_orchestrator_loop", "number", "place")

    def __init__(
        self,
        coroutine: Watched[T],
        *,
        loop: TaskLoop,
        number: int,
        key: int,
        name: str,
        context: Context | None,
        place: Place | None,
    ) -> None:
        # Before the base class registers the task in a set.
        self._key = key
        self.number = number
        self.place = place
        self._orchestrator_loop = loop
        super().__init__(coroutine, loop=loop, name=name, context=context)

    def __hash__(self) -> int:
        return self._key

    def cancel(self, msg: Any | None = None) -> bool:
        loop = self._orchestrator_loop
        outer, loop.cancelling = loop.cancelling, self.number
        loop.has_cancelled = True
        try:
            return super().cancel(msg)
        finally:
            loop.cancelling = outer

    def get_coro(self) -> Any:
        watched = super().get_coro()
        if isinstance(watched, Watched) and isinstance(watched.coroutine, types.CoroutineType):
            return watched.coroutine
        return watched
