"""One instance, from a script."""

from __future__ import annotations

import asyncio
import signal
import threading
from pathlib import Path

import pytest

import durable_async as da
from durable_async.app import default_id
from durable_async.convert.values import Converter

MEMORY = "sqlite://"


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


class Till:
    @da.activity
    async def open(self) -> None: ...


def test_it_returns_the_result() -> None:
    assert da.run(total([1, 2, 3]), url=MEMORY) == 12


def test_it_raises_what_the_orchestrator_raised() -> None:
    @da.orchestrator
    async def fail() -> None:
        raise KeyError("missing")

    with pytest.raises(KeyError, match="missing"):
        da.run(fail(), url=MEMORY)


def test_failed_activities_arrive_as_themselves() -> None:
    @da.activity
    async def decline() -> None:
        raise ConnectionError("down")

    @da.orchestrator
    async def call() -> str:
        try:
            await decline()
        except ConnectionError as error:
            return str(error)
        return ""

    assert da.run(call(), url=MEMORY) == "down"


def test_what_waits_for_nothing_is_a_deadlock_with_its_lines() -> None:
    @da.orchestrator
    async def stuck() -> None:
        await asyncio.gather(asyncio.Event().wait(), asyncio.Event().wait())

    with pytest.raises(da.DeadlockError, match=r"'stuck-.*test_run\.py:\d+"):
        da.run(stuck(), url=MEMORY)


def test_an_activity_known_by_name_alone_is_not_registered() -> None:
    @da.orchestrator
    async def call() -> int:
        return await da.activity_named("elsewhere", int)(1)

    with pytest.raises(da.NotRegisteredError, match=r"'elsewhere' .*test_run\.py"):
        da.run(call(), url=MEMORY)


def test_a_method_is_not_registered() -> None:
    @da.orchestrator
    async def call() -> None:
        await Till.open()

    with pytest.raises(da.NotRegisteredError, match=r"Till\.open.*Worker"):
        da.run(call(), url=MEMORY)


@pytest.mark.parametrize("wrong", [asyncio.sleep, None, "total"])
def test_only_the_call_of_an_orchestrator_can_be_run(wrong: object) -> None:
    with pytest.raises(TypeError, match="orchestrator"):
        da.run(wrong, url=MEMORY)  # type: ignore[arg-type]  # wrong on purpose


def test_an_activity_s_call_cannot_be_run_and_is_not_said_to_be_forgotten() -> None:
    with pytest.raises(TypeError, match="add is an activity"):
        da.run(add(1, 2), url=MEMORY)


async def test_in_a_running_loop_it_says_what_to_write() -> None:
    with pytest.raises(RuntimeError, match=r"test_run\.py:\d+.*client\.start"):
        da.run(total([1]), url=MEMORY)


def test_in_an_orchestrator_it_is_not_durable() -> None:
    @da.orchestrator
    async def nested() -> int:
        return da.run(total([1]), url=MEMORY)

    with pytest.raises(da.NotDurableError, match=r"test_run\.py:\d+"):
        da.run(nested(), url=MEMORY)


def test_the_default_id_is_made_of_name_and_arguments() -> None:
    converter = Converter()
    calls = [total(numbers) for numbers in ([1], [1], [2])]
    ids = {default_id(call, converter) for call in calls}
    for call in calls:
        call.close()
    assert len(ids) == 2
    assert all(each.startswith("total-") for each in ids)


def test_arguments_that_a_checksum_confuses_have_ids_of_their_own() -> None:
    @da.orchestrator
    async def greet(name: str) -> None: ...

    calls = [greet("plumless"), greet("buckeroo")]
    ids = {default_id(call, Converter()) for call in calls}
    for call in calls:
        call.close()
    assert len({call.encode(Converter())[1] for call in calls}) == 1
    assert len(ids) == 2


def test_a_long_name_still_makes_an_id() -> None:
    async def short() -> None: ...

    long = da.orchestrator(name="n" * 500)(short)
    assert da.run(long(), url=MEMORY) is None


# ---- on a terminal -------------------------------------------------------------------------


