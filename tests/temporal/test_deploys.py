"""What a changed orchestrator does to instances on a Temporal cluster: what a replay there sees of
it, and what `durable check` finds before the deploy."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.temporal.conftest import Cluster
from tests.temporal.test_replay import _replay

import durable_async as da


@da.activity
async def charge(cents: int) -> int:
    return cents


@da.orchestrator
async def approves(order: str) -> str:
    await charge(1)
    await da.wait_for_event("approved")
    await charge(2)
    await da.wait_for_event("sent")
    return order


BEFORE = """
import durable_async as da

@da.activity
async def charge(cents: int) -> int:
    return cents

@da.orchestrator
async def approves(order: str) -> str:
    await charge(1)
    await da.wait_for_event("approved")
    await charge(2)
    await da.wait_for_event("sent")
    return order
"""

CHANGES = {
    "nothing": BEFORE,
    "another event": BEFORE.replace('"sent"', '"delivered"'),
    "an activity for the event": BEFORE.replace('da.wait_for_event("sent")', "charge(3)"),
    "other arguments": BEFORE.replace("charge(2)", "charge(20)"),
}


async def _until_it_waits(handle: da.Handle[str]) -> None:
    while not any(each.name == "sent" for each in (await handle.state()).pending):
        await asyncio.sleep(0.05)


async def _check(url: str, folder: Path, *options: str) -> tuple[int | None, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", "import sys; from durable_async.cli.main import main; sys.exit(main())"),
        *("check", "new.py", "--url", url, "--json", *options),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert out, err.decode()
    return process.returncode, json.loads(out)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_check_before_the_deploy_finds_what_a_replay_does_not_see(
    cluster: Cluster, tmp_path: Path, change: str
) -> None:
    await cluster.worker(approves, charge)
    handle = await cluster.client.start(approves("o-1"), id="o-1")
    await handle.raise_event("approved")
    await _until_it_waits(handle)
    while await cluster.client.count() == 0:  # visibility hears of it a moment later
        await asyncio.sleep(0.05)
    (tmp_path / "new.py").write_text(CHANGES[change])
    code, told = await _check(cluster.url, tmp_path, "--strict")
    assert told["checked"] == 1
    match change:
        case "nothing":
            assert (code, told["go_on"], told["would_block"]) == (0, 1, 0)
        case "other arguments":
            assert (code, told["go_on"], told["changed"][0]["ids"]) == (1, 1, ["o-1"])
        case _:
            assert (code, told["would_block"]) == (1, 1)
            (difference,) = told["differences"]
            assert difference["ids"] == ["o-1"]
            assert "'sent'" in difference["recorded"]


@da.orchestrator(name="approves")
async def without_a_wait(order: str) -> str:
    await charge(1)
    await charge(2)
    await da.wait_for_event("sent")
    return order


@da.orchestrator(name="approves")
async def with_one_more_wait(order: str) -> str:
    await charge(1)
    waits = asyncio.ensure_future(da.wait_for_event("early"))
    await asyncio.sleep(0)
    await da.wait_for_event("approved")
    await charge(2)
    await da.wait_for_event("sent")
    waits.cancel()
    return order


@da.orchestrator(name="approves")
async def with_another_wait(order: str) -> str:
    await charge(1)
    await da.wait_for_event("approved")
    await charge(2)
    await da.wait_for_event("delivered")
    return order


@pytest.mark.parametrize("changed", [without_a_wait, with_one_more_wait])
async def test_a_replay_sees_a_change_of_waits_before_an_activity(
    cluster: Cluster, changed: object
) -> None:
    """By the activity's number, which is its id at Temporal."""
    await cluster.worker(approves, charge)
    handle = await cluster.client.start(approves("o-1"), id="o-1")
    await handle.raise_event("approved")
    await _until_it_waits(handle)
    with pytest.raises(Exception, match=r"[Nn]ondeterminism|TMPRL1100"):
        await _replay(cluster, ["o-1"], [changed, charge])


async def test_an_event_wait_that_nothing_follows_may_change_on_temporal(cluster: Cluster) -> None:
    """Temporal records no waits: the instance goes on as if it had always been so."""
    handle = await cluster.client.start(approves("o-1"), id="o-1")
    await handle.raise_event("approved")
    async with da.Worker(cluster.client, [approves, charge], cache=0):
        await _until_it_waits(handle)
    await cluster.worker(with_another_wait, charge, cache=0)
    await handle.raise_event("sent")
    await handle.raise_event("delivered")
    assert await handle.result() == "o-1"
