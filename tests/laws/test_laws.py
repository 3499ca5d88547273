"""The laws of the core, each a property of random orchestrators.

Invariant: no test here knows how the core works. Programs go in; histories, results and traces
come out, and are held against each other, or against plain asyncio.
"""

import asyncio
import gc
import itertools
import json
import random
import weakref
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, get_args

import attrs
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from tests.laws.golden import lasting, order_of, recorded_orders
from tests.laws.histories import SCRIPTS, made, recorded
from tests.laws.programs import (
    Act,
    Call,
    Cancelled,
    Child,
    Effect,
    Event,
    Foreign,
    Gather,
    GoOn,
    Leftover,
    Other,
    Patch,
    Program,
    Request,
    Section,
    Sequence,
    Sleep,
    Tell,
    awaited,
    body,
    ordered_programs,
    programs,
)
from tests.loop.constructs import CONSTRUCTS
from tests.loop.durable import Code, Recorded, World, drive, run_durable
from tests.loop.plain import run_plain
from tests.loop.steps import Construct, Mark, Scripted
from tests.loop.virtual import Stuck
from tests.unit.core.scripts import T0
from tests.unit.core.scripts import Code as ScriptCode

from durable_async.core.episode import Execution, run_episode
from durable_async.core.match import CancelEvent
from durable_async.core.tasks import OrchestratorTask
from durable_async.model.history import (
    FORMAT,
    CancelSent,
    ChildStarted,
    Delivered,
    EntityCalled,
    EntitySignalled,
    EpisodeStarted,
    EventAwaited,
    EventReceived,
    ExecutionContinued,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    InstanceAwaited,
    InstanceStarted,
    LockRequested,
    PatchMarked,
    RequestAnswered,
    SideEffectRecorded,
    TimerStarted,
)
from durable_async.model.history import Recorded as RecordedEvent
from durable_async.model.outcome import Blocked, Outcome

# Tasks that anyio started and nobody has run yet, when their execution is evicted.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine '_Scope.run' was never awaited")

# A busy machine is slow at making programs, too.
quick = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
thorough = settings(quick, max_examples=300)

seeds = st.integers(0, 1_000_000)

CANCELS = get_args(CancelEvent)
COMMANDS = tuple(set(get_args(RecordedEvent)) - {*CANCELS, PatchMarked})


def scripted(program: Program) -> tuple[Scripted, ...]:
    """One external event, or request, for each that the program waits for somewhere."""
    return tuple(
        Scripted(1.5 * (number + 1) + 0.012_345, wait.name, number, isinstance(wait, Request))
        for number, wait in enumerate(awaited(program))
    )


def cancels(seed: int) -> tuple[float, ...]:
    """When somebody wants the execution to cancel itself: of some, once or twice."""
    return ((), (), (3.7,), (2.2, 5.9))[seed % 4]


def maker(program: Program, effects: Iterator[int] | None = None) -> Callable[[], Code]:
    """effects: where side effects take their values from, shared by all that is made."""
    shared = itertools.count() if effects is None else effects
    return lambda: Code("program", body(program), effects=shared)


def run(
    program: Program,
    seed: int,
    *,
    rebuild: bool | Callable[[int], bool] = False,
    world: type[World] = World,
) -> Recorded:
    outside = world(scripted(program), seed=seed, cancels=cancels(seed))
    return drive(maker(program), outside, rebuild=rebuild)


def without_clock(history: tuple[HistoryEvent, ...]) -> list[HistoryEvent]:
    return [event for event in history if not isinstance(event, EpisodeStarted)]


# ---- L1: one event at a time -----------------------------------------------------------------


class OneByOne(World):
    """What comes together is handed in one by one, an episode for each."""

    def __init__(self, events: tuple[Scripted, ...] = (), **how: Any) -> None:
        super().__init__(events, **how)
        self._held: list[Delivered] = []

    @property
    def is_over(self) -> bool:
        return not self._held and super().is_over

    def news(self) -> list[Delivered]:
        if not self._held:
            self._held = super().news()
        return [self._held.pop(0)]


@quick
@given(programs(), seeds)
def test_l1_news_of_one_episode_is_as_if_each_had_come_in_its_own(
    program: Program, seed: int
) -> None:
    together = run(program, seed)
    apart = run(program, seed, world=OneByOne)
    assert without_clock(apart.history) == without_clock(together.history)
    assert (apart.result, apart.trace) == (together.result, together.trace)


