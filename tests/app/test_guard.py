"""The guard and the watchdog at work: in a worker, in a test environment, in `da.run`."""

from __future__ import annotations

import asyncio
import logging
import random
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import durable_async as da
from durable_async import testing
from durable_async.client.client import Client

PATIENCE = 30


def setting() -> str:
    return Path(__file__).read_text(encoding="utf-8")[:3]


def clock() -> float:
    return time.time()


@da.activity
async def read() -> str:
    return setting()


@da.activity
def read_in_a_thread() -> str:
    return setting()


@da.orchestrator
async def reads() -> str:
    return setting()


@da.orchestrator
async def reads_otherwise() -> list[str]:
    return [await read(), await read_in_a_thread(), da.side_effect(setting)]


@da.orchestrator
async def catches() -> str:
    try:
        return setting()
    except da.NotDurableError:
        return await read()


@da.orchestrator
async def looks_at_clocks() -> float:
    da.random().random()
    da.now()
    da.uuid4()
    da.side_effect(clock)
    await asyncio.sleep(1)
    return random.random()


@da.orchestrator
async def cleans_up() -> None:
    try:
        await da.wait_for_event("never")
    finally:
        setting()


@da.entity
@attrs.define
class Reader:
    seen: str = ""

    def look(self) -> str:
        self.seen = setting()
        return self.seen


@da.orchestrator
async def asks_reader() -> str:
    return await da.entity_ref(Reader, "r").call(Reader.look)


FUNCTIONS = [
    *(read, read_in_a_thread, reads, reads_otherwise, catches, looks_at_clocks, cleans_up),
    *(Reader, asks_reader),
]


