"""Durable code under test: the test's own event loop, a store, and time that is moved.

Invariant: time moves only when nothing is left to do at the present moment. What a test sees is
what a worker of production would do; only that nobody has to wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import datetime
from types import TracebackType
from typing import Final, Literal, Self

from durable_async.app import Client
from durable_async.client.client import Client as EngineClient
from durable_async.convert.durations import Duration, later, seconds
from durable_async.convert.values import Converter
from durable_async.dsl.builtins import built_in
from durable_async.dsl.registry import Registry
from durable_async.model.work import InstanceRecord
from durable_async.ports import Codec, Engine
from durable_async.testing.clock import VirtualClock
from durable_async.testing.crew import Crew
from durable_async.testing.fakes import Fake, fake_for, is_known, names_like
from durable_async.testing.hints import Hints
from durable_async.testing.patience import PatientTurns
from durable_async.testing.problems import missing_orchestrator
from durable_async.testing.stores import CountingEngine, open_store
from durable_async.testing.waits import Waits
from durable_async.worker.guard import GuardMode, check_mode
from durable_async.worker.replays import ReplayFilter

__all__ = ["CrashPolicy", "Environment", "crashes", "environment"]

CrashPolicy = Literal["every-commit"]

_CRASHES: Final[ContextVar[CrashPolicy | None]] = ContextVar(
    "durable_async.testing.crashes", default=None
)

DEFAULT_CACHE: Final = 10_000


def environment(
    functions: Iterable[object],
    *,
    url: str | None = None,
    engine: Engine | None = None,
    rebuild: bool = False,
    cache: int | None = None,
    start_time: datetime | None = None,
    converter: Converter | None = None,
    codec: Codec | None = None,
    crash: CrashPolicy | None = None,
    guard: GuardMode = "audit",
) -> Environment:
    """A world of its own for durable code: `async with environment([checkout, charge]) as env:`.

    Activities run in the test's process and on its loop; time stands still, and skips to the next
    timer while somebody awaits a result and no activity runs.

    functions: as for a Worker. url: of the store; "sqlite://", in memory, by default. A file
    (f"sqlite:///{tmp_path}/test.db") shows what the engine that you deploy on makes of it; give
    each environment one of its own, as time in it is the test's. engine: instead of a URL, one
    that was made, with a clock that moves as the test wants it; `advance` and skipping then are
    of no use. rebuild: every coroutine is rebuilt from history before every
    episode, as if the worker had no memory. cache: how many instances are kept in memory, as for a
    Worker. start_time: when time begins (aware); the present if None. converter, codec: as for a
    Client. crash: "every-commit" makes the worker vanish after each commit of a step, and another
    one come; only a running activity with on_lost="fail" is spared. guard: what is forbidden
    inside an episode, as for a Worker.
    Raises: ValueError if two definitions have one name and version, or for settings that
    contradict each other; StoreError for a URL that names no engine.
    Known elsewhere as: Temporal's time-skipping test environment.
    """
    crash = _CRASHES.get() if crash is None else crash
    if crash not in (None, "every-commit"):
        raise ValueError(f'crash is None or "every-commit", not {crash!r}')
    if rebuild and cache:
        raise ValueError(f"rebuild=True keeps no coroutine, and cache={cache} would. Say one")
    if url is not None and engine is not None:
        raise ValueError(f"url={url!r} and engine={engine!r} are two stores. Say one")
    if codec is not None:
        converter = (converter or Converter()).with_codec(codec)
    clock = VirtualClock(start_time)
    return Environment(
        Registry.of(functions, builtins=built_in()),
        open_store(engine or url or "sqlite://", clock),
        clock,
        converter or Converter(),
        cache=0 if rebuild else DEFAULT_CACHE if cache is None else cache,
        crash=crash,
        guard=check_mode(guard),
    )


@contextmanager
def crashes(policy: CrashPolicy | None) -> Iterator[None]:
    """What `crash` is for environments that are made within this, and say nothing themselves."""
    token = _CRASHES.set(policy)
    try:
        yield
    finally:
        _CRASHES.reset(token)


class EnvironmentClient(Client):
    """A Client whose engine is the environment's, instead of one with a URL."""

    def __init__(
        self,
        connect: Callable[[], AbstractAsyncContextManager[PatientTurns]],
        converter: Converter,
    ) -> None:
        EngineClient.__init__(self, connect, converter=converter, name="test environment")


