"""Workers of two releases on one store: what does not fit the one goes on with the other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

import durable_async as da


@da.activity
async def note(what: str) -> str:
    return what


@da.orchestrator(name="flow")
async def old() -> list[str]:
    return [await note("old"), await da.wait_for_event("go", str), await note("end")]


@da.orchestrator(name="flow")
async def new() -> list[str]:
    await da.sleep(0.001)
    return [await note("new"), await da.wait_for_event("go", str), await note("end")]


async def until(status: da.RuntimeStatus, handles: Iterable[da.Handle[list[str]]]) -> None:
    async with asyncio.timeout(30):
        for handle in handles:
            while (await handle.state()).status is not status or (
                status is da.RuntimeStatus.RUNNING and not await waits_for_event(handle)
            ):
                await asyncio.sleep(0.01)


async def waits_for_event(handle: da.Handle[list[str]]) -> bool:
    return [each.kind for each in (await handle.state()).pending] == ["event"]


@pytest.mark.parametrize("in_one_process", [True, False])
async def test_instances_that_one_release_blocks_go_on_when_a_worker_of_the_other_comes_back(
    tmp_path: Path, in_one_process: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    async with da.Client(url) as client, da.Client(url) as elsewhere:
        other = client if in_one_process else elsewhere
        async with da.Worker(client, [old, note]):
            handles = [await client.start(old(), id=f"old-{number}") for number in range(5)]
            await until(da.RuntimeStatus.RUNNING, handles)
        async with da.Worker(other, [new, note]):
            for handle in handles:
                await handle.raise_event("go", "went on")
            await until(da.RuntimeStatus.BLOCKED, handles)
            async with da.Worker(client, [old, note]):
                results = [await handle.result(timeout=30) for handle in handles]
                assert results == [["old", "went on", "end"]] * 5
                # While both are there, whoever begins an instance may be the one or the other.
                fresh = [await client.start(new(), id=f"new-{number}") for number in range(20)]
                for handle in fresh:
                    await handle.raise_event("go", "went on")
                ends = [await handle.result(timeout=30) for handle in fresh]
                assert {tuple(end[1:]) for end in ends} == {("went on", "end")}
                assert {end[0] for end in ends} <= {"old", "new"}
