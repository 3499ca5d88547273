"""How an evicted execution's coroutines are unwound. Invariant: every `finally` runs, inside the
loop and in order, because of GeneratorExit; nothing that it awaits is waited for.

`coroutine.close()` would not do. An await in a `finally` makes it a RuntimeError, which the code
around that `finally` sees and may handle; and before Python 3.13 an async generator that stands
in `async for` is not closed with its reader. So the exception is raised where a task stands: what
it waits for fails with GeneratorExit, and so does whatever it waits for while it unwinds.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import sys
from asyncio import tasks
from collections.abc import AsyncGenerator
from inspect import CORO_CREATED
from types import CoroutineType
from typing import Any, Final

from durable_async.core.loop import OrchestratorLoop

__all__ = ["unwind"]

_AWAITS: Final = 100
"""How often one task may await something while it unwinds. More is a loop that ignores its end."""


def unwind(loop: OrchestratorLoop) -> None:
    """Unwind the unfinished tasks by number, then the async generators in order of creation.

    To be called inside `loop.entered()`.
    """
    for task in loop.tasks.values():
        # All of them first: the `finally` of one may hand another what it waits for.
        _fail(getattr(task, "_fut_waiter", None))
    while loop.tasks or loop.has_open_generators():
        # What unwinds may make tasks, which are closed in the next round before they begin.
        for number in sorted(loop.tasks):
            _unwind_task(loop, loop.tasks.pop(number))
        for generator in loop.open_generators():
            _unwind_generator(loop, generator)


def _unwind_task(loop: OrchestratorLoop, task: asyncio.Task[Any]) -> None:
    tasks._enter_task(loop, task)  # so that timeouts and scopes know in whom they end
    try:
        coroutine = task.get_coro()
        # What `anext` of an async generator gives cannot say whether it has begun.
        waits = getattr(task, "_fut_waiter", None) is not None
        if waits or getattr(coroutine, "cr_suspended", True):
            _run_out(loop, coroutine)
        else:
            _close_unbegun(coroutine)
    finally:
        tasks._leave_task(loop, task)
        _forget_in_anyio(task)


def _close_unbegun(coroutine: Any) -> None:
    """Nothing of it runs; nor of the coroutines that it was given, as `asyncio.wait_for` is, and,
    in an object of its own, each task of anyio's: nobody else would ever close them."""
    frame = getattr(coroutine, "cr_frame", None)
    given = list(frame.f_locals.values()) if frame is not None else []
    coroutine.close()
    given += [
        getattr(each, "_coro", None) for each in given if type(each).__module__.startswith("anyio.")
    ]
    for each in given:
        if isinstance(each, CoroutineType) and inspect.getcoroutinestate(each) == CORO_CREATED:
            each.close()


def _forget_in_anyio(task: asyncio.Task[Any]) -> None:
    """anyio maps a task to its scope, and the scope knows the task: both would live for ever.
    When a task ends, a callback of anyio's undoes that; a task that unwinds calls nobody back."""
    backend = sys.modules.get("anyio._backends._asyncio")  # None if nobody uses anyio
    getattr(backend, "_task_states", {}).pop(task, None)


def _unwind_generator(loop: OrchestratorLoop, generator: AsyncGenerator[Any, Any]) -> None:
    _run_out(loop, generator.aclose())
    if getattr(generator, "ag_frame", None) is not None:
        loop.hold(generator)


def _run_out(loop: OrchestratorLoop, coroutine: Any) -> None:
    """Run it to its end; each await on the way fails at once. A bare yield is passed over."""
    waiter = None
    for _ in range(_AWAITS):
        try:
            waiter = coroutine.send(None)
        except BaseException:
            return
        _fail(waiter)
    if waiter is None:
        with contextlib.suppress(BaseException):
            coroutine.close()
    else:
        loop.hold(coroutine)


def _fail(waiter: Any) -> None:
    if asyncio.isfuture(waiter) and not waiter.done():
        # Not `waiter.set_exception`: a task has it too, but refuses it to its users.
        asyncio.Future.set_exception(waiter, GeneratorExit())
        waiter._log_traceback = False  # as asyncio itself does
