"""Bugs that other systems of this kind have shipped, and that must not be here.

Each is named by what holds instead. Those whose test stands elsewhere are listed at the end.
"""

from __future__ import annotations

import ast
import asyncio
import gc
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import anyio
import pytest
from tests.faults.kinds import call_for, functions

import durable_async as da
from durable_async import testing
from durable_async.engines.sqlite import SqliteEngine
from durable_async.model.history import ActivityCompleted, Ended
from durable_async.model.work import ActivityTask, AttemptSucceeded
from durable_async.testing import Environment
from durable_async.testing.parties import Party, SettableClock, activity, the_only, value

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@da.activity
async def note(what: str) -> str:
    return f"result of {what}"


# ---- recorded values stay with who asked for them ------------------------------------------


def notes(*names: str, waits: bool = True) -> da.Orchestrator[[], list[str]]:
    @da.orchestrator(name="notes")
    async def flow() -> list[str]:
        found = [await note(name) for name in names]
        if waits:
            await da.wait_for_event("go")
        return found

    return flow


@pytest.mark.parametrize("names", [("x", "a", "b"), ("a", "x", "b"), ("a", "b", "x"), ("b",)])
async def test_a_step_put_between_others_takes_nobodys_value(
    url: str, names: Sequence[str]
) -> None:
    """All of them are calls of one activity."""
    old, new = notes("a", "b"), notes(*names)
    async with testing.environment([old, note], url=url) as env:
        handle = await env.client.start(old())
        await env.advance(0)
        await env.deploy([new, note])
        await handle.raise_event("go")
        with pytest.raises(da.NonDeterminismError):
            await handle.result()
        await env.deploy([old, note])
        assert await handle.result() == ["result of a", "result of b"]


