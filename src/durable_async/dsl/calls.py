"""A call that nothing has started yet. Invariant: who awaits it decides what it means, once; until
then nothing has happened.

Awaited inside an orchestrator a call becomes a command; in ordinary code it runs as plain code;
given to a client, or to `da.start`, an orchestrator's call becomes an instance.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Final, NoReturn, Protocol, TypeVar

from durable_async.convert.arguments import ArgumentsConverter, ResultConverter
from durable_async.convert.values import Converter
from durable_async.dsl.children import run_attempts
from durable_async.dsl.context import converter_of, refuse_in_operation, running, sealed
from durable_async.dsl.policy import RetryPolicy
from durable_async.dsl.sections import refuse_in_section, section_around
from durable_async.errors import NotDurableWarning
from durable_async.lines import Place, place_of
from durable_async.model.options import DEFAULT_QUEUE, ActivityOptions
from durable_async.model.payload import Payload
from durable_async.ports import Arrival, OrchestratorRuntime

__all__ = ["ActivityCall", "Call", "OrchestratorCall", "said_once"]

R = TypeVar("R")
T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)

_NO_FILE: Final = "<unknown>"
"""Where a warning is said to come from that no line of the user's caused."""


class Called(Protocol):
    """What any call asks of its definition."""

    @property
    def name(self) -> str: ...
    def check(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None: ...
    def arguments(self, converter: Converter) -> ArgumentsConverter: ...


class CalledActivity(Called, Protocol[R_co]):
    """What the call of an activity asks of it."""

    @property
    def stored_options(self) -> ActivityOptions | None: ...
    @property
    def waits_for_cancel(self) -> bool: ...
    def arrival(self, converter: Converter) -> Arrival[R_co]: ...
    def run_plain(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Coroutine[Any, Any, R_co]: ...


class CalledOrchestrator(Called, Protocol[R_co]):
    """What the call of an orchestrator, and whoever starts it, asks of it."""

    @property
    def version(self) -> str | None: ...
    @property
    def newest(self) -> bool: ...
    @property
    def id(self) -> str | None: ...
    @property
    def retry(self) -> RetryPolicy | None: ...
    @property
    def queue(self) -> str | None: ...
    @property
    def tags(self) -> dict[str, str]: ...
    @property
    def fn(self) -> Callable[..., Coroutine[Any, Any, R_co]]: ...
    def results(self, converter: Converter) -> ResultConverter: ...
    def arrival(self, converter: Converter) -> Arrival[R_co]: ...


class Call(Coroutine[Any, Any, R]):
    """What both kinds of call have in common: a coroutine that has not begun.

    It is awaited once, by whatever awaits coroutines: directly, by `asyncio.create_task`,
    `gather`, a `TaskGroup`. One that is dropped unawaited emits a RuntimeWarning with the line
    that made it.
    Raises: RuntimeError when it is awaited a second time; TypeError when it is pickled or copied.
    """

    __slots__ = ("__weakref__", "_began", "_inner", "_key", "_runtime", "args", "kwargs", "place")

    def __init__(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        place: Place | None,
        runtime: OrchestratorRuntime | None,
    ) -> None:
        self.args = args
        self.kwargs = kwargs
        self.place = place
        self._runtime = runtime
        self._began = False
        self._inner: Generator[Any, Any, R] | None = None
        self._key: int | None = None

    # ---- what the kinds differ in ------------------------------------------------------------

    def _begin(self) -> Generator[Any, Any, R]:
        """Start it, as what it means here."""
        raise NotImplementedError

    def _title(self) -> str:
        """E.g. "activity 'charge'"."""
        raise NotImplementedError

    # ---- Coroutine ---------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, Any, R]:
        self._begin_once()
        return self._begin()

    def send(self, value: Any, /) -> Any:
        if self._inner is None:
            self._begin_once()
            self._inner = self._begin()
        return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        if self._inner is not None:
            return self._inner.throw(*error)
        self._began = True
        failure = error[1] if len(error) > 1 and error[1] is not None else error[0]
        raise failure if isinstance(failure, BaseException) else failure()

    def close(self) -> None:
        self._began = True
        if self._inner is not None:
            self._inner.close()

    def _begin_once(self) -> None:
        if self._began:
            raise RuntimeError(
                f"the call of {self._title()} made at {self._where} was awaited before: make a new "
                "call for each run"
            )
        self._began = True

    # ---- identity ----------------------------------------------------------------------------

    @property
    def line(self) -> str:
        """ "file:line" where the call was made; "" if no code of the user's made it."""
        return place_of(self.place)

    @property
    def _where(self) -> str:
        """The same, for messages."""
        return self.line or "an unknown line"

    def taken(self) -> None:
        """Said by whoever starts what the call names: it has been used."""
        self._began = True

    def __hash__(self) -> int:
        if self._runtime is None:
            return object.__hash__(self)
        if self._key is None:
            self._key = self._runtime.new_key()
        return self._key

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"the call of {self._title()} made at {self._where} cannot be pickled or copied: pass "
            "the function and its arguments, and call it where it is awaited"
        )

    def __del__(self) -> None:
        if self._began or (self._runtime is not None and self._runtime.is_closed()):
            return
        file, _, line = self.line.rpartition(":")
        warnings.warn_explicit(
            f"the call of {self._title()} made at {self._where} was never awaited: write `await`, "
            "or give it to asyncio.create_task, gather or a client",
            RuntimeWarning,
            filename=file or _NO_FILE,
            lineno=int(line or 1),
            source=self,
        )

    def __repr__(self) -> str:
        return f"<call of {self._title()} made at {self._where}>"

    # What `inspect.getcoroutinestate` and anyio ask of a coroutine.

    @property
    def cr_running(self) -> bool:
        return False

    @property
    def cr_suspended(self) -> bool:
        return self._inner is not None

    @property
    def cr_frame(self) -> None:
        return None

    @property
    def cr_await(self) -> object:
        return self._inner


class ActivityCall(Call[R]):
    """A call of an activity.

    Awaited inside an orchestrator it is a durable step: an attempt is made by a worker, and the
    result recorded. Awaited in ordinary code it runs here and now as plain code: no retry, no
    timeout, nothing recorded.
    Raises: what the activity raised; ActivityTimeoutError, WorkerLostError; SerializationError if
    the result does not fit its type hint; asyncio.CancelledError if the wait is cancelled, which
    cancels the activity.
    Records: ActivityScheduled; then ActivityCompleted or ActivityFailed, or
    ActivityCancelRequested (and ActivityCancelled, with `cancel="wait"`).
    """

    __slots__ = ("_encoded", "activity")

    def __init__(
        self,
        activity: CalledActivity[R],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        place: Place | None,
    ) -> None:
        runtime = running()
        # What __del__ reads, first: encoding may raise.
        super().__init__(args, kwargs, place, runtime)
        self.activity = activity
        self._encoded: tuple[Payload, int] | None = None
        self._began = True
        activity.check(args, kwargs)
        if runtime is not None:
            # Here, on the user's line, and before a mutable argument can change.
            converter = converter_of(runtime).unsealed
            self._encoded = activity.arguments(converter).encode(args, kwargs)
        self._began = False

    def _title(self) -> str:
        return f"activity {self.activity.name!r}"

    def _begin(self) -> Generator[Any, Any, R]:
        runtime = running()
        if runtime is None:
            refuse_in_operation(f"{self._title()} is awaited at {self._where},")
            return self.activity.run_plain(self.args, self.kwargs).__await__()
        activity = self.activity
        converter = converter_of(runtime)
        if self._encoded is None:
            self._encoded = activity.arguments(converter.unsealed).encode(self.args, self.kwargs)
        payload, fingerprint = self._encoded
        if converter.unsealed is not converter:
            payload = sealed(runtime, payload, what=f"the arguments of {activity.name}")
        future = runtime.schedule_activity(
            name=activity.name,
            input=payload,
            fingerprint=fingerprint,
            options=activity.stored_options,
            wait_for_cancel=activity.waits_for_cancel,
            line=self._line,
            arrival=activity.arrival(converter),
            definition=activity,
        )
        return future.__await__()

    def _line(self) -> str:
        return place_of(self.place)


class OrchestratorCall(Call[R]):
    """A call of an orchestrator: also what `client.start`, `da.start`, `da.continue_as_new` and
    `da.run` take.

    Awaited inside an orchestrator it is a child: an instance of its own, whose id is derived from
    the execution's unless `.options(id=)` says it, and which is cancelled when the await is. A
    child that fails raises what it raised; with `.options(retry=)` it is tried again first.
    Awaited in ordinary code it runs as plain code, with a NotDurableWarning once for each line.
    Raises: what the orchestrator raised; InstanceAlreadyExistsError if the id is taken;
    InstanceCancelledError, InstanceTerminatedError if the child was; SerializationError if its
    result does not fit the type hint; asyncio.CancelledError if the wait is cancelled; LockError
    inside a critical section; NotDurableError inside an operation of an entity.
    Records: ChildStarted; then CallCompleted or CallFailed, or ChildCancelRequested. Between two
    attempts what `sleep` records.
    Known elsewhere as: Azure call_sub_orchestrator, Temporal execute_child_workflow.
    """

    __slots__ = ("_caller", "_encoded", "orchestrator")

    def __init__(
        self,
        orchestrator: CalledOrchestrator[R],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        place: Place | None,
        caller: dict[str, Any],
    ) -> None:
        runtime = running()
        # What __del__ reads, first: encoding may raise.
        super().__init__(args, kwargs, place, runtime)
        self._caller = caller  # the globals of the calling code: warnings keep their registry there
        self.orchestrator = orchestrator
        self._encoded: tuple[Payload, int] | None = None
        self._began = True
        orchestrator.check(args, kwargs)
        if runtime is not None:
            # Here, on the user's line, and before a mutable argument can change.
            converter = converter_of(runtime).unsealed
            self._encoded = orchestrator.arguments(converter).encode(args, kwargs)
        self._began = False

    def encode(self, converter: Converter) -> tuple[Payload, int]:
        """The arguments as a payload, and their fingerprint, for who starts it from outside.

        Raises SerializationError if one does not fit its hint, or has no stored form.
        """
        return self.orchestrator.arguments(converter).encode(self.args, self.kwargs)

    def issue(self, runtime: OrchestratorRuntime) -> tuple[Payload, int]:
        """The same inside an orchestrator: as the arguments were when the call was made."""
        if self._encoded is None:  # made outside of one
            converter = converter_of(runtime).unsealed
            self._encoded = self.orchestrator.arguments(converter).encode(self.args, self.kwargs)
        payload, fingerprint = self._encoded
        what = f"the arguments of {self.orchestrator.name}"
        return sealed(runtime, payload, what=what), fingerprint

    def _title(self) -> str:
        return f"orchestrator {self.orchestrator.name!r}"

    def _line(self) -> str:
        return place_of(self.place)

    def _begin(self) -> Generator[Any, Any, R]:
        runtime = running()
        if runtime is None:
            refuse_in_operation(f"{self._title()} is awaited at {self._where},")
            self._warn_of_plain_run()
            return self.orchestrator.fn(*self.args, **self.kwargs).__await__()
        if section_around() is not None:
            refuse_in_section(f"{self._title()} is called", self.line)
        return self._child(runtime)

    def _child(self, runtime: OrchestratorRuntime) -> Generator[Any, Any, R]:
        orchestrator = self.orchestrator
        arrival = orchestrator.arrival(converter_of(runtime))

        def start(id: str | None) -> tuple[str, asyncio.Future[R]]:
            payload, fingerprint = self.issue(runtime)
            return runtime.start_child(
                id=id,
                name=orchestrator.name,
                version=orchestrator.version,
                newest=orchestrator.newest,
                input=payload,
                fingerprint=fingerprint,
                queue=orchestrator.queue or DEFAULT_QUEUE,
                tags=dict(orchestrator.tags),
                line=self._line,
                arrival=arrival,
                definition=orchestrator,
            )

        if orchestrator.retry is not None:
            return run_attempts(start, orchestrator.retry, runtime, orchestrator.id).__await__()
        _, future = start(orchestrator.id)
        return future.__await__()

    def _warn_of_plain_run(self) -> None:
        file, _, line = self.line.rpartition(":")
        warnings.warn_explicit(
            f"{self._title()} runs as plain code: nothing is recorded. Use client.start(...) "
            f"or da.run(...) for a durable run, or {self.orchestrator.fn.__name__}.fn(...) if this "
            "is what you mean",
            NotDurableWarning,
            filename=file or _NO_FILE,
            lineno=int(line or 1),
            registry=self._caller.setdefault("__warningregistry__", {}),
        )


def said_once(
    orchestrator: CalledOrchestrator[Any], taker: str, key: str, before: T | None, now: T | None
) -> T | None:
    """What was said of a start, in `.options` or to whoever starts it. taker: that function.

    Raises TypeError if both were said, and differ.
    """
    if before is not None and now is not None and before != now:
        raise TypeError(
            f"{orchestrator.name}: {taker} has {key}={now!r} and .options has {key}={before!r}. "
            "Say it once"
        )
    return before if now is None else now
