"""CPython's own asyncio tests, run as orchestrators.

Invariant: nothing of them is copied. The classes are those that the interpreter brings along as
`test.test_asyncio`; only the loop under them is ours.

Tests of `IsolatedAsyncioTestCase` are coroutines already: each, with its set-up and tear-down, is
the main coroutine of an execution. The others drive a loop by hand: they are given hosted loops,
whose `run_until_complete` lets one timer after another fire, and are rebuilt by running them
again on the history that they recorded.
"""

import asyncio
import gc
import importlib
import inspect
import random
import traceback
import unittest
import warnings
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any
from unittest import mock

import attrs
from tests.loop.durable import Code, World, drive, started

from durable_async.core.loop import OrchestratorLoop
from durable_async.core.machine import Machine
from durable_async.core.match import Matcher
from durable_async.model.failure import Failure
from durable_async.model.history import EpisodeStarted, HistoryEvent, TimerFired, TimerStarted

__all__ = ["Case", "Outcome", "all_cases", "run"]

ISOLATED = (
    "test_taskgroups",
    "test_timeouts",
    "test_locks",
    "test_queues",
    "test_waitfor",
    "test_futures2",
    "test_staggered",
)

# Classes of test_tasks, and what else they are mixed with to make a test case.
HOSTED = {
    "BaseTaskTests": ("BaseTaskTests", "SetMethodsTest"),
    "FutureGatherTests": ("FutureGatherTests",),
    "CoroutineGatherTests": ("CoroutineGatherTests",),
    "SleepTests": ("SleepTests",),
}


# They start interpreters of their own, which know nothing of the loop under test.
LEFT_OUT = ("test_env_var_debug",)


@attrs.frozen
class Case:
    """One test. name: "module.Class.test", as in the table of differences."""

    name: str
    cls: type[unittest.TestCase]
    method: str

    @property
    def is_isolated(self) -> bool:
        return issubclass(self.cls, unittest.IsolatedAsyncioTestCase)


@attrs.frozen
class Outcome:
    """What a test came to. problem: its traceback, None if it passed. histories: one of each
    execution that it made."""

    problem: str | None
    skipped: bool
    histories: list[list[HistoryEvent]]


def all_cases() -> list[Case]:
    """Every test that this interpreter brings along; none if it was installed without."""
    cases = []
    for name in ISOLATED:
        module = _module(name)
        for cls in vars(module).values() if module else ():
            if _is_isolated_test(cls, module):
                cases += _cases(f"{name}.{cls.__name__}", cls)
    tasks, utils = _module("test_tasks"), _module("utils")
    if tasks and utils:
        for name, parts in HOSTED.items():
            bases = (Hosted, *(getattr(tasks, part) for part in parts), utils.TestCase)
            cases += _cases(f"test_tasks.{name}", type(name, _without_doubles(bases), {}))
    return cases


def _module(name: str) -> ModuleType | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(f"test.test_asyncio.{name}")
        except ModuleNotFoundError:
            return None


def _is_isolated_test(cls: Any, module: ModuleType | None) -> bool:
    return (
        isinstance(cls, type)
        and issubclass(cls, unittest.IsolatedAsyncioTestCase)
        and module is not None
        and cls.__module__ == module.__name__
    )


def _without_doubles(bases: tuple[type, ...]) -> tuple[type, ...]:
    """Leave out a base that another one brings along already."""
    return tuple(
        base
        for base in bases
        if not any(base is not other and issubclass(other, base) for other in bases)
    )


def _cases(prefix: str, cls: type[unittest.TestCase]) -> list[Case]:
    names = unittest.TestLoader().getTestCaseNames(cls)
    return [Case(f"{prefix}.{name}", cls, name) for name in names if name not in LEFT_OUT]


def run(case: Case) -> tuple[Outcome, Outcome]:
    """The test on a live loop, and on one that is rebuilt."""
    if case.is_isolated:
        return _run_isolated(case, rebuild=False), _run_isolated(case, rebuild=True)
    live = _run_hosted(case, recorded=None)
    return live, _run_hosted(case, recorded=live.histories)


def _loop_time() -> float:
    """What a test takes for the wall clock."""
    return asyncio.get_running_loop().time()


# ---- coroutines: the main coroutine of an execution ------------------------------------------


class _CaseCode(Code):
    def failure(self, error: BaseException) -> Failure:
        text = "".join(traceback.format_exception(error))
        return Failure(type_name=type(error).__name__, message=str(error), traceback=text)


def _run_isolated(case: Case, *, rebuild: bool) -> Outcome:
    async def body(steps: object) -> None:
        test = case.cls(case.method)
        assert isinstance(test, unittest.IsolatedAsyncioTestCase)
        test.setUp()
        await test.asyncSetUp()
        try:
            await _settled(getattr(test, case.method)())
        finally:
            await test.asyncTearDown()
            test.tearDown()
            while test._cleanups:
                function, args, kwargs = test._cleanups.pop()
                await _settled(function(*args, **kwargs))

    def make() -> Code:
        return _CaseCode(case.name, body)

    with mock.patch("time.monotonic", _loop_time):
        recorded = drive(make, World(), rebuild=rebuild)
    failure = recorded.failure
    if failure is None:
        return Outcome(None, False, [list(recorded.history)])
    skipped = failure.type_name == "SkipTest"
    return Outcome(failure.traceback, skipped, [list(recorded.history)])


async def _settled(result: Any) -> None:
    if inspect.isawaitable(result):
        await result


