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
    get_args,
)

import attrs

from durable_async.convert.arguments import ArgumentsConverter, ResultConverter
from durable_async.convert.binding import Binder
from durable_async.convert.durations import Duration, optional_seconds
from durable_async.convert.texts import ID_LIMIT, check_text, checked_id, checked_tags
from durable_async.convert.values import Converter
from durable_async.dsl.arrivals import HintArrival
from durable_async.dsl.calls import ActivityCall, OrchestratorCall
from durable_async.dsl.children import attempt_id
from durable_async.dsl.policy import RetryPolicy
from durable_async.lines import Place, is_users_file, user_place
from durable_async.model.options import DEFAULT_QUEUE, ActivityOptions, OnLost
from durable_async.ports import Arrival

__all__ = [
    "Activity",
    "ActivitySettings",
    "Definition",
    "NamedActivity",
    "NamedOrchestrator",
    "Orchestrator",
    "OrchestratorSettings",
    "ThreadActivity",
    "check_policy",
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
        self._arrivals: dict[Converter, HintArrival[R]] = {}
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

    def arrival(self, converter: Converter) -> Arrival[R]:
        """How its results and failures reach an orchestrator."""
        try:
            return self._arrivals[converter]
        except KeyError:
            made = HintArrival[R](self.results(converter).decode, converter)
            self._arrivals[converter] = made
            return made

    def _variant(self) -> Self:
        """Another object of the same definition, which shares what was compiled for it."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __reduce__(self) -> str:
        # By name, like a function: the decorated name is what its module holds.
        return self.__qualname__


@attrs.frozen(kw_only=True)
class OrchestratorSettings:
    """What `.options` can say of an orchestrator. None: it was not said."""

    id: str | None = None
    version: str | None = None
    retry: RetryPolicy | None = None
    queue: str | None = None
    tags: dict[str, str] | None = None


class Orchestrator(Definition[P, R]):
    """A durable function: an `async def` that is replayed. Made by `@orchestrator`.

    Calling it gives an `OrchestratorCall`, and runs nothing; see there for what awaiting it means.
    Raises, when called: TypeError for arguments that do not fit the signature; inside an
    orchestrator, SerializationError for one that does not fit its type hint.
    Known elsewhere as: an orchestrator function (Azure), a workflow (Temporal, DBOS).
    """

    fn: Callable[..., Coroutine[Any, Any, R]]

    def __init__(
        self, fn: Callable[..., Coroutine[Any, Any, R]], name: str, version: str | None
    ) -> None:
        super().__init__(fn, name, is_method=False)
        self.version = version
        self.base: Orchestrator[P, R] = self
        """As it was defined, without what `.options` says."""
        self._settings = OrchestratorSettings()

    @property
    def id(self) -> str | None:
        """Of the instance that its next start or await makes."""
        return self._settings.id

    @property
    def retry(self) -> RetryPolicy | None:
        return self._settings.retry

    @property
    def queue(self) -> str | None:
        return self._settings.queue

    @property
    def tags(self) -> dict[str, str]:
        return self._settings.tags or {}

    @property
    def newest(self) -> bool:
        """Whether the newest version is called, whichever that is."""
        return False

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> OrchestratorCall[R]:
        frame = sys._getframe(1)
        return OrchestratorCall(self, args, kwargs, _place_of_caller(frame), frame.f_globals)

    def options(
        self,
        *,
        id: str | None = None,
        version: str | None = None,
        retry: RetryPolicy | None = None,
        queue: str | None = None,
        tags: dict[str, str] | None = None,
    ) -> Self:
        """The same orchestrator, with what the instances that its calls make are to have.

        id: the instance's. version: instead of the definition's. retry: for a call that is awaited
        as a child: a failed one is followed by another, named `<id>~2`, `<id>~3`; whether and when
        is decided by the awaiting orchestrator's time. A child that was cancelled or terminated,
        an id that is taken and a SerializationError are not tried again. queue: which workers
        take it. tags: for finding it again.
        Raises: TypeError for what was given before with another value, and for a policy with
        `should_retry`; ValueError for an id, a version, a queue or a tag that cannot be.
        """
        given = OrchestratorSettings(
            id=None if id is None else checked_id(id),
            version=version,
            retry=retry,
            queue=queue,
            tags=None if tags is None else checked_tags(tags),
        )
        _check_settings(self.name, given)
        said = _said(given)
        for key, now in said.items():
            _once(self, key, getattr(self._settings, key), now)
        other = self._variant()
        other._settings = attrs.evolve(self._settings, **said)
        other.version = self.version if version is None else version
        _check_attempts(self.name, other._settings)
        return other

    def __repr__(self) -> str:
        version = f" version {self.version}" if self.version is not None else ""
        return f"<orchestrator {self.name!r}{version} at {self.line}>"


class NamedOrchestrator(Orchestrator[P, R]):
    """An orchestrator of another service, known by its name only; no worker here runs it."""

    @property
    def newest(self) -> bool:
        return self.version is None

    def __repr__(self) -> str:
        version = f" version {self.version}" if self.version is not None else ""
        return f"<orchestrator {self.name!r}{version}, known by its name>"


def check_policy(retry: object, name: str) -> None:
    """Raises: TypeError if it is none."""
    if not isinstance(retry, RetryPolicy):
        raise TypeError(
            f"the retry of {name} is a RetryPolicy, not {retry!r}: write "
            "retry=da.RetryPolicy(max_attempts=3)"
        )


def _said(settings: OrchestratorSettings) -> dict[str, Any]:
    found = {field.name: getattr(settings, field.name) for field in attrs.fields(type(settings))}
    return {key: value for key, value in found.items() if value is not None}


def _check_settings(name: str, given: OrchestratorSettings) -> None:
    for key, text in (("version", given.version), ("queue", given.queue)):
        if text is not None:
            check_text(text, what=f"the {key} of {name}")
    if given.retry is None:
        return
    check_policy(given.retry, name)
    if given.retry.should_retry is not None:
        raise TypeError(
            f"{name}.options(retry=...): should_retry would run again at each replay, and may "
            "answer otherwise. Say it with retry_on= and non_retryable=, or catch the exception "
            "where the child is awaited"
        )


def _check_attempts(name: str, settings: OrchestratorSettings) -> None:
    if settings.id is None or settings.retry is None:
        return
    last = attempt_id(settings.id, settings.retry.max_attempts)
    if len(last) > ID_LIMIT:
        raise ValueError(
            f"{name}.options(id=..., retry=...): the last attempt would have the id {last[:40]!r}"
            f"..., of {len(last)} characters; at most {ID_LIMIT} can be. Choose a shorter one"
        )


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
        return ActivityCall(self, args, kwargs, _place_of_caller(sys._getframe(1)))

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
        Raises: TypeError for what was given before with another value; TypeError or ValueError for
        settings that make no sense.
        """
        if retry is not None:
            check_policy(retry, self.name)
            if retry.should_retry is not None:
                raise TypeError(
                    f"{self.name}.options(retry=...): should_retry is a function, and only its "
                    "decorator's is at hand where an attempt runs. Write it into "
                    "@activity(retry=...)"
                )
        if queue is not None:
            check_text(queue, what=f"the queue of {self.name}")
        if summary:
            check_text(summary, what=f"the summary of {self.name}", lines=True)
        if cancel not in (None, *get_args(CancelMode)):
            raise ValueError(f'cancel is "now" or "wait", not {cancel!r}')
        changes: dict[str, Any] = {
            "retry": retry,
            "timeout": optional_seconds(timeout, f"the timeout of {self.name}"),
            "heartbeat_timeout": optional_seconds(
                heartbeat_timeout, f"the heartbeat_timeout of {self.name}"
            ),
            "queue": queue,
            "tags": None if tags is None else checked_tags(tags),
            "summary": summary,
            "cancel": cancel,
        }
        changes = {key: value for key, value in changes.items() if value is not None}
        for key in changes.keys() & self._given:
            _once(self, key, getattr(self._settings, key), changes[key])
        other = self._variant()
        other._settings = attrs.evolve(self._settings, **changes)
        other._given = self._given | changes.keys()
        other._class_view = None
        other.stored_options = other._settings.stored()
        return other

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


def _place_of_caller(frame: types.FrameType) -> Place | None:
    """As `user_place(3)`, with no look further where the caller is the user's own, as nearly
    always."""
    code = frame.f_code
    return (code, frame.f_lasti) if is_users_file(code.co_filename) else user_place(3)


def _once(definition: Definition[..., Any], key: str, before: object, now: object) -> None:
    if before is not None and now is not None and before != now:
        raise TypeError(
            f"{definition.name}.options({key}={now!r}): it was given {key}={before!r} before. "
            "Say it once"
        )