@quick
@given(st.integers(2, 5), st.integers(1, 5), seeds)
@example(branches=2, length=2, seed=0)
def test_l1_branches_of_one_activity_get_their_own_results_back(
    branches: int, length: int, seed: int
) -> None:
    async def branch(steps: Any, first: int) -> list[int]:
        values = [first]
        for _ in range(length):
            values.append(await steps.act(values[-1]))
        return values

    async def main(steps: Any) -> Any:
        firsts = range(0, branches * 100, 100)
        return await asyncio.gather(*(branch(steps, first) for first in firsts))

    expected = [list(range(first, first + length + 1)) for first in range(0, branches * 100, 100)]
    for rebuild in (False, True):
        recorded = drive(lambda: Code("main", main), World(seed=seed), rebuild=rebuild)
        assert recorded.result == expected


# ---- L2: the first run and a replay are one --------------------------------------------------


@thorough
@given(programs(), seeds)
def test_l2_a_coroutine_rebuilt_before_every_episode_asks_for_the_same(
    program: Program, seed: int
) -> None:
    assert run(program, seed, rebuild=True) == run(program, seed)


@quick
@given(programs(), seeds, st.sets(st.integers(1, 12)))
def test_l2_a_coroutine_evicted_now_and_then_asks_for_the_same(
    program: Program, seed: int, evictions: set[int]
) -> None:
    assert run(program, seed, rebuild=evictions.__contains__) == run(program, seed)


@quick
@given(programs(), seeds)
def test_l2_an_episode_is_a_function_of_history_and_news(program: Program, seed: int) -> None:
    history = list(run(program, seed).history)
    starts = [at for at, event in enumerate(history) if isinstance(event, EpisodeStarted)]
    for begin, end in itertools.pairwise([*starts, len(history)]):
        episode = history[begin:end]
        news: list[Any] = [event for event in episode[1:] if _is_news(event)]
        now = episode[0].at
        effects = iter(_effects(episode))
        make = maker(program, effects)
        outcome = run_episode(make(), history[:begin], news, now)
        assert isinstance(outcome, Outcome), outcome
        assert list(outcome.events) == episode


def _is_news(event: HistoryEvent) -> bool:
    return isinstance(event, Delivered)


def _effects(events: list[HistoryEvent]) -> list[int]:
    return [
        json.loads(event.result.data)
        for event in events
        if isinstance(event, SideEffectRecorded) and event.result is not None
    ]


# ---- L3: order is data -----------------------------------------------------------------------


@quick
@given(programs(), seeds)
def test_l3_addresses_decide_nothing(program: Program, seed: int) -> None:
    first = run(program, seed)
    ballast = [bytearray(number % 700) for number in range(random.Random(seed).randrange(3_000))]
    del ballast[::2]  # holes, that the second run's objects fall into
    assert run(program, seed) == first


# ---- L4: time comes from history -------------------------------------------------------------


class Unsteady(World):
    """The engine's clock is set back and forth; timers go by the time that really passed."""

    def clock(self) -> datetime:
        assert self._random is not None
        return self.now + timedelta(seconds=self._random.choice((-3600, -5, 0, 0, 7, 3600)))


@quick
@given(programs(), seeds)
def test_l4_time_stands_still_in_an_episode_and_never_goes_back(
    program: Program, seed: int
) -> None:
    recorded = run(program, seed, world=Unsteady)
    assert run(program, seed, world=Unsteady, rebuild=True) == recorded
    moments = [event.at for event in recorded.history if isinstance(event, EpisodeStarted)]
    assert moments == sorted(moments)
    for begin, end in itertools.pairwise([0, *recorded.traces]):
        noted = {tuple(note) for note in recorded.trace[begin:end] if isinstance(note[0], float)}
        assert len(noted) <= 1, "now() changed within an episode"


# ---- L5: a command is issued where it is awaited, and matched --------------------------------


@quick
@given(programs(), seeds)
def test_l5_commands_are_numbered_in_order_and_cancels_name_an_open_one(
    program: Program, seed: int
) -> None:
    history = run(program, seed).history
    numbers = [event.number for event in history if isinstance(event, COMMANDS)]
    assert numbers == list(range(len(numbers)))
    issued: set[int] = set()
    for event in history:
        if isinstance(event, COMMANDS):
            issued.add(event.number)
        elif isinstance(event, CANCELS):
            assert event.number in issued
            issued.remove(event.number)