class Environment:
    """What `environment` makes; to be entered once.

    client: starts and finds instances, as any client does. `Handle.result` and `Handle.wait`
    raise NotRegisteredError, DeadlockError and NonDeterminismError where production would log and
    go on waiting. Their timeout is real time.
    """

    def __init__(
        self,
        registry: Registry,
        engine: CountingEngine,
        clock: VirtualClock,
        converter: Converter,
        *,
        cache: int,
        crash: CrashPolicy | None,
        guard: GuardMode,
    ) -> None:
        self._registry = registry
        self._engine = engine
        self._clock = clock
        self._converter = converter
        self._cache = cache
        self._crashes_at_commits = crash == "every-commit"
        self._guard = guard
        self._waits = Waits()
        self._fakes: list[Fake] = []
        self._hints = Hints(self._stack_of)
        self._release = 0  # of the definitions
        self._advancing = 0
        self._rests: list[asyncio.Future[None]] = []  # who wants to know that all rests
        self._running: tuple[PatientTurns, Crew] | None = None
        self._client = EnvironmentClient(self._open, converter)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)

    @property
    def client(self) -> Client:
        return self._client

    def now(self) -> datetime:
        """The time of this environment (UTC)."""
        return self._clock.now()

    # ---- definitions -------------------------------------------------------------------------

    def replace(self, original: object, fake: object) -> None:
        """From now on, run `fake` instead of `original`: an activity, an orchestrator, an entity.

        fake: a function (async or not), any other callable, or a definition of the same kind; for
        a method it takes no `self`, for an entity it is another entity. Arguments and result pass
        through the type hints of the original. What stands for an orchestrator runs as one, and
        may await what orchestrators may; replace it before an instance of it has begun.
        Raises: TypeError if `original` is no definition, or `fake` cannot stand for it;
        LookupError if this environment was not given it.
        """
        made = fake_for(original, fake)
        if not is_known(self._registry, made):
            known = ", ".join(names_like(self._registry, made)) or "none"
            raise LookupError(
                f"{made.name!r} is not among the functions of this environment, which has {known}"
            )
        self._fakes.append(made)
        self._registry.replace(made)

    async def deploy(self, functions: Iterable[object]) -> None:
        """Replace all definitions, as a new release would.

        Running activities are handed back and run again; waiting instances are rebuilt on the new
        code; BLOCKED ones are tried again. Fakes stay, where their activity is still there.
        """
        registry = Registry.of(functions, builtins=built_in())
        for fake in self._fakes:
            if is_known(registry, fake):
                registry.replace(fake)
        turns, crew = self._work()
        await crew.leave(turns)
        self._registry = registry
        self._release += 1
        self._waits.deploy(registry)
        self._hire(turns)

    # ---- time --------------------------------------------------------------------------------

    async def advance(self, duration: Duration) -> None:
        """Let time pass: seconds, or a timedelta.

        Whatever is to be done now is done, then the clock stops at each timer on its way, until
        all that it caused is done. Activities that run on are not waited for.
        """
        turns, _ = self._work()
        target = later(self.now(), seconds(duration, what="the time to advance"))
        self._advancing += 1
        try:
            await self._settle()
            while (due := turns.next_due) is not None and due <= target:
                self._clock.move_to(due)
                await self._settle()
            self._clock.move_to(target)
            await self._settle()
        finally:
            self._advancing -= 1
            turns.wake()  # those who await results skip time themselves

    async def crash(self) -> None:
        """Kill the worker, and let another one go on from the store at once.

        Every coroutine in memory is dropped, every running activity body cancelled (a `def`
        cannot be: what it returns is dropped), and their attempts count as lost.
        """
        turns, _ = self._work()
        loop = asyncio.get_running_loop()
        crashed: asyncio.Future[None] = loop.create_future()

        def crash() -> None:  # not within the step of the task that asks for it
            self._restart(turns, lost=True)
            crashed.set_result(None)

        loop.call_soon(crash)
        await crashed

    async def _settle(self) -> None:
        """Until nothing is to be done at this moment."""
        turns, _ = self._work()
        while True:
            rest: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._rests.append(rest)
            turns.wake()
            await rest
            if not self._work()[1].has_just_begun:
                return
            await asyncio.sleep(0.001)

    def _rest(self) -> None:
        """Called when nothing is to be done at this moment."""
        rests, self._rests = self._rests, []
        for rest in rests:
            if not rest.done():
                rest.set_result(None)
        if rests or self._advancing:
            return
        turns, crew = self._work()
        self._waits.tell(self._engine.history)
        if not self._waits or crew.is_busy:
            return
        due = turns.next_due
        if due is not None:
            self._clock.move_to(due)
            turns.wake()
        else:
            self._hints.consider(self._waits)

    # ---- the worker --------------------------------------------------------------------------

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[PatientTurns]:
        self._engine.open()
        turns = PatientTurns(
            self._engine,
            self._waits,
            self._check_registered,
            after_turn=self._after_turn,
            at_rest=self._rest,
        )
        self._hire(turns)
        said_before = ReplayFilter()
        said_before.put_on()
        try:
            yield turns
        finally:
            said_before.take_off()
            _, crew = self._work()
            self._hints.close()
            try:
                await crew.leave(turns)
            finally:
                self._running = None
                turns.close()
                self._engine.close()

    def _hire(self, turns: PatientTurns) -> None:
        crew = Crew(
            self._engine.open_session("test environment"),
            self._registry,
            self._converter,
            cache=self._cache,
            release=self._release,
            guard=self._guard,
            wake=turns.wake,
            observer=self._waits.see,
        )
        self._running = (turns, crew)
        turns.attach(crew.driver)

    def _work(self) -> tuple[PatientTurns, Crew]:
        if self._running is None:
            raise RuntimeError("the environment is not open: use it inside `async with`")
        return self._running

    def _after_turn(self) -> None:
        progress, self._engine.progress = self._engine.progress, False
        if progress:
            self._hints.forget()
        if progress and self._crashes_at_commits and self._running is not None:
            turns, crew = self._running
            if not crew.runs_what_must_not_run_twice():
                self._restart(turns, lost=False)

    def _restart(self, turns: PatientTurns, *, lost: bool) -> None:
        """lost: whether what runs counts as lost; after five times it would fail."""
        _, crew = self._work()
        crew.vanish(turns)
        if lost:
            self._engine.lose_session(crew.session)
        else:
            self._engine.close_session(crew.session)
        self._hire(turns)

    def _check_registered(self, record: InstanceRecord) -> None:
        if self._registry.orchestrator(record.name, record.version) is None:
            raise missing_orchestrator(record.instance_id, record.name, record.version)

    async def _stack_of(self, instance_id: str) -> str:
        return await self._client.handle(instance_id).stack()