async def test_where_nothing_follows_the_changed_argument_is_told(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As an argument may depend on something harmless, this alone blocks nobody; `durable check`
    and `testing.replay` find it, too."""
    release = asyncio.Event()

    @da.activity(name="note")
    async def slow(what: str) -> str:
        await release.wait()
        return f"result of {what}"

    old, new = notes("a", waits=False), notes("x", waits=False)
    async with testing.environment([old, slow], url=url) as env:
        handle = await env.client.start(old())
        await env.advance(0)
        await env.deploy([new, slow])
        release.set()
        assert await handle.result() == ["result of a"]
        with pytest.raises(da.NonDeterminismError, match="other arguments"):
            testing.replay(await handle.history(), [new, slow])
    assert "arguments changed" in caplog.text


async def test_results_are_replayed_in_the_order_in_which_they_came(url: str) -> None:
    """And not in the order of the calls."""
    gates = {name: asyncio.Event() for name in "abc"}

    @da.activity
    async def gated(name: str) -> str:
        await gates[name].wait()
        return name

    @da.orchestrator
    async def flow() -> list[str]:
        order = [await each for each in asyncio.as_completed([gated(name) for name in "abc"])]
        await da.wait_for_event("go")
        return order

    async with testing.environment([flow, gated], url=url, rebuild=True) as env:
        handle = await env.client.start(flow())
        for name in "cab":
            gates[name].set()
            await env.advance(0)
        await env.crash()
        await handle.raise_event("go")
        assert await handle.result() == ["c", "a", "b"]


# ---- nothing is left behind ----------------------------------------------------------------


async def test_a_caller_that_is_cancelled_leaves_its_instance_with_an_owner(url: str) -> None:
    go_on = asyncio.Event()

    @da.activity
    async def gated() -> str:
        await go_on.wait()
        return "done"

    @da.orchestrator
    async def flow() -> str:
        return await gated()

    async with da.Client(url) as client, da.Worker(client, [flow, gated]):
        starts = [asyncio.create_task(client.start(flow(), id=f"order-{n}")) for n in range(20)]
        await asyncio.sleep(0)
        for start in starts[::2]:
            start.cancel()
        await asyncio.wait(starts)
        waits = [asyncio.create_task(start.result().result()) for start in starts[1::2]]
        await asyncio.sleep(0)
        for wait in waits:
            wait.cancel()
        go_on.set()
        # Cancelled or not: what was begun is there as a whole, and comes to its end.
        ids = [state.id async for state in client.list()]
        assert {start.result().id for start in starts[1::2]} <= set(ids)
        assert [await client.handle(each).result() for each in ids] == ["done"] * len(ids)


async def test_a_long_activity_under_a_short_lease_runs_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = SqliteEngine.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "lease", 0.2)
    runs: list[str] = []

    @da.activity
    async def long() -> str:
        runs.append("on the loop")
        await asyncio.sleep(0.8)  # four times as long
        return "done"

    @da.activity
    def long_in_a_thread() -> str:
        runs.append("in a thread")
        time.sleep(0.8)
        return "done"

    @da.orchestrator
    async def flow() -> list[str]:
        return list(await asyncio.gather(long(), long_in_a_thread()))

    work = [flow, long, long_in_a_thread]
    async with (
        da.Client(url) as client,
        da.Client(url) as other,
        da.Worker(client, work),
        da.Worker(other, work),
    ):
        assert await (await client.start(flow())).result() == ["done", "done"]
    assert sorted(runs) == ["in a thread", "on the loop"]


async def test_tasks_that_nobody_holds_are_not_collected_while_they_run(url: str) -> None:
    done: list[int] = []

    @da.activity
    async def tell(number: int) -> None:
        done.append(number)

    @da.orchestrator
    async def flow() -> None:
        async def background(number: int) -> None:
            await asyncio.sleep(1)
            await tell(number)

        for number in range(10):
            asyncio.create_task(background(number))
        gc.collect()
        await asyncio.sleep(5)

    async with testing.environment([flow, tell], url=url) as env:
        handle = await env.client.start(flow())
        for _ in range(2):
            await env.advance(0.5)
            gc.collect()
        await handle.result()
    assert sorted(done) == list(range(10))


async def test_a_cancel_of_anyio_that_comes_again_and_again_lets_the_loop_rest(url: str) -> None:
    @da.orchestrator
    async def flow() -> list[str]:
        found: list[str] = []
        with anyio.move_on_after(1) as scope:
            try:
                await anyio.sleep(3_600)
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.sleep(60)  # meanwhile the outer scope wants to cancel
                    found.append(await note("clean-up"))
                found.append("shielded")
                try:
                    await anyio.sleep(60)
                finally:
                    found.append("cancelled again")
        return [*found, str(scope.cancelled_caught)]

    async with testing.environment([flow, note], url=url) as env:
        handle = await env.client.start(flow())
        expected = ["result of clean-up", "shielded", "cancelled again", "True"]
        assert await handle.result() == expected


async def test_groups_over_nothing_end_at_once(url: str) -> None:
    @da.orchestrator
    async def flow() -> list[Any]:
        async with asyncio.TaskGroup():
            pass
        async with anyio.create_task_group():
            pass
        nobody: list[asyncio.Future[None]] = []
        for each in asyncio.as_completed(nobody):
            await each
        return [await asyncio.gather()]

    async with testing.environment([flow], url=url) as env:
        assert await (await env.client.start(flow())).result() == [[]]


async def test_a_lock_is_free_again_though_its_holder_died_with_a_call_in_flight(
    url: str,
) -> None:
    started = asyncio.Event()
    never = asyncio.Event()

    @da.activity
    async def hangs() -> None:
        started.set()
        await never.wait()

    @da.orchestrator
    async def holder() -> None:
        async with da.lock("shop"):
            await hangs()

    @da.orchestrator
    async def next_one() -> str:
        async with da.lock("shop"):
            return "has it"

    async with testing.environment([holder, next_one, hangs], url=url) as env:
        first = await env.client.start(holder())
        await started.wait()
        second = await env.client.start(next_one())
        await env.crash()
        await env.advance(0)
        assert not (await second.state()).status.has_ended
        await first.cancel("give up")
        assert await second.result() == "has it"
        assert (await first.wait()).status is da.RuntimeStatus.CANCELLED


# ---- who is who ----------------------------------------------------------------------------


def test_a_name_is_no_fence_two_workers_of_one_name_are_two(tmp_path: Path) -> None:
    clock = SettableClock()
    engines = [SqliteEngine(str(tmp_path / "store.db"), clock=clock) for _ in range(2)]
    for engine in engines:
        engine.open()
    old, new = (Party.join(engine, "the same name") for engine in engines)
    assert old.session != new.session
    task = the_only(old.run(old.start(), activity(0)).activities)
    taken: list[ActivityTask] = []
    while not taken:  # the old one stands still
        clock.advance(2)
        taken += new.commit().activities
    refused = old.report(task, AttemptSucceeded(value("of the old one")))
    assert isinstance(the_only(refused.reports), da.LeaseLostError)
    done = new.report(the_only(taken), AttemptSucceeded(value("of the new one")))
    assert done.reports == (None,)
    for engine in engines:
        engine.close()


# ---- what is stored ------------------------------------------------------------------------


class Looks:
    """After each commit: does the status fit the history? The worker vanishes then."""

    def __init__(self, env: Environment, file: Path, instance: str) -> None:
        self._env = env
        self._file = file
        self._instance = instance
        self.seen: Counter[str] = Counter()

    def __bool__(self) -> bool:
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as connection:
            names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        assert names, "another process sees what was committed"
        record = self._env._engine.records([self._instance])[0]
        if record is not None:
            history = self._env._engine.history(self._instance)
            assert record.status.has_ended == isinstance(history[-1], get_args(Ended))
            assert record.history_length == len(history)
            self.seen[record.status] += 1
        return True


@pytest.mark.parametrize("kind", ["family", "saga", "bank"])
async def test_status_and_history_are_one_at_every_commit(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    async with testing.environment(functions(tmp_path), url=f"sqlite:///{file}") as env:
        looks: Any = Looks(env, file, f"{kind}-1")
        env._crashes_at_commits = looks
        await (await env.client.start(call_for(f"{kind}-1"), id=f"{kind}-1")).result()
    assert looks.seen["COMPLETED"] >= 1
    assert looks.seen["RUNNING"] > 1


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database is locked"),
        sqlite3.IntegrityError("UNIQUE constraint failed"),
        da.StoreError("the store is on fire"),
        da.LeaseLostError("somebody else has it"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_exception_of_the_user_is_not_taken_for_one_of_the_store(
    url: str, error: Exception
) -> None:
    runs: Counter[str] = Counter()

    @da.activity
    async def fails() -> None:
        runs["activity"] += 1
        raise error

    @da.orchestrator
    async def flow() -> str:
        try:
            await fails()
        except type(error) as caught:
            return str(caught)
        return "not reached"

    @da.orchestrator
    async def fails_itself() -> None:
        runs["orchestrator"] += 1
        raise error

    async with da.Client(url) as client, da.Worker(client, [flow, fails_itself, fails]):
        assert await (await client.start(flow())).result() == str(error)
        with pytest.raises(type(error), match=str(error)):
            await (await client.start(fails_itself())).result()
    assert runs == {"activity": 1, "orchestrator": 1}


# ---- time and replay -----------------------------------------------------------------------


async def test_the_timeout_of_retries_is_not_read_from_the_clock_at_replay(url: str) -> None:
    runs: Counter[str] = Counter()
    retry = da.RetryPolicy(max_attempts=3, initial_interval=10, timeout=60)

    @da.activity(retry=retry)
    async def shaky() -> str:
        runs["activity"] += 1
        if runs["activity"] < 3:
            raise ConnectionError
        return "activity"

    @da.orchestrator
    async def child() -> str:
        runs["child"] += 1
        if da.info().instance_id.endswith("~3"):
            return "child"
        raise ConnectionError

    @da.orchestrator
    async def flow() -> list[str]:
        found = [await shaky(), await child.options(id="child", retry=retry)()]
        await da.wait_for_event("go")
        return found

    async with testing.environment([flow, child, shaky], url=url) as env:
        handle = await env.client.start(flow())
        await env.advance(100)
        before = dict(runs)
        await env.advance(10_000_000)  # long after any timeout
        await env.crash()
        await handle.raise_event("go")
        assert await handle.result() == ["activity", "child"]
        assert runs == before
        assert len([e for e in await handle.history() if isinstance(e, ActivityCompleted)]) == 1


async def test_what_was_told_is_not_told_again_at_replay(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def flow() -> None:
        ours, plain = da.get_logger("shop"), logging.getLogger("shop.plain")
        for number in range(3):
            ours.warning("ours %s", number)
            plain.warning("plain %s", number)
            await asyncio.sleep(1)

    async with testing.environment([flow], url=url, crash="every-commit") as env:
        await (await env.client.start(flow())).result()
    told = Counter(
        record.getMessage().rpartition("] ")[2]
        for record in caplog.records
        if record.name.startswith("shop")
    )
    assert sum(told.values()) == 6
    assert set(told.values()) == {1}


# ---- elsewhere -----------------------------------------------------------------------------

ELSEWHERE = {
    "two branches under gather that are killed get each other's results": (
        "tests/faults/test_kill9.py",
        "test_branches_that_a_kill_interrupts_come_back_uncrossed",
    ),
    "a payload over the limit is tried again for ever": (
        "tests/faults/test_bad_input.py",
        "test_a_result_over_the_limit_fails_the_instance_and_is_not_tried_again",
    ),
    "ids of children repeat after continue_as_new": (
        "tests/semantics/test_line_18_children.py",
        "test_ids_of_children_are_unique_over_generations",
    ),
    "a lock is leaked with a call in flight": (
        "tests/semantics/test_line_32_entities.py",
        "test_locks_are_released_on_every_way_out",
    ),
    "what was taken over while its owner was stopped is accepted from it": (
        "tests/engines/test_sqlite_processes.py",
        "test_what_was_taken_over_while_its_session_slept_is_refused",
    ),
    "a worker never exits": (
        "tests/worker/test_service.py",
        "test_a_def_that_hangs_is_handed_back_and_left_behind",
    ),
    "a finished result is dropped at shutdown": (
        "tests/app/test_processes.py",
        "test_told_to_stop_a_worker_lets_its_activity_end_and_leaves_nothing_behind",
    ),
    "anyio cancels again and again, and the loop never rests": (
        "tests/loop/test_anyio_delivery.py",
        "",
    ),
}


@pytest.mark.parametrize("bug", ELSEWHERE)
def test_what_is_tested_elsewhere_is_there(bug: str) -> None:
    file, name = ELSEWHERE[bug]
    tests = {
        node.name
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert name in tests if name else any(each.startswith("test_") for each in tests)
