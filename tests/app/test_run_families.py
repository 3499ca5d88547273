"""A script's instance with its children, entities and detached instances."""

from __future__ import annotations

import asyncio
import logging
import signal
import traceback
from pathlib import Path

import attrs
import pytest

import durable_async as da

MEMORY = "sqlite://"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'script.db'}"


@da.activity
async def add(a: int, b: int) -> int:
    return a + b


@da.orchestrator
async def leaf(number: int) -> int:
    return await add(number, 1)


@da.orchestrator
async def branch(number: int) -> int:
    return sum(await asyncio.gather(leaf(number), leaf(number + 1)))


@da.orchestrator
async def tree() -> int:
    return sum(await asyncio.gather(branch(0), branch(10)))


@da.entity
@attrs.define
class Counter:
    value: int = 0

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value


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


def test_children_and_theirs_run_and_their_definitions_are_learned() -> None:
    assert da.run(tree(), url=MEMORY) == 26


def test_entities_are_learned_and_run() -> None:
    @da.orchestrator
    async def count() -> int:
        counter = da.entity_ref(Counter, "k")
        await counter.call(Counter.add, 5)
        return await counter.call(Counter.add, 2)

    assert da.run(count(), url=MEMORY) == 7


def test_after_an_interruption_children_that_wait_for_activities_go_on(url: str) -> None:
    interrupted = Interrupted()
    work = interrupted.activity()

    @da.orchestrator
    async def inner() -> str:
        return await work()

    @da.orchestrator
    async def outer() -> str:
        return await inner()

    with pytest.raises(KeyboardInterrupt):
        da.run(outer(), url=url)
    assert da.run(outer(), url=url) == "done"
    assert interrupted.ran == 2


def test_an_interruption_shows_the_call_and_the_way_on_alone(url: str) -> None:
    work = Interrupted().activity()

    @da.orchestrator
    async def call() -> str:
        return await work()

    with pytest.raises(KeyboardInterrupt) as caught:
        da.run(call(), url=url)
    lines = "".join(traceback.format_exception(caught.value))
    assert lines.count("\n  File ") == 2  # this test's, and that of da.run
    assert "run the same again" in lines


def test_a_child_known_by_name_alone_is_not_registered() -> None:
    remote = da.orchestrator_named("remote", int)

    @da.orchestrator
    async def call() -> int:
        return await remote()

    with pytest.raises(da.NotRegisteredError, match=r"'remote' \(.*test_run_families\.py:\d+\)"):
        da.run(call(), url=MEMORY)


def test_a_stuck_child_that_alone_is_awaited_is_a_deadlock() -> None:
    @da.orchestrator
    async def call() -> None:
        await asyncio.gather(stuck(), leaf(1))

    with pytest.raises(da.DeadlockError, match=r"test_run_families\.py:\d+"):
        da.run(call(), url=MEMORY)


def test_a_stuck_child_that_is_given_up_is_none() -> None:
    @da.orchestrator
    async def call() -> str:
        try:
            async with asyncio.timeout(0.05):
                await stuck()
        except TimeoutError:
            return "given up"
        return "not reached"

    assert da.run(call(), url=MEMORY) == "given up"


def test_a_detached_instance_is_left_to_a_worker(url: str) -> None:
    @da.orchestrator
    async def call() -> str:
        return (await da.start(leaf(1), id="free")).id

    async def status() -> da.RuntimeStatus:
        async with da.Client(url) as client:
            return (await client.handle("free").state()).status

    assert da.run(call(), url=url) == "free"
    assert asyncio.run(status()) is da.RuntimeStatus.PENDING


def test_a_detached_instance_is_run_while_its_result_is_awaited(url: str) -> None:
    @da.orchestrator
    async def middle(number: int) -> int:
        ref = await da.start(leaf(number))
        return await ref.result()

    @da.orchestrator
    async def call() -> list[int]:
        ref = await da.start(middle(1))
        return [await ref.result(), await middle(2)]

    assert da.run(call(), url=MEMORY) == [2, 3]
    assert da.run(call(), url=url) == [2, 3]


def test_an_awaited_detached_instance_goes_on_after_an_interruption(url: str) -> None:
    interrupted = Interrupted()
    work = interrupted.activity()

    @da.orchestrator
    async def inner() -> str:
        return await work()

    @da.orchestrator
    async def middle() -> str:
        return await (await da.start(inner(), id="inner")).result()

    @da.orchestrator
    async def call() -> str:
        return await (await da.start(middle(), id="middle")).result()

    with pytest.raises(KeyboardInterrupt):
        da.run(call(), url=url)
    assert da.run(call(), url=url) == "done"
    assert interrupted.ran == 2


def test_an_awaited_instance_of_others_is_left_to_them(url: str) -> None:
    @da.orchestrator(name="others")
    async def others() -> None:
        await asyncio.sleep(0)

    @da.orchestrator
    async def call() -> str:
        ref = await da.start(da.orchestrator_named("others", str)(), id="others")
        try:
            async with asyncio.timeout(0.05):
                return await ref.result()
        except TimeoutError:
            return "not run"

    assert da.run(call(), url=url) == "not run"


def test_it_goes_on_as_new_until_it_ends() -> None:
    @da.orchestrator
    async def count(number: int) -> int:
        if number < 50:
            da.continue_as_new(count(await add(number, 1)))
        return number

    assert da.run(count(0), url=MEMORY) == 50


@pytest.mark.parametrize(
    ("verb", "error"),
    [("cancel", da.InstanceCancelledError), ("terminate", da.InstanceTerminatedError)],
)
def test_what_is_ended_from_outside_raises_what_was_done_to_it(
    url: str, verb: str, error: type[Exception]
) -> None:
    @da.activity
    async def end(instance_id: str) -> None:
        async with da.Client(url) as client:
            await getattr(client.handle(instance_id), verb)("not wanted")

    @da.orchestrator
    async def call() -> None:
        await end(da.info().instance_id)
        await da.wait_for_event("never")

    with pytest.raises(error, match="not wanted"):
        da.run(call(), url=url)


def test_what_is_suspended_is_told_and_waited_for(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def call() -> str:
        await asyncio.sleep(0)
        return "done"

    async def prepare() -> None:
        async with da.Client(url) as client:
            handle = await client.start(call(), id="a")
            await handle.suspend("a look first")

    class Resuming(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            asyncio.ensure_future(resume())

    async def resume() -> None:
        async with da.Client(url) as client:
            await client.handle("a").resume()

    asyncio.run(prepare())
    handler = Resuming()
    logger = logging.getLogger("durable_async.app")
    logger.addHandler(handler)
    try:
        assert da.run(call(), url=url, id="a") == "done"
    finally:
        logger.removeHandler(handler)
    assert "'a' is suspended (a look first)" in caplog.text


def test_steps_of_children_are_told_with_their_ids(capsys: pytest.CaptureFixture[str]) -> None:
    @da.orchestrator
    async def call() -> int:
        return await leaf.options(id="the-leaf")(1)

    assert da.run(call(), url=MEMORY, progress=True) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "child leaf 1: started as the-leaf"
    assert any(line.startswith("[the-leaf] add 1/1: ") for line in lines)
    assert "[the-leaf] completed" in lines
    assert lines[-2:] == ["child leaf 1: done", "completed"]