def test_one_line_a_step_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    da.run(total([1]), url=MEMORY, progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["double 1", "add 0/2", "completed"]


def test_where_nobody_watches_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    da.run(total([1]), url=MEMORY)  # pytest's stderr is no terminal
    assert capsys.readouterr().err == ""


def test_a_retry_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    attempts: list[int] = []

    @da.activity(retry=da.RetryPolicy(initial_interval=0.001))
    async def flaky() -> int:
        attempts.append(1)
        if len(attempts) < 2:
            raise ConnectionError("down")
        return 1

    @da.orchestrator
    async def call() -> int:
        return await flaky()

    da.run(call(), url=MEMORY, progress=True)
    assert "flaky: attempt 2 in 1 ms (ConnectionError: down)" in capsys.readouterr().err


# ---- on a file -----------------------------------------------------------------------------


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'run.db'}"


def test_with_the_default_id_what_has_ended_begins_anew(url: str) -> None:
    ran: list[int] = []

    @da.activity
    async def note() -> int:
        ran.append(1)
        return len(ran)

    @da.orchestrator
    async def call() -> int:
        return await note()

    assert [da.run(call(), url=url), da.run(call(), url=url)] == [1, 2]


def test_with_an_id_of_one_s_own_it_gives_its_outcome_again(url: str) -> None:
    ran: list[int] = []

    @da.activity
    async def note() -> int:
        ran.append(1)
        return len(ran)

    @da.orchestrator
    async def call(fails: bool) -> int:
        count = await note()
        if fails:
            raise ValueError("recorded")
        return count

    assert [da.run(call(False), url=url, id="a"), da.run(call(False), url=url, id="a")] == [1, 1]
    for _ in range(2):
        with pytest.raises(ValueError, match="recorded"):
            da.run(call(True), url=url, id="b")
    assert len(ran) == 2


def test_an_id_of_another_orchestrator_is_taken(url: str) -> None:
    @da.orchestrator
    async def other() -> None: ...

    da.run(other(), url=url, id="a")
    with pytest.raises(da.InstanceAlreadyExistsError, match="other"):
        da.run(total([1]), url=url, id="a")


def test_interrupted_it_says_how_to_go_on_and_goes_on(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    @da.activity
    async def first() -> str:
        ran.append("first")
        return "kept"

    @da.activity
    async def second() -> str:
        ran.append("second")
        if ran.count("second") == 1:
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()
        return "done"

    @da.orchestrator
    async def call() -> list[str]:
        return [await first(), await second()]

    with pytest.raises(KeyboardInterrupt) as interrupt:
        da.run(call(), url=url)
    (note,) = interrupt.value.__notes__
    assert "'call-" in note and url in note and "goes on" in note
    assert da.run(call(), url=url, progress=True) == ["kept", "done"]
    assert ran == ["first", "second", "second"]
    assert "first: kept from" in capsys.readouterr().err


def test_code_that_no_longer_fits_is_an_error_and_fits_again_later(url: str) -> None:
    @da.activity
    async def first() -> str:
        return "first"

    @da.activity
    async def second() -> str:
        return "second"

    gate: list[bool] = []

    @da.activity
    async def pause() -> None:
        if not gate:
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()

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
        da.run(flow(), url=url, id="a")
    for _ in range(2):
        with pytest.raises(da.NonDeterminismError, match=r"'first'.*test_run\.py"):
            da.run(changed(), url=url, id="a")
    gate.append(True)
    assert da.run(flow(), url=url, id="a") == ["first"]


def test_an_open_activity_that_is_unknown_after_a_restart_is_not_registered(url: str) -> None:
    @da.activity(name="work")
    async def work() -> None:
        signal.raise_signal(signal.SIGINT)
        await asyncio.Event().wait()

    named = da.activity_named("work", object)
    known: list[bool] = [True]

    @da.orchestrator
    async def call() -> None:
        await (work() if known else named())

    with pytest.raises(KeyboardInterrupt):
        da.run(call(), url=url)
    known.clear()
    with pytest.raises(da.NotRegisteredError, match="'work'"):
        da.run(call(), url=url)


def test_activities_that_are_no_longer_needed_do_not_hold_it_up(url: str) -> None:
    release = threading.Event()

    @da.activity
    async def slow() -> None:
        await asyncio.Event().wait()

    @da.orchestrator
    async def race() -> str:
        task = asyncio.create_task(slow())
        await asyncio.sleep(0.001)
        return "first" if not task.done() else "both"

    assert da.run(race(), url=url) == "first"
    release.set()