@pytest.fixture(params=["sqlite", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'guarded.db'}" if request.param == "sqlite" else "sqlite://"


async def test_a_worker_refuses_what_leaves_the_process_and_the_instance_fails_with_the_line(
    url: str,
) -> None:
    async with da.Client(url) as client, da.Worker(client, FUNCTIONS):
        handle = await client.start(reads())
        with pytest.raises(da.NotDurableError, match=rf"open\(.*{__file__}:\d+\. Way out: "):
            await handle.result(timeout=PATIENCE)


async def test_activities_and_side_effects_do_what_they_like(url: str) -> None:
    async with da.Client(url) as client, da.Worker(client, FUNCTIONS):
        handle = await client.start(reads_otherwise())
        assert await handle.result(timeout=PATIENCE) == ['"""'] * 3


async def test_a_violation_can_be_caught_and_is_caught_again_at_replay() -> None:
    async with testing.environment(FUNCTIONS, rebuild=True) as env:
        assert await (await env.client.start(catches())).result() == '"""'


async def test_without_a_guard_nothing_is_refused(url: str) -> None:
    async with da.Client(url) as client, da.Worker(client, FUNCTIONS, guard="off"):
        assert await (await client.start(reads())).result(timeout=PATIENCE) == '"""'


async def test_operations_of_entities_are_guarded_as_well(url: str) -> None:
    async with da.Client(url) as client, da.Worker(client, FUNCTIONS):
        handle = await client.start(asks_reader())
        with pytest.raises(da.NotDurableError, match=r"open\("):
            await handle.result(timeout=PATIENCE)


@pytest.mark.parametrize("guard", ["audit", "strict"])
async def test_an_environment_is_guarded(guard: Any) -> None:
    async with testing.environment(FUNCTIONS, guard=guard) as env:
        with pytest.raises(da.NotDurableError, match="open"):
            await (await env.client.start(reads())).result()
        assert await (await env.client.start(reads_otherwise())).result() == ['"""'] * 3
        assert setting()  # the test itself may


async def test_strict_refuses_chance_and_leaves_what_is_durable_alone() -> None:
    async with testing.environment(FUNCTIONS, guard="strict", rebuild=True) as env:
        with pytest.raises(da.NotDurableError, match=r"Random\.random .* Way out: da\.random"):
            await (await env.client.start(looks_at_clocks())).result()
    async with testing.environment(FUNCTIONS) as env:
        assert await (await env.client.start(looks_at_clocks())).result() < 1


async def test_strict_works_in_the_thread_of_a_store(url: str) -> None:
    async with da.Client(url) as client, da.Worker(client, FUNCTIONS, guard="strict"):
        handle = await client.start(looks_at_clocks())
        with pytest.raises(da.NotDurableError, match=r"Random\.random"):
            await handle.result(timeout=PATIENCE)


async def test_strict_does_not_start_where_a_profiler_is(url: str) -> None:
    async with da.Client(url) as client:
        sys.setprofile(lambda *event: None)
        try:
            with pytest.raises(RuntimeError, match="profiler"):
                await da.Worker(client, FUNCTIONS, guard="strict").__aenter__()
        finally:
            sys.setprofile(None)
        async with da.Worker(client, FUNCTIONS, guard="strict"):
            pass


async def test_clean_up_while_an_instance_is_dropped_from_memory_is_guarded() -> None:
    async with testing.environment(FUNCTIONS) as env:
        handle = await env.client.start(cleans_up())
        await env.advance(0)
        await env.crash()
        await handle.terminate("enough")
        assert (await handle.state()).status is da.RuntimeStatus.TERMINATED


def test_a_guard_that_there_is_not_is_refused_where_it_is_said() -> None:
    client = Client(lambda: None, converter=da.Converter(), name="none")  # type: ignore[arg-type, return-value]
    with pytest.raises(ValueError, match="'loud'"):
        da.Worker(client, FUNCTIONS, guard="loud")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'loud'"):
        testing.environment(FUNCTIONS, guard="loud")  # type: ignore[arg-type]


async def test_other_threads_work_on_while_episodes_run(url: str) -> None:
    ended = threading.Event()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            while not ended.is_set():
                setting()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        async with da.Client(url) as client, da.Worker(client, FUNCTIONS):
            handles = [await client.start(catches()) for _ in range(50)]
            assert [await handle.result(timeout=PATIENCE) for handle in handles] == ['"""'] * 50
    finally:
        ended.set()
        thread.join()
    assert failures == []


PROGRAM = """
    import asyncio, sys
    import durable_async as da

    @da.activity
    async def double(x: int) -> int:
        return 2 * x

    @da.orchestrator
    async def flow(x: int) -> int:
        import colorsys  # lazily
        {body}
        return await double(x)

    if __name__ == "__main__":
        print(da.run(flow(21), url="sqlite:///flow.db", progress=False))
"""


def _run(folder: Path, *arguments: str, body: str = "pass", given: str = "") -> str:
    (folder / "flow.py").write_text(textwrap.dedent(PROGRAM).format(body=body))
    done = subprocess.run(
        [sys.executable, *arguments, "flow.py"],
        input=given,
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_script_with_a_lazy_import_runs(tmp_path: Path) -> None:
    assert _run(tmp_path).strip() == "42"


def test_a_script_under_coverage_runs(tmp_path: Path) -> None:
    assert _run(tmp_path, "-m", "coverage", "run").strip() == "42"
    report = subprocess.run(
        [sys.executable, "-m", "coverage", "report", "-m"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    ).stdout
    (line,) = (line for line in report.splitlines() if line.startswith("flow.py"))
    assert "100%" in line


def test_a_script_under_a_profiler_runs(tmp_path: Path) -> None:
    assert "42" in _run(tmp_path, "-m", "cProfile")


# ---- the watchdog ------------------------------------------------------------------------------


class Ear(logging.Handler):
    """Hears what is told of one thing. On a slow machine others may take long as well."""

    def __init__(self) -> None:
        super().__init__()
        self.listens_for = ""
        self.heard: list[str] = []
        self.told = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith(self.listens_for):
            self.heard.append(message)
            self.told.set()


EAR = Ear()


@pytest.fixture
def ear(watched: None) -> Iterator[Ear]:
    logger = logging.getLogger("durable_async.worker")
    EAR.heard.clear()
    EAR.told.clear()
    logger.addHandler(EAR)
    yield EAR
    logger.removeHandler(EAR)


@da.orchestrator
async def computes() -> bool:
    return EAR.told.wait(PATIENCE)


@da.activity
async def blocks() -> bool:
    await asyncio.sleep(0)
    return EAR.told.wait(PATIENCE)


@da.orchestrator
async def awaits_what_blocks() -> bool:
    return await blocks()


async def test_an_episode_that_computes_is_told_of_with_instance_and_line(
    url: str, ear: Ear
) -> None:
    ear.listens_for = "an episode of instance 'order-7'"
    async with da.Client(url) as client, da.Worker(client, [computes]):
        handle = await client.start(computes(), id="order-7")
        assert await handle.result(timeout=PATIENCE)
    assert len(ear.heard) == 1
    assert f"stands at {__file__}:{computes.fn.__code__.co_firstlineno + 2}:" in ear.heard[0]


async def test_an_activity_that_blocks_the_loop_is_told_of_with_instance_and_line(
    url: str, ear: Ear
) -> None:
    ear.listens_for = "activity 'blocks' of 'order-8'"
    functions = [blocks, awaits_what_blocks]
    async with da.Client(url) as client, da.Worker(client, functions):
        handle = await client.start(awaits_what_blocks(), id="order-8")
        assert await handle.result(timeout=PATIENCE)
    assert len(ear.heard) == 1
    assert f"stands at {__file__}:{blocks.fn.__code__.co_firstlineno + 3}:" in ear.heard[0]


async def test_no_thread_of_the_watchdog_is_left_behind(url: str) -> None:
    before = {thread for thread in threading.enumerate() if thread.name == "durable-watchdog"}
    async with da.Client(url) as client, da.Worker(client, FUNCTIONS):
        await (await client.start(catches())).result(timeout=PATIENCE)
        mine = [
            thread
            for thread in threading.enumerate()
            if thread.name == "durable-watchdog" and thread not in before
        ]
        assert len(mine) == 1
    mine[0].join(PATIENCE)
    assert not mine[0].is_alive()