@quick
@given(programs(), seeds)
def test_l5_unchanged_code_replays_strictly_to_nothing_new(program: Program, seed: int) -> None:
    recorded = run(program, seed)
    outcome = run_episode(
        maker(program)(), recorded.history, [], recorded_end(recorded), strict=True
    )
    assert isinstance(outcome, Outcome), outcome
    assert outcome.events == outcome.commands == ()


def recorded_end(recorded: Recorded) -> datetime:
    return max(event.at for event in recorded.history if isinstance(event, EpisodeStarted))


@quick
@given(st.data(), programs(), seeds)
def test_l5_a_command_too_few_too_many_or_another_is_a_mismatch(
    data: st.DataObject, program: Program, seed: int
) -> None:
    recorded = run(program, seed)
    places = [at for at, event in enumerate(recorded.history) if isinstance(event, COMMANDS)]
    assume(places)
    at = data.draw(st.sampled_from(places), label="position")
    change = data.draw(st.sampled_from((_removed, _doubled, _renamed, _renumbered)), label="change")
    history = change(list(recorded.history), at)
    outcome = run_episode(maker(program)(), history, [], recorded_end(recorded))
    assert isinstance(outcome, Blocked), outcome
    assert outcome.reason == "mismatch"


def _removed(history: list[HistoryEvent], at: int) -> list[HistoryEvent]:
    return history[:at] + history[at + 1 :]


def _doubled(history: list[HistoryEvent], at: int) -> list[HistoryEvent]:
    return history[: at + 1] + history[at:]


def _renamed(history: list[HistoryEvent], at: int) -> list[HistoryEvent]:
    event = history[at]
    match event:
        case ChildStarted(request=request) | InstanceStarted(request=request):
            other = attrs.evolve(request, name="another")
            renamed: HistoryEvent = attrs.evolve(event, request=other)
        case EntityCalled() | EntitySignalled():
            renamed = attrs.evolve(event, operation="another")
        case InstanceAwaited() | CancelSent():
            renamed = attrs.evolve(event, instance_id="another")
        case RequestAnswered():
            renamed = attrs.evolve(event, request_id="another")
        case LockRequested():
            renamed = attrs.evolve(event, entities=())
        case TimerStarted(number=number):
            renamed = EventAwaited(number=number, name="not a timer")
        case _:
            renamed = attrs.evolve(event, name="another")
    return [*history[:at], renamed, *history[at + 1 :]]


def _renumbered(history: list[HistoryEvent], at: int) -> list[HistoryEvent]:
    event = history[at]
    number = event.number + 1_000
    return [*history[:at], attrs.evolve(event, number=number), *history[at + 1 :]]


# ---- L6: nothing runs by accident ------------------------------------------------------------


class Counter(Iterator[int]):
    """Where side effects take their values from; it says how often that was."""

    made = 0

    def __next__(self) -> int:
        self.made += 1
        return self.made - 1


@quick
@given(programs(), seeds, st.integers(0, 12))
def test_l6_an_eviction_asks_for_nothing(program: Program, seed: int, episode: int) -> None:
    performed = Counter()
    world = World(scripted(program), seed=seed, cancels=cancels(seed))
    execution = Execution(maker(program, performed)())
    history: list[HistoryEvent] = [run(program, seed).history[0]]
    given_history, news = list(history), []
    for _ in range(episode + 1):
        outcome = execution.run(given_history, news, world.clock())
        assert isinstance(outcome, Outcome), outcome
        history += outcome.events
        world.take(outcome.commands)
        if outcome.ended is not None or world.is_over:
            break
        given_history, news = [], world.news()
    made = performed.made
    execution.close()
    execution.close()
    assert performed.made == made, "a side effect ran during the eviction"
    replayed = run_episode(maker(program)(), history, [], world.now)
    assert isinstance(replayed, Outcome)
    assert replayed.events == ()


def test_l6_nothing_of_an_evicted_execution_stays_in_memory() -> None:
    before = weakref.WeakSet(_living_tasks())  # of others, who may still let go of them
    for construct in CONSTRUCTS:
        run_durable(construct, rebuild=True)
    gc.collect()
    assert [each for each in _living_tasks() if each not in before] == []


def _living_tasks() -> list[OrchestratorTask]:
    return [each for each in gc.get_objects() if isinstance(each, OrchestratorTask)]


# ---- L7: what cannot be done is refused at once ----------------------------------------------