# ---- functions that drive a loop: a hosted loop ----------------------------------------------


class HostedLoop(OrchestratorLoop):
    """What a test needs of a loop besides what an orchestrator has: to be run, and closed."""

    host: "Host"
    _default_executor = None  # looked at by the tests' own tear-down

    def run_until_complete(self, future: Any) -> Any:
        future = asyncio.ensure_future(future, loop=self)
        future.add_done_callback(self._complete)
        try:
            self._run_until_idle()
            while not future.done():
                self.host.fire_next_timer()
                self._run_until_idle()
        finally:
            future.remove_done_callback(self._complete)
        return future.result()

    def _run_until_idle(self) -> None:
        with self.entered():
            self.run_until_idle()

    def _complete(self, future: object) -> None:
        self.stop_running()

    def advance_time(self, seconds: float) -> None:
        self.host.advance(seconds)

    def set_task_factory(self, factory: object) -> None:
        """The classes of tasks and futures are the one thing that is not the tests' to choose."""

    def close(self) -> None:
        self.host.close()


class Host:
    """An execution without a main coroutine: a test drives its loop. recorded: to rebuild from."""

    def __init__(self, recorded: list[HistoryEvent] | None) -> None:
        self.machine = Machine(
            Code("hosted", _nothing), started("hosted"), learn=None, report=_ignore, strict=True
        )
        self._matcher = None if recorded is None else Matcher(recorded)
        self.machine.ledger.replay_from(self._matcher)
        self._due: dict[int, Any] = {}
        self.loop = self.machine.loop
        self.loop.__class__ = HostedLoop
        self.loop.host = self

    @property
    def history(self) -> list[HistoryEvent]:
        return list(self.machine.ledger.events)

    def fire_next_timer(self) -> None:
        event = self._delivered(TimerFired) if self._matcher else self._next_timer()
        self.machine.waits.timer_fired(event)

    def _next_timer(self) -> TimerFired:
        events = self.machine.ledger.events
        started = [event for event in events if isinstance(event, TimerStarted)]
        waiting = [event for event in started if self.machine.waits.expects(_fired(event))]
        assert waiting, f"stuck: {self.loop.waiting_lines()}"
        first = min(waiting, key=lambda event: (event.due, event.number))
        events += [EpisodeStarted(at=first.due), _fired(first)]
        self.machine.clock.move_to(first.due)
        return _fired(first)

    def advance(self, seconds: float) -> None:
        """Let the clock move though nothing happens."""
        if self._matcher:
            self._delivered(EpisodeStarted)
            return
        later = self.machine.clock.now + timedelta(seconds=seconds)
        self.machine.ledger.events.append(EpisodeStarted(at=later))
        self.machine.clock.move_to(later)

    def _delivered(self, kind: type) -> Any:
        """The next event of this kind; the clock moves to the episodes that begin before it."""
        assert self._matcher is not None
        while True:
            event = self._matcher.take_delivered()
            assert event is not None, self.machine.ledger.blocked
            if isinstance(event, EpisodeStarted):
                self.machine.clock.move_to(event.at)
            if isinstance(event, kind):
                return event

    def close(self) -> None:
        if self._matcher is not None:
            assert self.machine.ledger.blocked is None, self.machine.ledger.blocked
            assert self._matcher.unmatched() is None, "recorded, and not asked for again"
        self.machine.close()


def _fired(event: TimerStarted) -> TimerFired:
    return TimerFired(number=event.number)


def _ignore(message: str, error: BaseException | None) -> None:
    """Reports are for workers."""


async def _nothing(steps: object) -> None:
    """A hosted execution has no main coroutine."""


class Hosted:
    """Mixed into a test class: every loop, task and future is an orchestrator's."""

    Task = asyncio.Task
    Future = asyncio.Future
    recorded: list[list[HistoryEvent]] | None = None

    def __init__(self, method: str) -> None:
        super().__init__(method)
        self.hosts: list[Host] = []

    def new_loop(self) -> OrchestratorLoop:
        number = len(self.hosts)
        host = Host(None if self.recorded is None else self.recorded[number])
        self.hosts.append(host)
        return host.loop

    def new_test_loop(self, clock: Callable[[], Any] | None = None) -> OrchestratorLoop:
        """clock: how CPython's own test loop is told to move on; ours moves on by itself."""
        loop = self.new_loop()
        self.set_event_loop(loop)
        return loop

    def new_task(
        self, loop: Any, coro: Any, name: str = "TestTask", context: Any = None
    ) -> asyncio.Task[Any]:
        return loop.create_task(coro, name=name, context=context)

    def new_future(self, loop: Any) -> asyncio.Future[Any]:
        return OrchestratorLoop.create_future(loop)


def _run_hosted(case: Case, *, recorded: list[list[HistoryEvent]] | None) -> Outcome:
    test: Any = case.cls(case.method)
    test.recorded = recorded
    result = unittest.TestResult()
    random.seed(0)
    with (
        mock.patch("asyncio.new_event_loop", test.new_loop),
        # What a test leaves behind is not what is tested here.
        warnings.catch_warnings(action="ignore"),
    ):
        gc.freeze()  # some tests collect a hundred times
        try:
            test.run(result)
        finally:
            gc.unfreeze()
        for host in test.hosts:
            host.machine.close()
    problems = [text for _, text in [*result.errors, *result.failures]]
    histories = [host.history for host in test.hosts]
    return Outcome("".join(problems) or None, bool(result.skipped), histories)
