"""Schedules on a Temporal cluster are Temporal's own: it starts the runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.temporal.conftest import Cluster

import durable_async as da
from durable_async.client.schedules import ScheduleState
from durable_async.dsl.timetable import Timetable


@da.orchestrator
async def report(team: str) -> list[str]:
    tags = da.info().tags
    return [team, tags["schedule"], tags["scheduled_at"], tags.get("kind", "")]


@da.orchestrator
async def goes_on_for_ever() -> None:
    await da.wait_for_event("end")


async def until(
    client: da.Client, schedule_id: str, holds: Callable[[ScheduleState], object]
) -> ScheduleState:
    async with asyncio.timeout(60):
        while not holds(state := await client.schedules.get(schedule_id)):
            await asyncio.sleep(0.1)
    return state


YEARLY = "0 3 1 1 *"


async def test_runs_begin_by_themselves_with_ids_and_tags_of_their_own(cluster: Cluster) -> None:
    client = cluster.client
    tagged = report.options(tags={"kind": "nightly"})
    await client.schedules.create("s", tagged("all"), every=1)
    state = await until(client, "s", lambda state: state.runs)
    await cluster.worker(report)  # none was needed for them to begin
    assert state.last_at is not None
    assert state.last_id == f"s-{state.last_at:%Y-%m-%dT%H:%M:%SZ}"
    handle = client.handle(state.last_id)
    assert await handle.result() == ["all", "s", state.last_at.isoformat(), "nightly"]
    seen = await handle.state()
    assert seen.tags == {
        "kind": "nightly",
        "schedule": "s",
        "scheduled_at": state.last_at.isoformat(),
    }
    at_that_time = {"scheduled_at": state.last_at.isoformat()}
    async with asyncio.timeout(60):
        while [each.id async for each in client.list(tags=at_that_time)] != [state.last_id]:
            await asyncio.sleep(0.05)


async def test_what_was_asked_for_is_read_back(cluster: Cluster) -> None:
    schedules = cluster.client.schedules
    state = await schedules.create(
        "s", report("all"), cron="30 3 * * MON-FRI", timezone="Europe/Berlin", overlap="allow"
    )
    assert (state.id, state.name, state.cron) == ("s", "report", "30 3 * * MON-FRI")
    assert (state.every, state.timezone, state.overlap) == (None, "Europe/Berlin", "allow")
    assert (state.paused, state.runs, state.running, state.last_id) == (False, 0, (), None)
    assert await schedules.get("s") == state


@pytest.fixture
async def kept(shared_url: str) -> AsyncIterator[da.Client]:
    async with da.Client(shared_url) as client:
        yield client


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kolkata"])
@pytest.mark.parametrize(
    "cron",
    [
        "30 3 * * MON-FRI",
        "*/20 1-3 * * *",
        "0 12 1,15 * 1",
        "15 30 6 * 2 *",
        "0 0 29 2 7",
        "5 4 * * 0",
    ],
)
async def test_times_are_those_of_any_other_engine(
    kept: da.Client, cron: str, timezone: str
) -> None:
    state = await kept.schedules.create(
        f"{cron} {timezone}", report("a"), cron=cron, timezone=timezone
    )
    since = state.created_at.replace(microsecond=0)
    table = Timetable.checked(cron=cron, every=None, timezone=timezone, since=since)
    expected = [time for time, _ in zip(table.after(since), range(5), strict=False)]
    assert list(state.next_times) == expected


async def test_periods_count_from_the_creation(cluster: Cluster) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    state = await cluster.client.schedules.create("s", report("a"), every=timedelta(hours=7))
    late = datetime.now(UTC) - before
    first, second = state.next_times[:2]
    assert timedelta() <= first - before - timedelta(hours=7) <= late
    assert second - first == timedelta(hours=7)


async def test_what_temporal_cannot_keep_is_refused_at_the_call(cluster: Cluster) -> None:
    schedules = cluster.client.schedules
    with pytest.raises(da.EngineLimitError, match="count whole ones"):
        await schedules.create("s", report("a"), every=1.5)
    for cron in ("0 0 L * *", "0 0 * * 1#2", "0 0 * * 5L"):
        with pytest.raises(da.EngineLimitError, match="end of a month"):
            await schedules.create("s", report("a"), cron=cron)
    with pytest.raises(ValueError, match="no cron expression"):
        await schedules.create("s", report("a"), cron="every day")
    with pytest.raises(da.InstanceNotFoundError):
        await schedules.get("s")


async def test_a_paused_schedule_starts_nothing_until_it_is_resumed(cluster: Cluster) -> None:
    client = cluster.client
    await client.schedules.create("s", report("a"), cron=YEARLY)
    await client.schedules.pause("s", "for the holidays")
    await client.schedules.pause("s", "again")
    state = await client.schedules.get("s")
    assert (state.paused, state.paused_because) == (True, "for the holidays")
    assert state.next_times == ()
    await client.schedules.create("s", report("a"), every=1, if_exists="update")
    state = await client.schedules.get("s")
    assert (state.paused, state.every, state.runs) == (True, 1, 0)
    await client.schedules.resume("s")
    await client.schedules.resume("s")
    state = await until(client, "s", lambda state: state.runs)
    assert (state.paused, state.paused_because) == (False, None)


async def test_a_pause_needs_no_reason(cluster: Cluster) -> None:
    await cluster.client.schedules.create("s", report("a"), cron=YEARLY)
    await cluster.client.schedules.pause("s")
    assert (await cluster.client.schedules.get("s")).paused_because == ""


async def test_a_schedule_that_is_said_again_goes_on_as_it_is(cluster: Cluster) -> None:
    schedules = cluster.client.schedules
    first = await schedules.create("s", report("a"), every=3600)
    with pytest.raises(da.InstanceAlreadyExistsError, match="if_exists='update'"):
        await schedules.create("s", report("a"), every=3600)
    again = await schedules.create("s", report("b"), every=3600, if_exists="update")
    assert again.next_times == first.next_times
    changed = await schedules.create("s", report("b"), cron=YEARLY, if_exists="update")
    assert (changed.every, changed.cron) == (None, YEARLY)


async def test_a_trigger_starts_a_run_at_once_also_while_it_is_paused(cluster: Cluster) -> None:
    await cluster.worker(report)
    schedules = cluster.client.schedules
    await schedules.create("s", report("a"), cron=YEARLY)
    await schedules.pause("s")
    first, second = [await schedules.trigger("s") for _ in range(2)]
    assert first.id != second.id
    assert (await first.result())[:2] == ["a", "s"]
    await schedules.create("s", report("b"), cron=YEARLY, if_exists="update")
    assert (await (await schedules.trigger("s")).result())[:2] == ["b", "s"]


async def test_a_backfill_starts_what_was_due_once(cluster: Cluster) -> None:
    await cluster.worker(report)
    schedules = cluster.client.schedules
    await schedules.create("s", report("a"), cron="0 3 * * *")
    start = datetime(2024, 5, 1, tzinfo=UTC)
    end = start + timedelta(days=3)
    handles = await schedules.backfill("s", start, end)
    ids = [f"s-2024-05-0{day}T03:00:00Z" for day in (1, 2, 3)]
    assert [handle.id for handle in handles] == ids
    assert (await handles[0].result())[2] == "2024-05-01T03:00:00+00:00"
    repeated = await schedules.backfill("s", start, end)
    assert [handle.id for handle in repeated] == ids


async def test_a_run_that_is_live_keeps_the_next_one_out(cluster: Cluster) -> None:
    client = cluster.client
    await client.schedules.create("s", goes_on_for_ever(), every=1, overlap="skip")
    state = await until(client, "s", lambda state: state.skipped >= 2)
    assert (state.runs, state.running) == (1, (state.last_id,))


async def test_a_run_that_is_live_is_cancelled_for_the_next_one(cluster: Cluster) -> None:
    client = cluster.client
    await cluster.worker(goes_on_for_ever)
    await client.schedules.create("s", goes_on_for_ever(), every=1, overlap="cancel_old")
    state = await until(client, "s", lambda state: state.running)
    ended = await client.handle(state.running[0]).wait()
    assert ended.status is da.RuntimeStatus.CANCELLED
    await client.schedules.delete("s")


async def test_a_deleted_schedule_is_unknown_and_its_runs_go_on(cluster: Cluster) -> None:
    client = cluster.client
    await client.schedules.create("s", goes_on_for_ever(), every=1, overlap="allow")
    state = await until(client, "s", lambda state: state.runs)
    await client.schedules.delete("s")
    verbs: list[Callable[[], Any]] = [
        lambda: client.schedules.get("s"),
        lambda: client.schedules.delete("s"),
        lambda: client.schedules.pause("s"),
        lambda: client.schedules.resume("s"),
        lambda: client.schedules.trigger("s"),
    ]
    for verb in verbs:
        with pytest.raises(da.InstanceNotFoundError, match="no schedule 's'"):
            await verb()
    assert state.last_id is not None
    assert not (await client.handle(state.last_id).state()).status.has_ended
    await client.schedules.create("s", report("a"), cron=YEARLY)  # the id is free


async def test_schedules_are_listed_newest_first_and_others_are_left_alone(
    cluster: Cluster,
) -> None:
    from temporalio.client import Schedule, ScheduleActionStartWorkflow, ScheduleSpec

    client = cluster.client
    engine: Any = client.connection
    action = ScheduleActionStartWorkflow("other", id="other", task_queue="other")
    await engine.temporal.create_schedule("a-other", Schedule(action, ScheduleSpec()))
    for name in ("a-1", "b-1", "a-2"):
        await client.schedules.create(name, report("a"), cron=YEARLY)

    async def ids(prefix: str) -> list[str]:
        return [each.id async for each in client.schedules.list(id_prefix=prefix)]

    async with asyncio.timeout(60):
        while await ids("") != ["a-2", "b-1", "a-1"]:
            await asyncio.sleep(0.05)
    assert await ids("a") == ["a-2", "a-1"]
    with pytest.raises(da.InstanceNotFoundError):
        await client.schedules.delete("a-other")


async def test_schedules_that_were_taken_before_the_client_was_open_are_refused(
    temporal_url: str,
) -> None:
    client = da.Client(temporal_url)
    schedules = client.schedules
    async with client:
        with pytest.raises(da.EngineLimitError, match="where it is used"):
            await schedules.create("s", report("a"), cron=YEARLY)