@quick
@given(st.lists(programs(), min_size=1, max_size=3), seeds)
def test_l7_a_foreign_await_is_refused_where_it_stands_and_the_rest_goes_on(
    others: list[Program], seed: int
) -> None:
    refused = Sequence((Event("go"), Foreign(), Act(1.0)))
    program = Gather((refused, *others), quiet=True)
    recorded = run(program, seed)
    assert run(program, seed, rebuild=True) == recorded
    if recorded.result is not None and isinstance(recorded.result[1][0], list):
        assert recorded.result[1][0][1:] == ["refused", 2]


# ---- L8: the order of scheduling is stored ---------------------------------------------------


@quick
@given(programs(), seeds)
def test_l8_a_history_begins_with_the_format_that_it_is_written_in(
    program: Program, seed: int
) -> None:
    first = run(program, seed).history[0]
    assert isinstance(first, ExecutionStarted)
    assert first.format == FORMAT


@pytest.mark.parametrize("construct", [pytest.param(each, id=each.name) for each in lasting()])
def test_l8_the_order_of_scheduling_is_that_of_the_format(construct: Construct) -> None:
    recorded = recorded_orders()
    assert construct.name in recorded, "a new one: run python -m tests.laws.golden"
    assert order_of(construct) == recorded[construct.name], (
        "executions in flight would block: a new order needs a new FORMAT"
    )


def test_l8_no_recorded_order_is_forgotten() -> None:
    assert recorded_orders().keys() <= {construct.name for construct in lasting()}


@pytest.mark.parametrize("name", SCRIPTS)
def test_l8_a_stored_history_is_made_again_and_replays(name: str) -> None:
    stored = recorded().get(name)
    assert stored is not None, "a new one: run python -m tests.laws.histories"
    assert made(SCRIPTS[name]) == stored, "executions in flight would go another way"
    code = ScriptCode(SCRIPTS[name].script)
    for length in _episode_ends(stored):
        outcome = run_episode(code, stored[:length], [], T0, strict=True)
        assert isinstance(outcome, Outcome), outcome
        assert outcome.events == outcome.commands == ()


def _episode_ends(history: list[HistoryEvent]) -> list[int]:
    starts = [at for at, event in enumerate(history) if isinstance(event, EpisodeStarted)]
    return [*starts[1:], len(history)]


def test_l8_no_stored_history_is_forgotten_and_every_kind_stands_in_one() -> None:
    assert recorded().keys() == SCRIPTS.keys()
    kinds = {type(event) for history in recorded().values() for event in history}
    assert set(get_args(HistoryEvent)) - kinds == {ExecutionTerminated}, "that is the engine's own"


# ---- going on as new -------------------------------------------------------------------------


@quick
@given(programs(), seeds)
def test_going_on_as_new_is_the_last_thing_that_is_recorded(program: Program, seed: int) -> None:
    one_way = Sequence((program, GoOn()))
    for body_of in (one_way, Gather((one_way, program), quiet=True), Leftover(one_way)):
        run_of = run(body_of, seed)
        assert run(body_of, seed, rebuild=True) == run_of
        ends = [event for event in run_of.history if isinstance(event, ExecutionContinued)]
        assert ends == ([] if run_of.carried is None else [run_of.history[-1]])
        if run_of.carried is not None:
            came = [event for event in run_of.history if isinstance(event, EventReceived)]
            assert list(run_of.carried) == [event for event in came if event in run_of.carried]


def test_the_programs_ask_for_everything() -> None:
    part = Act(1.0)
    everything = Gather(
        (
            Sequence((Child(1.0), Call(1.0), Other(), Tell("a"), Patch("a"), Effect())),
            Sequence((Section(part), Event("a"), Request("b"), Sleep(1.0))),
            Cancelled(Child(9.0), part),
            Cancelled(Call(9.0), part),
            Cancelled(Other(), part),
            Cancelled(Event("never"), part),
            Cancelled(Sleep(9.0), part),
            Cancelled(Act(9.0), part),
        ),
        quiet=True,
    )
    recorded = drive(maker(everything), World(scripted(everything)), rebuild=False)
    kinds = {type(event) for event in recorded.history}
    assert set(get_args(RecordedEvent)) - kinds == set()


# ---- L9: asyncio's meaning holds -------------------------------------------------------------


@thorough
@given(ordered_programs())
def test_l9_an_orchestrator_means_what_plain_asyncio_means(program: Program) -> None:
    events = scripted(program)
    construct = Construct("program", body(program), Mark(events=events))
    try:
        plain = run_plain(construct)
    except Stuck:
        assume(False)
        raise
    assert run_durable(construct).result == plain.result
