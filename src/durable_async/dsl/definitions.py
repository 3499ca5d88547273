"""Orchestrators and activities. Invariant: a definition is immutable, registers itself nowhere, and
to everyone who inspects it looks like the function under it."""

from __future__ import annotations

import asyncio
import inspect
import sys
import types
from collections.abc import Callable, Coroutine
from typing import (
    Any,
    Concatenate,
    Generic,
    Literal,
    ParamSpec,
    Self,
    TypeVar,
    cast,
)

import attrs

from durable_async.convert.arguments import ArgumentsConverter, ResultConverter
from durable_async.convert.binding import Binder
from durable_async.convert.durations import Duration, optional_seconds
from durable_async.convert.failures import exception_of
from durable_async.convert.values import Converter
from durable_async.dsl.calls import ActivityCall, OrchestratorCall
from durable_async.dsl.policy import RetryPolicy
from durable_async.model.failure import Failure
from durable_async.model.options import DEFAULT_QUEUE, ActivityOptions, OnLost
from durable_async.model.payload import Payload
from durable_async.ports import Arrival

__all__ = [
    "Activity",
    "ActivitySettings",
    "Definition",
    "NamedActivity",
    "Orchestrator",
    "ThreadActivity",
]

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")

CancelMode = Literal["now", "wait"]


