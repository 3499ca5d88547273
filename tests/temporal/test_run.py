"""One instance from a script, on a cluster: what `run` promises, and where it differs there."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.temporal import scripts

import durable_async as da


@da.activity
async def add(a: int, b: int) -> int:
    return a + b


@da.activity
def double(a: int) -> int:
    return 2 * a


@da.orchestrator
async def total(numbers: list[int]) -> int:
    result = 0
    for number in numbers:
        result = await add(result, await double(number))
    return result


@da.orchestrator
async def leaf(number: int) -> int:
    return await add(number, 1)


@da.orchestrator
async def branch(number: int) -> int:
    return sum(await asyncio.gather(leaf(number), leaf(number + 1)))


@da.orchestrator
async def tree() -> int:
    return sum(await asyncio.gather(branch(0), branch(10)))


@da.orchestrator
async def stuck() -> None:
    await asyncio.get_running_loop().create_future()


class Interrupted:
    """An activity that is interrupted, as by Ctrl-C, when it runs for the first time."""

    def __init__(self) -> None:
        self.ran = 0

    def activity(self) -> da.Activity[[], str]:
        @da.activity(name="interrupted")
        async def body() -> str:
            self.ran += 1
            if self.ran == 1:
                signal.raise_signal(signal.SIGINT)
                await asyncio.Event().wait()
            return "done"

        return body


def test_activities_are_learned_and_the_result_is_returned(temporal_url: str) -> None:
    assert da.run(total([1, 2, 3]), url=temporal_url) == 12


def test_children_and_theirs_run_and_their_definitions_are_learned(temporal_url: str) -> None:
    assert da.run(tree(), url=temporal_url) == 26


def test_failures_arrive_as_themselves(temporal_url: str) -> None:
    @da.activity
    async def decline() -> None:
        raise ConnectionError("down")

    @da.orchestrator
    async def call() -> None:
        try:
            await decline()
        except ConnectionError as error:
            raise KeyError(str(error)) from None

    with pytest.raises(KeyError, match="down"):
        da.run(call(), url=temporal_url)


def test_with_the_default_id_what_has_ended_begins_anew(temporal_url: str) -> None:
    ran: list[int] = []

    @da.activity
    async def note() -> int:
        ran.append(1)
        return len(ran)

    @da.orchestrator
    async def call() -> int:
        return await note()

    assert [da.run(call(), url=temporal_url), da.run(call(), url=temporal_url)] == [1, 2]


def test_with_an_id_of_one_s_own_it_gives_its_outcome_again(temporal_url: str) -> None:
    ran: list[int] = []

    @da.activity
    async def note() -> int:
        ran.append(1)
        return len(ran)

    @da.orchestrator
    async def call() -> int:
        return await note()

    assert [da.run(call(), url=temporal_url, id="a") for _ in range(2)] == [1, 1]
    assert len(ran) == 1


def test_interrupted_it_says_how_to_go_on_and_goes_on(
    temporal_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []
    work = Interrupted().activity()

    @da.activity
    async def first() -> str:
        ran.append("first")
        return "kept"

    @da.orchestrator
    async def call() -> list[str]:
        return [await first(), await work()]

    with pytest.raises(KeyboardInterrupt) as interrupt:
        da.run(call(), url=temporal_url)
    (note,) = interrupt.value.__notes__
    assert "'call-" in note and temporal_url in note and "goes on" in note
    assert da.run(call(), url=temporal_url, progress=True) == ["kept", "done"]
    assert ran == ["first"]
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("first: kept from")
    assert lines[-1] == "completed"
    assert not any(line.startswith("first:") for line in lines[1:])


def test_a_thread_that_does_not_end_does_not_hold_up_an_interruption(temporal_url: str) -> None:
    """Nor the end of the process, which joins no daemon threads."""
    release, interrupted = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    @da.activity
    def hangs() -> None:
        if interrupted.is_set():
            return
        threads.append(threading.current_thread())
        interrupted.set()
        signal.raise_signal(signal.SIGINT)
        release.wait()

    @da.orchestrator
    async def call() -> str:
        await hangs()
        return "done"

    with pytest.raises(KeyboardInterrupt):
        da.run(call(), url=temporal_url)
    assert threads[0].is_alive() and threads[0].daemon
    release.set()
    assert da.run(call(), url=temporal_url) == "done"


def test_after_an_interruption_children_that_wait_for_activities_go_on(temporal_url: str) -> None:
    interrupted = Interrupted()
    work = interrupted.activity()

    @da.orchestrator
    async def inner() -> str:
        return await work()

    @da.orchestrator
    async def outer() -> str:
        return await inner()

    with pytest.raises(KeyboardInterrupt):
        da.run(outer(), url=temporal_url)
    assert da.run(outer(), url=temporal_url) == "done"
    assert interrupted.ran == 2


def test_killed_it_goes_on_where_it_was(temporal_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", scripts.__name__, temporal_url, str(tmp_path)]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "6 steps\n"), ended.stderr
    assert [scripts.runs_of(tmp_path, number) for number in range(6)] == [1, 1, 1, 2, 1, 1]


def test_code_that_no_longer_fits_is_an_error_and_fits_again_later(temporal_url: str) -> None:
    pause = Interrupted().activity()

    @da.activity
    async def first() -> str:
        return "first"

    @da.activity
    async def second() -> str:
        return "second"

    @da.orchestrator(name="flow")
    async def flow() -> list[str]:
        one = await first()
        await pause()
        return [one]

    @da.orchestrator(name="flow")
    async def changed() -> list[str]:
        one = await second()
        await pause()
        return [one]

    with pytest.raises(KeyboardInterrupt):
        da.run(flow(), url=temporal_url, id="a")
    for _ in range(2):
        with pytest.raises(da.NonDeterminismError, match=r"'a'.*first"):
            da.run(changed(), url=temporal_url, id="a")
    assert da.run(flow(), url=temporal_url, id="a") == ["first"]


@pytest.mark.parametrize("kind", ["activity", "orchestrator"])
def test_what_is_known_by_name_alone_is_not_registered(temporal_url: str, kind: str) -> None:
    @da.orchestrator
    async def call() -> int:
        named = da.activity_named if kind == "activity" else da.orchestrator_named
        return await named("remote", int)()

    with pytest.raises(da.NotRegisteredError, match=rf"{kind} 'remote' \(.*test_run\.py:\d+\)"):
        da.run(call(), url=temporal_url)


def test_an_open_activity_that_is_unknown_after_a_restart_is_not_registered(
    temporal_url: str,
) -> None:
    work = Interrupted().activity()
    named = da.activity_named("interrupted", str)
    known: list[bool] = [True]

    @da.orchestrator
    async def call() -> str:
        return await (work() if known else named())

    with pytest.raises(KeyboardInterrupt):
        da.run(call(), url=temporal_url)
    known.clear()
    with pytest.raises(da.NotRegisteredError, match="'interrupted'"):
        da.run(call(), url=temporal_url)


def test_what_waits_for_nothing_is_a_deadlock_with_its_lines(temporal_url: str) -> None:
    with pytest.raises(da.DeadlockError, match=r"test_run\.py:\d+"):
        da.run(stuck(), url=temporal_url, id="a")
    with pytest.raises(da.DeadlockError, match=r"test_run\.py:\d+"):  # found by its record
        da.run(stuck(), url=temporal_url, id="a")


def test_a_stuck_child_that_alone_is_awaited_is_a_deadlock(temporal_url: str) -> None:
    @da.orchestrator
    async def call() -> None:
        await asyncio.gather(stuck(), leaf(1))

    with pytest.raises(da.DeadlockError, match=r"test_run\.py:\d+"):
        da.run(call(), url=temporal_url)


def test_it_goes_on_as_new_until_it_ends(temporal_url: str) -> None:
    @da.orchestrator
    async def count(number: int) -> int:
        if number < 2:
            da.continue_as_new(count(await add(number, 1)))
        return number

    assert da.run(count(0), url=temporal_url) == 2


@pytest.mark.parametrize(
    ("verb", "error"),
    [("cancel", da.InstanceCancelledError), ("terminate", da.InstanceTerminatedError)],
)
def test_what_is_ended_from_outside_raises_what_was_done_to_it(
    temporal_url: str, verb: str, error: type[Exception]
) -> None:
    @da.activity
    async def end(instance_id: str) -> None:
        async with da.Client(temporal_url) as client:
            await getattr(client.handle(instance_id), verb)("not wanted")

    @da.orchestrator
    async def call() -> None:
        await end(da.info().instance_id)
        await da.wait_for_event("never")

    with pytest.raises(error, match="not wanted"):
        da.run(call(), url=temporal_url)


def test_a_detached_instance_is_left_to_a_worker(
    temporal_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Also while it is awaited, which is told."""

    @da.orchestrator
    async def call() -> str:
        ref = await da.start(leaf(1), id="free")
        try:
            async with asyncio.timeout(0.05):
                return str(await ref.result())
        except TimeoutError:
            return "not run"

    async def queue_and_status() -> tuple[str, da.RuntimeStatus]:
        async with da.Client(temporal_url) as client:
            record = await client.connection.record("free")
            return record.queue, record.status

    with caplog.at_level(logging.WARNING):
        assert da.run(call(), url=temporal_url) == "not run"
    assert asyncio.run(queue_and_status()) == ("default", da.RuntimeStatus.PENDING)
    assert "'free' is awaited" in caplog.text


