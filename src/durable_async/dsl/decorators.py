"""`@orchestrator` and `@activity`. Invariant: what cannot work as written is refused where it is
written, with what to write instead."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, overload

from durable_async.convert.durations import Duration, optional_seconds
from durable_async.convert.texts import check_text
from durable_async.dsl.definitions import (
    Activity,
    ActivitySettings,
    Definition,
    NamedActivity,
    NamedOrchestrator,
    Orchestrator,
    ThreadActivity,
    check_policy,
)
from durable_async.dsl.policy import RetryPolicy
from durable_async.errors import NotRegisteredError
from durable_async.model.options import OnLost

if TYPE_CHECKING:
    from typing_extensions import TypeForm

__all__ = [
    "ActivityDecorator",
    "OrchestratorDecorator",
    "activity",
    "activity_named",
    "orchestrator",
    "orchestrator_named",
]

P = ParamSpec("P")
R = TypeVar("R")


class OrchestratorDecorator(Protocol):
    """What `@orchestrator(...)` gives."""

    def __call__(self, fn: Callable[P, Coroutine[Any, Any, R]], /) -> Orchestrator[P, R]: ...


class ActivityDecorator(Protocol):
    """What `@activity(...)` gives."""

    @overload
    def __call__(  # type: ignore[overload-overlap]  # the first that fits is meant
        self, fn: Callable[P, Coroutine[Any, Any, R]], /
    ) -> Activity[P, R]: ...
    @overload
    def __call__(self, fn: Callable[P, R], /) -> ThreadActivity[P, R]: ...


@overload
def orchestrator(fn: Callable[P, Coroutine[Any, Any, R]], /) -> Orchestrator[P, R]: ...
@overload
def orchestrator(
    *, name: str | None = None, version: str | None = None
) -> OrchestratorDecorator: ...
def orchestrator(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    version: str | None = None,
) -> Any:
    """Make an `async def` durable: its awaits are recorded, and it is rebuilt by replaying them.

    name: what is stored; by default the function's. version: part of its identity; an instance
    keeps the version that it started with, and a worker runs exactly the versions it was given.
    Raises: TypeError, saying what to write, for anything but an `async def`; TypeError or
    ValueError for a name or a version that cannot be.
    Records: ExecutionStarted when an instance is started; ExecutionCompleted or ExecutionFailed
    when the function has ended, and its left-over tasks have cleaned up.
    Known elsewhere as: Azure orchestrator functions, Temporal workflows.
    """

    if name is not None:
        check_text(name, what="the name of an orchestrator")
    if version is not None:
        check_text(version, what="the version of an orchestrator")

    def decorate(function: Callable[..., Any]) -> Orchestrator[..., Any]:
        _check_function(function, "orchestrator")
        if not inspect.iscoroutinefunction(function):
            raise TypeError(
                f"@orchestrator stands on `async def`, and {_named(function)} is "
                f"{_kind(function)}: write `async def {function.__name__}(...)`, and `await` where "
                "it waits"
            )
        if "." in function.__qualname__.rpartition("<locals>.")[2]:
            raise TypeError(
                f"@orchestrator stands on a function, and {_named(function)} is a method: an "
                "instance's attributes are not recorded. Move it out of the class, and pass what "
                "it needs as arguments"
            )
        return Orchestrator(function, function.__name__ if name is None else name, version)

    return decorate if fn is None else decorate(fn)


@overload
def activity(  # type: ignore[overload-overlap]  # the first that fits is meant
    fn: Callable[P, Coroutine[Any, Any, R]], /
) -> Activity[P, R]: ...
@overload
def activity(fn: Callable[P, R], /) -> ThreadActivity[P, R]: ...
@overload
def activity(
    *,
    name: str | None = None,
    retry: RetryPolicy | None = None,
    timeout: Duration | None = None,
    heartbeat_timeout: Duration | None = None,
    on_lost: OnLost = "retry",
) -> ActivityDecorator: ...
def activity(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    retry: RetryPolicy | None = None,
    timeout: timedelta | float | None = None,
    heartbeat_timeout: timedelta | float | None = None,
    on_lost: OnLost = "retry",
) -> Any:
    """Make a function a unit of work that orchestrators await: at least once, its result recorded.

    On an `async def`, which runs on the worker's loop, or a plain `def`, which runs in a
    thread; on functions and methods. name: what is stored; by default the function's, a
    method's with its class ("Payments.charge"). retry: when a failed attempt is followed by
    another; without it none is. timeout: for one attempt; heartbeat_timeout: for the silence
    between two calls of `heartbeat` (seconds or a timedelta). on_lost: what happens when the
    worker dies: "retry", five times at most, or "fail" for work that must never run twice.
    Raises: TypeError, saying what to write, for what is no function; ValueError or TypeError for
    settings that make no sense.
    Records, when an orchestrator awaits it: see `ActivityCall`.
    Known elsewhere as: Temporal and Azure activities, DBOS steps.
    """

    if name is not None:
        check_text(name, what="the name of an activity")

    def decorate(function: Callable[..., Any]) -> Activity[..., Any]:
        _check_function(function, "activity")
        if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
            raise TypeError(
                f"@activity stands on `async def` or `def`, and {_named(function)} is "
                f"{_kind(function)}: return a list of what it yields"
            )
        title = function.__qualname__.rpartition("<locals>.")[2]
        if retry is not None:
            check_policy(retry, title)
        settings = ActivitySettings(
            retry=retry,
            timeout=optional_seconds(timeout, f"the timeout of {title}"),
            heartbeat_timeout=optional_seconds(
                heartbeat_timeout, f"the heartbeat_timeout of {title}"
            ),
            on_lost=on_lost,
        )
        if on_lost not in ("retry", "fail"):
            raise ValueError(f'on_lost is "retry" or "fail", not {on_lost!r}')
        kind = Activity if inspect.iscoroutinefunction(function) else ThreadActivity
        return kind(function, title if name is None else name, settings)

    return decorate if fn is None else decorate(fn)


def activity_named(name: str, type: TypeForm[R], /) -> Activity[..., R]:
    """An activity of another service, known by its name only.

    type: of its result. Its arguments are not checked here. Give it to no worker: orchestrators
    await it, and a worker of the other service runs it.
    Raises: ValueError for an empty name; NotRegisteredError when it is awaited as plain code, or
    under `da.run`.
    Records: as any activity.
    Known elsewhere as: Temporal's execute_activity with a name, Azure's call_activity.
    """
    check_text(name, what="the name of an activity")

    async def elsewhere(*args: Any) -> Any:
        raise NotRegisteredError(
            f"activity {name!r} is known by its name only: it runs where its code is, when an "
            "orchestrator awaits it"
        )

    elsewhere.__name__ = elsewhere.__qualname__ = name
    elsewhere.__annotations__["return"] = type
    return NamedActivity(elsewhere, name, ActivitySettings())


def orchestrator_named(name: str, type: TypeForm[R], /) -> Orchestrator[..., R]:
    """An orchestrator of another service, known by its name only: the newest version that there is,
    unless `.options(version=)` says one.

    type: of its result. Its arguments are not checked here. Give it to no worker: it is awaited as
    a child, or started, and a worker of the other service runs it. The newest version is the
    highest that a live worker has, or that was ever asked for: "10" is newer than "9".
    Raises: ValueError for an empty name; NotRegisteredError when it is awaited as plain code.
    Records: as any orchestrator; the version that was found stands in its ExecutionStarted.
    Known elsewhere as: Azure's call_sub_orchestrator and Temporal's execute_child_workflow with a
    name.
    """
    check_text(name, what="the name of an orchestrator")

    async def elsewhere(*args: Any) -> Any:
        raise NotRegisteredError(
            f"orchestrator {name!r} is known by its name only: it runs where its code is, when an "
            "orchestrator awaits it, or when it is started"
        )

    elsewhere.__name__ = elsewhere.__qualname__ = name
    elsewhere.__annotations__["return"] = type
    return NamedOrchestrator(elsewhere, name, None)


# ---- helpers ----------------------------------------------------------------------------------


def _check_function(function: object, decorator: str) -> None:
    if isinstance(function, staticmethod | classmethod):
        raise TypeError(
            f"@{decorator} stands directly on the function: write @{type(function).__name__} "
            "above it, or use a plain method"
        )
    if isinstance(function, Definition):
        raise TypeError(f"{function!r} is decorated already: write one decorator")
    if not isinstance(function, types.FunctionType):
        raise TypeError(
            f"@{decorator} stands on a function that is written with def, not on {function!r}"
        )


def _named(function: Callable[..., Any]) -> str:
    code: types.CodeType = function.__code__
    return f"{function.__qualname__} ({code.co_filename}:{code.co_firstlineno})"


def _kind(function: Callable[..., Any]) -> str:
    if inspect.isasyncgenfunction(function):
        return "an async generator"
    if inspect.isgeneratorfunction(function):
        return "a generator"
    return "a plain function"
