"""The event loop of one execution. Invariant: the order in which callbacks run is a function of the
order in which they were asked for, and of nothing else.

It never blocks and never waits: `run_until_idle` returns when nothing is ready, and the next
event of history makes something ready again. Three deliberate differences from asyncio's own
loop keep the order a function of history (docs/architecture.md, "Order is data"): wake-ups
that cancels of one step cause are run by task number; deliveries that anyio re-arms for ever
run only when nothing else is ready; `as_completed` over a list makes its tasks in that order.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import types
import weakref
from asyncio import events
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from types import CodeType, MethodType
from typing import Any, Final, TypeVar, TypeVarTuple

from durable_async.core.clock import ExecutionClock, due_at
from durable_async.core.frames import WAIT, WRAP_FUTURE, given_to_as_completed, makes_anyio_thread
from durable_async.core.handles import NO_TIMERS, Handle, TimerHandle, Timers
from durable_async.core.refusals import REFUSED, not_durable
from durable_async.core.tasks import (
    HASH_MASK,
    TASK_STEP,
    OrchestratorFuture,
    OrchestratorTask,
    TaskLoop,
    Watched,
    innermost_frame,
)
from durable_async.errors import LivelockError, NotDurableError
from durable_async.lines import Place, is_users_file, line_of_frame, place_of, user_place

__all__ = ["BUSY_LIMIT", "MAIN", "STEP_LIMIT", "OrchestratorLoop"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

MAIN: Final = 1
"""The number of the task that runs the main coroutine."""

STEP_LIMIT: Final = 10_000
"""Steps in a row that bring nothing about: no command, no new task, no ended one."""

BUSY_LIMIT: Final = 250_000
"""Steps in a row altogether, whatever they bring about: five times what a history may hold."""

_QUIET_ROUNDS: Final = 2
_NO_FAILURE: Final = (StopIteration, asyncio.CancelledError)
_MIX: Final = 0x9E3779B97F4A7C15

_NOTHING_READY: Final[deque[Any]] = deque(maxlen=0)
"""Of every loop that rests. It takes nothing."""

_Context = dict[str, Any]


class OrchestratorLoop(TaskLoop):
    """An event loop whose time, order and wake-ups come from history.

    seed: mixed into the hashes of tasks and futures. timers: where `call_at` goes.
    report: told of problems that nobody awaits ("what happened", the exception if any).
    """

    def __init__(
        self,
        *,
        seed: int,
        clock: ExecutionClock,
        timers: Timers,
        runtime: object,
        report: Callable[[str, BaseException | None], None],
    ) -> None:
        self.durable_runtime = runtime
        self._seed = seed
        self._clock = clock
        self._timers = timers
        self._report = report
        self._ready: deque[Handle | TimerHandle] = deque()
        self._rearmed: list[Handle | TimerHandle] = []
        # Made when needed, as most instances that wait never need them.
        self._cancel_slots: list[tuple[int, int]] | None = None
        self._presets: dict[int, asyncio.Task[Any]] | None = None
        self._generators: list[AsyncGenerator[Any, Any]] = []
        self._failed: list[weakref.ref[OrchestratorTask[Any]]] = []
        self._endless: tuple[object, ...] = ()
        self._objects = 0
        self._tasks_made = 0
        self._steps = 0
        self._earlier_steps = 0
        self._deeds = 0
        self._running = False
        self._stopped = False
        self._closed = False
        self.tasks: dict[int, OrchestratorTask[Any]] = {}
        """Unfinished tasks by number; it alone keeps them alive."""

    # ---- running -----------------------------------------------------------------------------

    def entered(self) -> _Entered:
        """Be the running loop of this thread, with our hooks; then restore what was there."""
        return _Entered(self)

    def rest(self) -> None:
        """Until it is entered again nothing may become ready: what did would run by accident.

        So nothing is kept for it, and an instance that waits saves the 760 bytes of a deque.
        """
        if not self._ready:
            self._ready = _NOTHING_READY

    def run_until_idle(self) -> None:
        """Run what is ready, and what that makes ready, until nothing is.

        To be called inside `entered()`. Raises LivelockError.
        """
        self._steps = self._earlier_steps = 0
        self._stopped = False
        quiet = 0
        while True:
            self._run_ready()
            if self._stopped or not self._rearmed or quiet >= _QUIET_ROUNDS:
                return
            # anyio re-arms a delivery of cancellation for as long as a task has not ended.
            before = self._deeds
            self._ready.extend(self._rearmed)
            self._rearmed.clear()
            self._run_ready()
            quiet = quiet + 1 if self._deeds == before else 0

    def _run_ready(self) -> None:
        """The loop itself: first in, first out."""
        ready = self._ready
        if self.has_cancelled:  # by whoever came before the first step
            self._order_cancelled()
        while ready and not self._stopped:
            handle = ready.popleft()
            if handle._cancelled:
                continue
            self._steps += 1
            try:
                handle._context.run(handle._callback, *handle._args)
            except (SystemExit, KeyboardInterrupt):
                # A task keeps it as its exception before it raises it out of the step; the
                # process is not the orchestrator's to end.
                pass
            except BaseException as error:
                message = f"exception in callback {handle._callback!r}"
                self.call_exception_handler({"message": message, "exception": error})
            if self.has_cancelled:
                self._order_cancelled()
            if self._steps > STEP_LIMIT or self._earlier_steps > BUSY_LIMIT:
                raise self._livelock()

    @property
    def is_idle(self) -> bool:
        """Whether `run_until_idle` would run nothing."""
        return not (self._ready or self._rearmed)

    def stop_running(self) -> None:
        """Return from `run_until_idle` after the current callback."""
        self._stopped = True

    def progress(self) -> None:
        """Something came about."""
        self._earlier_steps += self._steps  # as `_begin_anew`: each command passes here
        self._steps = 0
        self._deeds += 1

    def _begin_anew(self) -> None:
        """Count fruitless steps from here."""
        self._earlier_steps += self._steps
        self._steps = 0

    def wake(self, handle: TimerHandle) -> None:
        """Make the handle of a timer that fired ready."""
        handle._scheduled = False
        self._ready.append(handle)

    def _order_cancelled(self) -> None:
        self.has_cancelled = False
        self._timers.order_cancels()
        slots, self._cancel_slots = self._cancel_slots or (), None
        ready = self._ready
        ordered = sorted(slots)  # by task number, then by who came first
        handles = [ready[position] for _, position in ordered]
        for position, handle in zip(sorted(p for _, p in slots), handles, strict=True):
            ready[position] = handle

    def _livelock(self) -> LivelockError:
        lines = ", ".join(sorted({line for _, line in self.waiting_lines() if line}))
        steps = (
            f"{STEP_LIMIT:,} steps in a row brought nothing about: no command, no task begun or "
            "ended"
            if self._steps > STEP_LIMIT
            else f"{BUSY_LIMIT:,} steps in a row, and it still waits for nothing"
        )
        return LivelockError(
            f"{steps} (tasks at {lines or 'unknown lines'}). Wait for something durable inside the "
            "loop there, e.g. `await asyncio.sleep(1)`, an event or an activity"
        )

    # ---- callbacks and timers ----------------------------------------------------------------

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        handle = Handle(callback, args, self, context)
        if type(callback) is MethodType:
            if _is_rearmed_delivery(callback):
                self._rearmed.append(handle)
                return handle
        elif type(callback) is TASK_STEP:
            task: Any = getattr(callback, "__self__", None)
            if type(task) is not OrchestratorTask:
                raise self._refused_task(task)
        if self.cancelling is not None:
            if self._cancel_slots is None:
                self._cancel_slots = []
            self._cancel_slots.append((self.cancelling, len(self._ready)))
        self._ready.append(handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        if delay is None:
            raise TypeError("delay must not be None")
        return self.call_at(self._clock.seconds + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        if when is None:
            raise TypeError("when cannot be None")
        handle = TimerHandle(when, callback, args, self, context)
        if when <= self._clock.seconds:
            self._ready.append(handle)
            return handle
        handle.number = self._timers.start_timer(due_at(when), handle)
        handle._scheduled = True
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        if isinstance(handle, TimerHandle) and handle.number is not None and handle._scheduled:
            handle._scheduled = False
            self._timers.cancel_timer(handle.number)

    def time(self) -> float:
        """Unix seconds of the execution's clock."""
        if makes_anyio_thread(sys._getframe(1)):
            raise self._refusal("anyio.to_thread.run_sync", REFUSED["run_in_executor"][1])
        return self._clock.seconds

    # ---- tasks and futures -------------------------------------------------------------------

    def create_future(self) -> OrchestratorFuture[Any]:
        frame = sys._getframe(1)
        if frame.f_code is WAIT:
            self._check_waited(frame.f_locals["fs"])
        elif frame.f_code is WRAP_FUTURE:
            raise self._refusal("asyncio.wrap_future", REFUSED["run_in_executor"][1])
        return OrchestratorFuture(loop=self, key=self.new_key())

    def create_task(
        self,
        coro: Any,
        *,
        name: object = None,
        context: contextvars.Context | None = None,
        **kwargs: Any,
    ) -> asyncio.Task[Any]:
        if kwargs.pop("eager_start", None):
            raise self._refusal("create_task(eager_start=True)", REFUSED["set_task_factory"][1])
        if kwargs:
            raise TypeError(f"create_task() got unexpected keyword arguments {sorted(kwargs)}")
        if not asyncio.iscoroutine(coro):
            raise TypeError(f"a coroutine was expected, got {coro!r}")
        given = given_to_as_completed(sys._getframe(1))
        if given is not None:
            preset = self._preset(given, coro)
            if preset is not None:
                return preset
        self._timers.refuse_in_side_effect("a task that begins")
        return self._new_task(coro, name, context, self._user_place())

    def create_main_task(self, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """The first task, in an empty context. Nobody's line makes it: its own first one does, if
        it is the user's."""
        code: CodeType | None = getattr(coro, "cr_code", None)
        place = (code, 0) if code is not None and is_users_file(code.co_filename) else None
        return self._new_task(coro, None, contextvars.Context(), place)

    def _new_task(
        self,
        coro: Coroutine[Any, Any, T],
        name: object,
        context: contextvars.Context | None,
        place: Place | None,
    ) -> asyncio.Task[T]:
        self._tasks_made += 1
        self._begin_anew()
        number = self._tasks_made
        task = OrchestratorTask(
            Watched(coro, self, number),
            loop=self,
            number=number,
            key=self.new_key(),
            name=f"Task-{number}" if name is None else str(name),
            context=context,
            place=place,
        )
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # we close them ourselves
        self.tasks[number] = task
        return task

    def new_key(self) -> int:
        """The hash of the next task, future or call."""
        self._objects += 1
        return (self._seed ^ (self._objects * _MIX)) & HASH_MASK

    def task_ended(self, number: int) -> None:
        self.progress()
        task = self.tasks.pop(number, None)
        if task is not None and not isinstance(sys.exception(), _NO_FAILURE):
            self._failed.append(weakref.ref(task))

    def failed_tasks(self) -> list[OrchestratorTask[Any]]:
        """Tasks that ended with an exception since this was last asked, still referenced."""
        failed, self._failed = self._failed, []
        return [task for reference in failed if (task := reference()) is not None]

    def user_line(self) -> str:
        return place_of(self._user_place())

    def _user_place(self) -> Place | None:
        place = user_place(3)  # not the loop's own frame, which called this
        if place is None and self._running:
            # No user's frame is left in `create_task(asyncio.wait_for(charge(x), 5))`; and those of
            # who awaits stand in no chain while an exception is thrown into what they await.
            task = asyncio.current_task(self)
            if isinstance(task, OrchestratorTask):
                frame = innermost_frame(task.get_coro())
                place = task.place if frame is None else (frame.f_code, frame.f_lasti)
        return place

    def _refusal(self, what: str, way_out: str) -> NotDurableError:
        return not_durable(what, way_out, self.user_line())

    def waiting_lines(self) -> list[tuple[str, str]]:
        """Name and "file:line" of each unfinished task, oldest first."""
        return [
            (
                task.get_name(),
                line_of_frame(innermost_frame(task.get_coro())) or place_of(task.place),
            )
            for _, task in sorted(self.tasks.items())
        ]

    def _refused_task(self, task: asyncio.Task[Any]) -> NotDurableError:
        """Why a task that `create_task` did not make has no first step. One that is eager has had
        it already, which nobody can see."""
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # it never begins
        task.get_coro().close()  # nor does this, which would warn
        return self._refusal(
            f"{type(task).__name__}(...)",
            "a task that the loop did not make is not numbered, nor unwound with the others: use "
            "asyncio.create_task(...)",
        )

    def _preset(self, given: Iterable[object], coro: object) -> asyncio.Task[Any] | None:
        """The task of one of those that `as_completed` was given. They are all made at once, in the
        order of its list, before its set mixes them."""
        presets = self._presets
        if presets is None or id(coro) not in presets:
            if not isinstance(given, list | tuple):
                raise self._mixed(f"a {type(given).__name__} of bare coroutines")
            # asyncio wraps a coroutine of its own round an awaitable of another kind.
            if not any(item is coro for item in given) and sum(map(_is_wrapped, given)) > 1:
                coro.close()  # type: ignore[attr-defined]  # asyncio's own, which nobody awaits now
                raise self._mixed("several awaitables that are neither coroutines nor futures")
            presets = self._presets = presets or {}
            begun = {id(_coroutine_of(task)) for task in self.tasks.values()}
            for item in given:
                if asyncio.iscoroutine(item) and id(item) not in presets and id(item) not in begun:
                    presets[id(item)] = self._new_task(item, None, None, self._user_place())
        return presets.pop(id(coro), None)

    def _mixed(self, what: str) -> NotDurableError:
        return self._refusal(
            f"asyncio.as_completed over {what}",
            "their order in memory decides the order of the tasks: give it a list, or tasks",
        )

    def _check_waited(self, waited: Iterable[object]) -> None:
        for future in waited:
            if not isinstance(future, OrchestratorTask | OrchestratorFuture):
                raise self._refusal(
                    f"asyncio.wait over {type(future).__name__}",
                    "it is ordered by its place in memory: wrap it in a task of yours with "
                    "asyncio.create_task(...), and wait for that",
                )

    # ---- async generators --------------------------------------------------------------------

    def _generators_first_iter(self, generator: AsyncGenerator[Any, Any]) -> None:
        # Strong references: the collector must not decide when one is closed.
        if len(self._generators) >= 64:
            self._generators = [each for each in self._generators if _is_open(each)]
        self._generators.append(generator)

    def open_generators(self) -> list[AsyncGenerator[Any, Any]]:
        """Async generators that were begun and not finished, oldest first; they are let go."""
        generators, self._generators = self._generators, []
        return [each for each in generators if _is_open(each)]

    def has_open_generators(self) -> bool:
        return bool(self._generators) and any(map(_is_open, self._generators))

    async def shutdown_asyncgens(self) -> None:
        """Close what was begun and not finished, oldest first."""
        while self._generators:
            generator = self._generators[0]
            try:
                await generator.aclose()
            except Exception as error:
                self._report(f"exception while closing {generator!r}", error)
            # Held until it is closed: one let go before would unwind wherever it is collected.
            self._generators = [each for each in self._generators if each is not generator]

    # ---- the end -----------------------------------------------------------------------------

    def hold(self, endless: object) -> None:
        """What would not unwind: to drop it now would begin that all over again."""
        self._endless += (endless,)

    def discard(self) -> None:
        """Forget everything that is ready, every task, and the execution; nothing of it runs again.

        The execution knows its loop: what the two held of each other would be left to the garbage
        collector, some thirty objects of each instance that ends.
        """
        self._closed = True
        self.durable_runtime = None
        self._timers = NO_TIMERS
        self._report = _ignore
        self._ready.clear()
        self._rearmed.clear()
        self._presets = None
        self.tasks.clear()
        self._generators.clear()

    # ---- the rest of asyncio's contract ------------------------------------------------------

    def is_running(self) -> bool:
        return self._running

    def is_closed(self) -> bool:
        return self._closed

    def get_debug(self) -> bool:
        return False

    def set_debug(self, enabled: bool) -> None:
        """Accepted and ignored: asyncio's debug mode looks at wall clocks."""

    def get_task_factory(self) -> None:
        return None

    def get_exception_handler(self) -> None:
        return None

    def set_exception_handler(self, handler: object) -> None:
        """Accepted and ignored: what nobody awaits is reported by the worker."""

    def default_exception_handler(self, context: _Context) -> None:
        self.call_exception_handler(context)

    def call_exception_handler(self, context: _Context) -> None:
        self._report(str(context.get("message", "unhandled")), context.get("exception"))

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Nothing to do: there is no executor."""

    def __repr__(self) -> str:
        return f"<OrchestratorLoop tasks={len(self.tasks)} ready={len(self._ready)}>"


class _Entered:
    """See `OrchestratorLoop.entered`. No generator: each episode enters, and leaves."""

    __slots__ = ("_hooks", "_loop", "_outer")

    def __init__(self, loop: OrchestratorLoop) -> None:
        self._loop = loop
        self._outer = events._get_running_loop()
        self._hooks = sys.get_asyncgen_hooks()

    def __enter__(self) -> None:
        loop = self._loop
        events._set_running_loop(loop)
        if self._hooks.finalizer is None:  # each hook that is set is an event that is audited
            sys.set_asyncgen_hooks(firstiter=loop._generators_first_iter)
        else:
            sys.set_asyncgen_hooks(firstiter=loop._generators_first_iter, finalizer=None)
        loop._running = True
        if loop._ready is _NOTHING_READY:
            loop._ready = deque()

    def __exit__(self, *error: object) -> None:
        self._loop._running = False
        hooks = self._hooks
        if hooks.finalizer is None:
            sys.set_asyncgen_hooks(firstiter=hooks.firstiter)
        else:
            sys.set_asyncgen_hooks(*hooks)
        events._set_running_loop(self._outer)


def _is_rearmed_delivery(callback: types.MethodType) -> bool:
    function = callback.__func__
    return (
        getattr(function, "__name__", "") == "_deliver_cancellation"
        and function.__module__ == "anyio._backends._asyncio"
    )


def _coroutine_of(task: asyncio.Task[Any]) -> object:
    """The coroutine that a task was made of."""
    watched = task.get_coro()
    return watched.coroutine if isinstance(watched, Watched) else watched


def _is_wrapped(awaitable: object) -> bool:
    """Whether asyncio wraps a coroutine of its own round it, to make a task of it."""
    return not (asyncio.iscoroutine(awaitable) or asyncio.isfuture(awaitable))


def _ignore(message: str, error: BaseException | None) -> None:
    """Nobody is left who could be told."""


def _is_open(generator: AsyncGenerator[Any, Any]) -> bool:
    return getattr(generator, "ag_frame", None) is not None