def test_an_instance_of_a_worker_s_queue_is_left_to_that_worker(temporal_url: str) -> None:
    async def start() -> None:
        async with da.Client(temporal_url) as client:
            await client.start(total([1]), id="theirs")

    asyncio.run(start())
    with pytest.raises(da.EngineLimitError, match="'theirs' is on queue 'default'"):
        da.run(total([1]), url=temporal_url, id="theirs")


def test_two_that_run_the_same_do_it_together(temporal_url: str) -> None:
    ran: list[int] = []
    both = threading.Barrier(2, timeout=30)

    @da.activity
    def meet(number: int) -> int:
        if number == 0:
            both.wait()
        ran.append(number)
        return number

    @da.orchestrator
    async def inner(number: int) -> int:
        return await meet(number)

    @da.orchestrator
    async def call() -> int:
        await meet(0)
        return sum(await asyncio.gather(*[inner(number) for number in range(1, 9)]))

    results: list[int] = []
    threads = [
        threading.Thread(target=_append(results, lambda: da.run(call(), url=temporal_url, id="a")))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    both.wait()  # with the one that has it
    for thread in threads:
        thread.join(120)
    assert results == [36, 36]
    assert sorted(ran) == list(range(9))


def _append(results: list[int], run: Callable[[], int]) -> Callable[[], None]:
    return lambda: results.append(run())


def test_steps_of_children_are_told_with_their_ids(
    temporal_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @da.orchestrator
    async def call() -> int:
        return await leaf.options(id="the-leaf")(1)

    assert da.run(call(), url=temporal_url, progress=True) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "child leaf 1: started as the-leaf"
    assert any(line.startswith("[the-leaf] add 1/1: ") for line in lines)
    assert "[the-leaf] completed" in lines
    assert lines[-2:] == ["child leaf 1: done", "completed"]


def test_a_retry_is_told(temporal_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[int] = []

    @da.activity(retry=da.RetryPolicy(initial_interval=0.001))
    async def flaky() -> None:
        ran.append(1)
        if len(ran) == 1:
            raise ConnectionError("down")

    @da.orchestrator
    async def call() -> None:
        await flaky()

    da.run(call(), url=temporal_url, progress=True)
    assert "flaky: attempt 2 in 1 ms (ConnectionError: down)" in capsys.readouterr().err