class Definition(Generic[P, R]):
    """What orchestrators and activities have in common: a name, a function, its signature."""

    name: str
    fn: Callable[..., Any]

    def __init__(self, fn: Callable[..., Any], name: str, *, is_method: bool) -> None:
        self.fn = fn
        self.name = name
        self.is_method = is_method
        self._converters: dict[Converter, ArgumentsConverter] = {}
        self._results: dict[Converter, ResultConverter] = {}
        self._binder = Binder(fn, name=name, skip_first=is_method)
        self._look_like(fn)

    def _look_like(self, fn: Callable[..., Any]) -> None:
        """Be what `inspect` and `functools` take for the function itself."""
        self.__wrapped__ = fn
        self.__name__ = fn.__name__
        self.__qualname__ = fn.__qualname__
        self.__module__ = fn.__module__
        self.__doc__ = fn.__doc__
        self.__defaults__ = fn.__defaults__
        self.__kwdefaults__ = fn.__kwdefaults__
        self.__annotations__ = fn.__annotations__
        code: types.CodeType = fn.__code__
        # A plain `def` too: calling the definition gives something to await.
        self.__code__ = code.replace(co_flags=code.co_flags | inspect.CO_COROUTINE)

    @property
    def line(self) -> str:
        """ "file:line" of the definition."""
        code: types.CodeType = self.fn.__code__
        return f"{code.co_filename}:{code.co_firstlineno}"

    def check(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Raises the TypeError that calling the function with these arguments would."""
        self._binder.bind(args, kwargs)

    def arguments(self, converter: Converter) -> ArgumentsConverter:
        """How this function's arguments become a payload, and the other way round."""
        try:
            return self._converters[converter]
        except KeyError:
            made = ArgumentsConverter(converter, self.fn, name=self.name, skip_first=self.is_method)
            self._converters[converter] = made
            return made

    def results(self, converter: Converter) -> ResultConverter:
        """How its result does."""
        try:
            return self._results[converter]
        except KeyError:
            made = ResultConverter(converter, self.fn, name=self.name)
            self._results[converter] = made
            return made

    def __reduce__(self) -> str:
        # By name, like a function: the decorated name is what its module holds.
        return self.__qualname__


class Orchestrator(Definition[P, R]):
    """A durable function: an `async def` that is replayed. Made by `@orchestrator`.

    Calling it gives an `OrchestratorCall`, and runs nothing; see there for who may have it.
    Raises, when called: TypeError for arguments that do not fit the signature.
    Known elsewhere as: an orchestrator function (Azure), a workflow (Temporal, DBOS).
    """

    fn: Callable[..., Coroutine[Any, Any, R]]

    def __init__(
        self,
        fn: Callable[..., Coroutine[Any, Any, R]],
        name: str,
        version: str | None,
        *,
        is_method: bool = False,
        id: str | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        super().__init__(fn, name, is_method=is_method)
        self.version = version
        self.id = id
        self.tags = tags or {}

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> OrchestratorCall[R]:
        frame = sys._getframe(1)
        place = (frame.f_code, frame.f_lasti)
        return OrchestratorCall(self, args, kwargs, place, frame.f_globals)

    def options(
        self, *, id: str | None = None, tags: dict[str, str] | None = None
    ) -> Orchestrator[P, R]:
        """The same orchestrator, with what a start of it is to have.

        id: the instance's. tags: for finding it again.
        Raises TypeError for what was given before with another value.
        """
        _once(self, "id", self.id, id)
        _once(self, "tags", self.tags or None, tags)
        return Orchestrator(
            self.fn,
            self.name,
            self.version,
            id=id if id is not None else self.id,
            tags=tags if tags is not None else self.tags,
        )

    def __repr__(self) -> str:
        version = f" version {self.version}" if self.version is not None else ""
        return f"<orchestrator {self.name!r}{version} at {self.line}>"


@attrs.frozen(kw_only=True)
class ActivitySettings:
    """What `.options` can change of an activity."""

    retry: RetryPolicy | None = None
    timeout: float | None = None
    heartbeat_timeout: float | None = None
    on_lost: OnLost = "retry"
    queue: str | None = None
    tags: dict[str, str] | None = None
    summary: str | None = None
    cancel: CancelMode | None = None

    def stored(self) -> ActivityOptions | None:
        options = ActivityOptions(
            queue=self.queue or DEFAULT_QUEUE,
            retry=self.retry.rule() if self.retry is not None else None,
            timeout=self.timeout,
            heartbeat_timeout=self.heartbeat_timeout,
            on_lost=self.on_lost,
            tags=self.tags or {},
            summary=self.summary or "",
        )
        return None if options == ActivityOptions() else options


@attrs.frozen
class _ActivityArrival(Generic[R]):
    """value: the result's compiled decoder, called without a detour for every result."""

    value: Callable[[Payload], R]
    converter: Converter

    def error(self, failure: Failure, /, *, as_remote: bool = False) -> BaseException:
        return exception_of(failure, converter=self.converter, as_remote=as_remote)


class Activity(Definition[P, R]):
    """A unit of work that may do I/O. Made by `@activity`.

    Calling it gives an `ActivityCall`, and runs nothing; see there for what awaiting it means.
    On a method, orchestrators call it on the class (`await Payments.charge("o-1", 250)`), and
    a worker is given an instance, which carries the dependencies.
    Raises, when called: TypeError for arguments that do not fit the signature; inside an
    orchestrator, SerializationError for one that does not fit its type hint.
    Known elsewhere as: an activity (Azure, Temporal), a step (DBOS).
    """

    is_sync: bool = False

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str,
        settings: ActivitySettings,
        *,
        given: frozenset[str] = frozenset(),
        is_method: bool = False,
        instance: object = None,
    ) -> None:
        super().__init__(fn, name, is_method=is_method)
        self._settings = settings
        self._given = given  # what `.options` has set already
        self._instance = instance
        self._arrivals: dict[Converter, _ActivityArrival[R]] = {}
        self._class_view: Activity[..., R] | None = None
        self.stored_options = settings.stored()

    @property
    def retry(self) -> RetryPolicy | None:
        return self._settings.retry

    @property
    def waits_for_cancel(self) -> bool:
        """Whether a cancelled await goes on only when the activity has come to its end."""
        return self._settings.cancel == "wait"

    @property
    def timeout(self) -> float | None:
        """Seconds for one attempt."""
        return self._settings.timeout

    @property
    def heartbeat_timeout(self) -> float | None:
        """Seconds of silence between heartbeats."""
        return self._settings.heartbeat_timeout

    @property
    def on_lost(self) -> OnLost:
        return self._settings.on_lost

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> ActivityCall[R]:
        frame = sys._getframe(1)
        return ActivityCall(self, args, kwargs, (frame.f_code, frame.f_lasti))

    def __get__(
        self: Activity[Concatenate[Any, Q], R], instance: object, owner: type | None = None
    ) -> Activity[Q, R]:
        """As an attribute of its class it takes no `self`: the worker's instance is meant."""
        if instance is not None:
            return cast("Activity[Q, R]", self._method_view(instance))
        if self._class_view is None:
            self._class_view = self._method_view(None)
        return cast("Activity[Q, R]", self._class_view)

    def _method_view(self, instance: object) -> Self:
        return type(self)(
            self.fn,
            self.name,
            self._settings,
            given=self._given,
            is_method=True,
            instance=instance,
        )

    def options(
        self,
        *,
        retry: RetryPolicy | None = None,
        timeout: Duration | None = None,
        heartbeat_timeout: Duration | None = None,
        queue: str | None = None,
        tags: dict[str, str] | None = None,
        summary: str | None = None,
        cancel: CancelMode | None = None,
    ) -> Self:
        """The same activity with other settings, for the calls made on what this returns.

        retry: instead of the decorator's; `should_retry` has its place in the decorator only.
        timeout, heartbeat_timeout: as there. queue: which workers take it. tags, summary: shown
        to operators. cancel: "now" (a cancelled await goes on at once) or "wait" (only when the
        activity has come to its end).
        Raises TypeError for what `.options` was given before with another value.
        """
        if retry is not None and retry.should_retry is not None:
            raise TypeError(
                f"{self.name}.options(retry=...): should_retry is a function, and only its "
                "decorator's is at hand where an attempt runs. Write it into @activity(retry=...)"
            )
        changes: dict[str, Any] = {
            "retry": retry,
            "timeout": optional_seconds(timeout, f"the timeout of {self.name}"),
            "heartbeat_timeout": optional_seconds(
                heartbeat_timeout, f"the heartbeat_timeout of {self.name}"
            ),
            "queue": queue,
            "tags": tags,
            "summary": summary,
            "cancel": cancel,
        }
        changes = {key: value for key, value in changes.items() if value is not None}
        for key in changes.keys() & self._given:
            _once(self, key, getattr(self._settings, key), changes[key])
        return type(self)(
            self.fn,
            self.name,
            attrs.evolve(self._settings, **changes),
            given=self._given | changes.keys(),
            is_method=self.is_method,
            instance=self._instance,
        )

    def arrival(self, converter: Converter) -> Arrival[R]:
        """How its results and failures reach an orchestrator."""
        try:
            return self._arrivals[converter]
        except KeyError:
            made = _ActivityArrival(self.results(converter).decode, converter)
            self._arrivals[converter] = made
            return made

    async def run_plain(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        """Run here and now as plain code: no retry, no timeout, nothing recorded."""
        result: R = await self._target()(*args, **kwargs)
        return result

    def _target(self) -> Callable[..., Any]:
        if not self.is_method:
            return self.fn
        if self._instance is None:
            raise TypeError(
                f"{self.fn.__qualname__} is a method: in ordinary code call it on an instance "
                "(payments.charge(...)); in an orchestrator the worker's instance is meant"
            )
        return types.MethodType(self.fn, self._instance)

    def __repr__(self) -> str:
        return f"<activity {self.name!r} at {self.line}>"


class ThreadActivity(Activity[P, R]):
    """An activity written as a plain `def`: it runs in a thread. Sync code calls `.fn(...)`."""

    is_sync = True

    async def run_plain(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        result: R = await asyncio.to_thread(self._target(), *args, **kwargs)
        return result


class NamedActivity(Activity[P, R]):
    """An activity of another service, known by its name only; no worker here runs it."""


def _once(definition: Definition[..., Any], key: str, before: object, now: object) -> None:
    if before is not None and now is not None and before != now:
        raise TypeError(
            f"{definition.name}.options({key}={now!r}): it was given {key}={before!r} before. "
            "Say it once"
        )
