"""Who holds up everybody else is told of, once for each place, with the line."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from durable_async.dsl.activity_context import ActivityInfo, ActivityScope, activity_in
from durable_async.worker import oversight
from durable_async.worker import watchdog as module
from durable_async.worker.oversight import Oversight
from durable_async.worker.watchdog import Watchdog

PATIENCE = 20.0

pytestmark = pytest.mark.usefixtures("watched")


class Ear(logging.Handler):
    """Hears what the watchdog says, and lets others wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.told = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())
        self.told.set()


@pytest.fixture
def ear() -> Iterator[Ear]:
    logger = logging.getLogger("durable_async.worker")
    handler = Ear()
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    made = Watchdog()
    yield made
    made.close()


class Activities:
    """Of one task, and of those that it makes."""

    def __init__(self) -> None:
        self.task: asyncio.Task[Any] | None = None

    @property
    def any_on_loop(self) -> bool:
        return self.task is not None and not self.task.done()

    def title_of(self, task: asyncio.Task[Any]) -> str | None:
        if task is self.task:
            return "activity 'resize' of 'order-7'"
        info = activity_in(task.get_context()) if sys.version_info >= (3, 12) else None
        return None if info is None else f"a part of {info.activity} of {info.instance_id}"


@pytest.fixture
async def activities(watchdog: Watchdog) -> Activities:
    made = Activities()
    watchdog.start(made)
    return made


def _line(function: Callable[..., Any], offset: int) -> str:
    return f"{__file__}:{function.__code__.co_firstlineno + offset}"


def test_an_episode_that_computes_is_told_of_with_its_line(watchdog: Watchdog, ear: Ear) -> None:
    def compute() -> bool:
        return ear.told.wait(PATIENCE)

    assert Oversight(None, watchdog).call("an episode of instance", "order-7", compute)
    assert "an episode of instance 'order-7'" in ear.heard[0]
    assert f"stands at {_line(compute, 1)}:" in ear.heard[0]


