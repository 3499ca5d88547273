"""What is dropped comes back as it was: evicted, replayed by Temporal's own replayer, gone on with
in a new run, and after a worker was killed."""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.temporal import flows
from tests.temporal.conftest import LONG, Cluster

import durable_async as da


def _temporal(cluster: Cluster) -> Any:
    """temporalio's own client."""
    connection: Any = cluster.client.connection
    return connection.temporal


async def _runs(cluster: Cluster, id: str) -> list[str]:
    """The ids of the runs that an instance has had, newest first."""
    runs: list[str] = []
    run_id = (await _temporal(cluster).get_workflow_handle(id).describe()).run_id
    while run_id:
        runs.append(run_id)
        handle = _temporal(cluster).get_workflow_handle(id, run_id=run_id)
        first = await anext(handle.fetch_history_events(page_size=1))
        run_id = first.workflow_execution_started_event_attributes.continued_execution_run_id
    return runs


async def _replay(cluster: Cluster, ids: Iterable[str], functions: Iterable[object]) -> int:
    """How many runs Temporal's own replayer has replayed; raises what it finds."""
    from durable_async.dsl.registry import Registry
    from durable_async.engines.temporal import replayer

    count = 0
    for each in ids:
        for run_id in await _runs(cluster, each):
            handle = _temporal(cluster).get_workflow_handle(each, run_id=run_id)
            history = await handle.fetch_history()
            await replayer(Registry.of(functions), da.Converter()).replay_workflow(history)
            count += 1
    return count


async def _run_everything(cluster: Cluster, rounds: int, count: int = 1) -> list[da.Handle[object]]:
    handles = [
        await cluster.client.start(flows.everything(rounds), id=f"all-{number}")
        for number in range(count)
    ]
    for number in range(rounds):
        for handle in handles:
            await handle.raise_event("go", number)
    for handle in handles:
        assert flows.told(await handle.result()) == flows.expected(rounds)
    return handles


@pytest.mark.parametrize("cache", [0, 1, 10_000])
async def test_eviction_changes_nothing(cluster: Cluster, cache: int) -> None:
    await cluster.worker(*flows.FUNCTIONS, cache=cache)
    # Where none is kept, they have nothing to do with each other.
    handles = await _run_everything(cluster, 2, count=3 if cache else 1)
    for handle in handles:
        drawn = [
            int(each.result.data)
            for each in await handle.history()
            if type(each).__name__ == "SideEffectRecorded"
        ]
        result = await handle.result()
        assert [each[0] for each in result[4::5]] == drawn


async def test_temporals_own_replayer_replays_what_was_recorded(cluster: Cluster) -> None:
    await cluster.worker(*flows.FUNCTIONS)
    handles = await _run_everything(cluster, 2)
    assert await _replay(cluster, [handle.id for handle in handles], flows.FUNCTIONS) >= 1


@da.orchestrator(name="everything")
async def another_everything(rounds: int) -> list[object]:
    await flows.step(rounds)
    await asyncio.sleep(1)
    return []


async def test_the_replayer_sees_code_that_no_longer_fits(cluster: Cluster) -> None:
    await cluster.worker(*flows.FUNCTIONS)
    await _run_everything(cluster, 1)
    with pytest.raises(Exception, match=r"[Nn]ondeterminism|TMPRL1100"):
        await _replay(cluster, ["all-0"], [another_everything, flows.step])


async def test_a_long_execution_goes_on_in_new_runs_and_stays_the_same(cluster: Cluster) -> None:
    await cluster.worker(flows.many_steps, flows.step)
    handle = await cluster.client.start(flows.many_steps(LONG), id="long", tags={"a": "b"})
    before = await handle.state()
    assert await handle.result() == 10 * sum(range(LONG))
    runs = await _runs(cluster, "long")
    assert len(runs) > 2
    state = await handle.state()
    assert state.execution_id == before.execution_id
    assert state.created_at == before.created_at
    assert (state.input, state.tags) == ([LONG], {"a": "b"})
    assert state.custom_status == (LONG - 1) // 10 * 10
    history = await handle.history()
    assert sum(type(each).__name__ == "ActivityCompleted" for each in history) == LONG
    assert await _replay(cluster, ["long"], [flows.many_steps, flows.step]) == len(runs)


@pytest.mark.parametrize("cache", [1, 10_000])
async def test_events_timers_and_patches_survive_a_new_run(cluster: Cluster, cache: int) -> None:
    await cluster.worker(*flows.FUNCTIONS, cache=cache)
    await _run_everything(cluster, 6)
    assert len(await _runs(cluster, "all-0")) > 1
    await _replay(cluster, ["all-0"], flows.FUNCTIONS)


@da.orchestrator(name="changing")
async def changing_before() -> str:
    await flows.step(1)
    await da.wait_for_event("go")
    return "before"


@da.orchestrator(name="changing")
async def changing_after() -> str:
    await asyncio.sleep(0.01)
    await da.wait_for_event("go")
    return "after"


async def test_code_that_no_longer_fits_holds_the_instance_until_it_fits_again(
    cluster: Cluster,
) -> None:
    handle = await cluster.client.start(changing_before(), id="changing")
    async with da.Worker(cluster.client, [changing_before, flows.step], cache=0):
        async with asyncio.timeout(60):
            while not (await handle.state()).pending:
                pass
    async with da.Worker(cluster.client, [changing_after], cache=0):
        await handle.raise_event("go")
        async with asyncio.timeout(60):
            while (state := await handle.state()).status is not da.RuntimeStatus.BLOCKED:
                await asyncio.sleep(0.05)
        assert state.blocked is not None
        assert state.blocked.startswith("mismatch: [TMPRL1100] ")
    await cluster.worker(changing_before, flows.step)
    assert await handle.result() == "before"


async def _kill_in_the_middle(cluster: Cluster, folder: Path) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.temporal.flows", cluster.url
    )
    return await process.wait()


async def test_an_instance_goes_on_after_its_worker_was_killed(
    cluster: Cluster, tmp_path: Path
) -> None:
    handle = await cluster.client.start(flows.writes(str(tmp_path), 6), id="killed")
    assert await _kill_in_the_middle(cluster, tmp_path) == -9
    await cluster.worker(flows.writes, flows.write)
    numbers = await handle.result()
    assert numbers[:-1] == list(range(6))
    lines = [len((tmp_path / f"{each}.txt").read_text().splitlines()) for each in range(6)]
    assert lines == [1, 1, 1, 2, 1, 1]