def test_it_is_told_of_once(watchdog: Watchdog, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []
    told_and_looked_on = threading.Event()
    look = Watchdog._look

    def looking(self: Watchdog) -> bool:
        watching = look(self)
        looks.append(ear.told.is_set())
        if looks.count(True) > 3:
            told_and_looked_on.set()
        return watching

    monkeypatch.setattr(Watchdog, "_look", looking)
    assert Oversight(None, watchdog).call(
        "an episode of instance", "x", told_and_looked_on.wait, PATIENCE
    )
    assert len(ear.heard) == 1


def test_the_line_is_the_users_though_a_library_computes(watchdog: Watchdog, ear: Ear) -> None:
    class Slow(str):
        __slots__ = ()

        def __lt__(self, other: str) -> bool:
            return ear.told.wait(PATIENCE)

    def order() -> list[str]:
        import heapq

        return heapq.nsmallest(1, [Slow("a"), Slow("b")])

    Oversight(None, watchdog).call("an episode of instance", "x", order)
    assert f"stands at {_line(Slow.__lt__, 1)}:" in ear.heard[0]


def test_an_episode_that_lets_nobody_look_is_told_of_at_its_end(
    watchdog: Watchdog, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oversight, "HOLD_UP", -1.0)
    monkeypatch.setattr(Watchdog, "_look", lambda self: False)
    Oversight(None, watchdog).call("an episode of instance", "x", lambda: None)
    assert "'x' took" in ear.heard[0]


@pytest.fixture
def slow_at(watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """An episode of an instance, found at this line; "" if it lets nobody look."""
    monkeypatch.setattr(oversight, "HOLD_UP", -1.0)
    monkeypatch.setattr(module, "HOLD_UP", -1.0)
    look = Watchdog._look
    monkeypatch.setattr(Watchdog, "_look", lambda self: False)  # no thread looks, but the test

    def run(instance_id: str, line: str) -> None:
        monkeypatch.setattr(module, "users_line", lambda *_: line)
        watch = look if line else Watchdog._look
        Oversight(None, watchdog).call("an episode of instance", instance_id, watch, watchdog)

    return run


@pytest.mark.parametrize("line", ["flows.py:7", ""], ids=["seen", "told of at its end"])
def test_what_is_slow_again_and_again_is_told_of_ever_less_often(
    ear: Ear, slow_at: Callable[[str, str], None], line: str
) -> None:
    for _ in range(150):
        slow_at("big", line)
    assert len(ear.heard) == 3
    assert "time" not in ear.heard[0].partition(":")[0]
    assert ", for the 10th time: " in ear.heard[1]
    assert ", for the 100th time: " in ear.heard[2]


def test_each_instance_and_each_place_is_told_of(
    ear: Ear, slow_at: Callable[[str, str], None]
) -> None:
    for _ in range(2):
        for instance_id in ("a", "b"):
            for line in ("flows.py:7", "flows.py:9", ""):
                slow_at(instance_id, line)
    assert len(ear.heard) == 6
    assert sum("flows.py:9" in each for each in ear.heard) == 2


def test_what_was_told_of_is_not_remembered_without_end(
    ear: Ear, slow_at: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NOTICES_KEPT", 2)
    for instance_id in ("a", "b", "a", "c", "a", "b"):
        slow_at(instance_id, "flows.py:7")
    said = [text.split("'")[1] for text in ear.heard]
    assert said == ["a", "b", "c", "b"]  # the one seen longest ago was forgotten


def test_what_is_quick_is_not_told_of(
    watchdog: Watchdog, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOLD_UP", 1e9)
    monkeypatch.setattr(oversight, "HOLD_UP", 1e9)
    for _ in range(100):
        Oversight(None, watchdog).call("an episode of instance", "x", lambda: None)
    assert ear.heard == []


def test_what_the_code_raises_leaves_it(watchdog: Watchdog) -> None:
    with pytest.raises(ZeroDivisionError):
        Oversight(None, watchdog).call("an episode of instance", "x", lambda: 1 // 0)
    assert watchdog.watched is None


def test_without_work_the_thread_sleeps_without_end_and_wakes_for_the_next_episode(
    watchdog: Watchdog, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOKS_BEFORE_SLEEP", 1)
    asleep = threading.Event()

    class Bed(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if timeout is None:
                asleep.set()
            return super().wait(timeout)

    watchdog._awake = Bed()
    Oversight(None, watchdog).call("an episode of instance", "first", lambda: None)
    assert asleep.wait(PATIENCE)
    assert Oversight(None, watchdog).call(
        "an episode of instance", "second", ear.told.wait, PATIENCE
    )
    assert "'second'" in ear.heard[-1]


def test_the_thread_ends_with_the_worker(watchdog: Watchdog) -> None:
    Oversight(None, watchdog).call("an episode of instance", "x", lambda: None)
    thread = watchdog._thread
    assert thread is not None
    assert thread.daemon
    watchdog.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_without_an_episode_there_is_no_thread(watchdog: Watchdog) -> None:
    assert watchdog._thread is None


# ---- the loop --------------------------------------------------------------------------------


async def test_an_activity_that_blocks_its_loop_is_told_of_with_its_line(
    watchdog: Watchdog, activities: Activities, ear: Ear
) -> None:
    async def resize() -> bool:
        await asyncio.sleep(0)
        return ear.told.wait(PATIENCE)

    activities.task = asyncio.create_task(resize())
    watchdog.stir()
    assert await activities.task
    assert "activity 'resize' of 'order-7' has blocked its event loop" in ear.heard[0]
    assert f"stands at {_line(resize, 2)}:" in ear.heard[0]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="3.11 does not tell a task's context")
async def test_a_task_that_an_activity_has_made_counts_as_the_activity(
    watchdog: Watchdog, activities: Activities, ear: Ear
) -> None:
    info = ActivityInfo(
        instance_id="order-8",
        activity="fetch",
        attempt=1,
        deadline=None,
        last_heartbeat=None,
        idempotency_key="k",
    )

    async def part() -> bool:
        return ear.told.wait(PATIENCE)

    async def fetch() -> bool:
        with ActivityScope(info, lambda details: None):
            return await asyncio.create_task(part())

    activities.task = asyncio.create_task(fetch())
    watchdog.stir()
    assert await activities.task
    assert "a part of fetch of order-8" in ear.heard[0]


async def test_what_blocks_the_loop_and_is_no_activity_is_none_of_its_business(
    watchdog: Watchdog, activities: Activities, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    loop_watch = watchdog._loop
    assert loop_watch is not None
    monkeypatch.setattr(
        activities,
        "title_of",
        lambda task: asked.set(),  # and None
    )
    release = asyncio.Event()
    activities.task = asyncio.create_task(release.wait())
    watchdog.stir()
    await asyncio.sleep(0)
    assert asked.wait(PATIENCE)  # here, in the test's own task
    release.set()
    await activities.task
    assert ear.heard == []


async def test_many_short_steps_are_no_blocking(
    watchdog: Watchdog, activities: Activities, ear: Ear
) -> None:
    loop_watch = watchdog._loop
    assert loop_watch is not None
    activities.task = asyncio.current_task()
    for second in range(0, 100, 10):  # each look falls into a step of the same task
        loop_watch.look(second)
        await asyncio.sleep(0)
    assert ear.heard == []


async def test_one_long_step_is_told_of_once(
    watchdog: Watchdog, activities: Activities, ear: Ear
) -> None:
    loop_watch = watchdog._loop
    assert loop_watch is not None
    activities.task = asyncio.current_task()
    for second in range(0, 100, 10):
        loop_watch.look(second)
    assert len(ear.heard) == 1
    await asyncio.sleep(0)


async def test_an_activity_that_blocks_at_a_place_again_and_again_is_told_of_ever_less_often(
    watchdog: Watchdog, activities: Activities, ear: Ear
) -> None:
    loop_watch = watchdog._loop
    assert loop_watch is not None
    activities.task = asyncio.current_task()
    for step in range(12):
        for second in range(0, 30, 10):
            loop_watch.look(100 * step + second)
        await asyncio.sleep(0)  # the answer
        loop_watch.look(100 * step + 40)
    assert len(ear.heard) == 2
    assert ", for the 10th time: " in ear.heard[1]


async def test_an_activity_that_waits_costs_the_loop_nothing(
    watchdog: Watchdog, activities: Activities, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    looked = asyncio.Event()
    loop = asyncio.get_running_loop()
    look = Watchdog._look

    def looking(self: Watchdog) -> bool:
        nonlocal looks
        looks += 1
        if looks == 5:
            loop.call_soon_threadsafe(looked.set)
        return look(self)

    woken: list[object] = []
    loop_watch = watchdog._loop
    assert loop_watch is not None
    monkeypatch.setattr(loop_watch, "_ask", lambda: woken.append(None))
    monkeypatch.setattr(Watchdog, "_look", looking)
    activities.task = asyncio.create_task(looked.wait())
    watchdog.stir()
    await activities.task
    assert woken == []


async def test_a_closed_loop_is_left_alone(watchdog: Watchdog, activities: Activities) -> None:
    loop_watch = watchdog._loop
    assert loop_watch is not None
    closed = asyncio.new_event_loop()
    closed.close()
    loop_watch._loop = closed
    loop_watch._ask()
    assert loop_watch._suspect is None


def test_contexts_of_others_belong_to_no_activity() -> None:
    assert activity_in(contextvars.Context()) is None
