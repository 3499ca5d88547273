"""Schedules from creation to deletion, in an environment whose time is moved."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import durable_async as da
from durable_async import testing
from durable_async.testing.environment import Environment

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = 3_600


@da.activity
async def note(text: str) -> str:
    return text


@da.orchestrator
async def quick(text: str) -> str:
    return await note(text)


@da.orchestrator
async def slow(hours: float) -> str:
    await asyncio.sleep(hours * HOUR)
    return "done"


def world(*functions: object, rebuild: bool = False) -> Environment:
    return testing.environment([quick, slow, note, *functions], start_time=START, rebuild=rebuild)


async def ids(env: Environment, **conditions: object) -> list[str]:
    """Oldest first."""
    found = [state.id async for state in env.client.list(**conditions)]  # type: ignore[arg-type]
    return sorted(found)


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_a_run_is_started_whenever_the_expression_says_so(rebuild: bool) -> None:
    async with world(rebuild=rebuild) as env:
        await env.client.schedules.create("nightly", quick("report"), cron="0 3 * * *")
        await env.advance(timedelta(days=3))
        assert await ids(env) == [
            "nightly-2026-03-03T03:00:00Z",
            "nightly-2026-03-04T03:00:00Z",
            "nightly-2026-03-05T03:00:00Z",
        ]
        assert await env.client.handle("nightly-2026-03-03T03:00:00Z", str).result() == "report"


async def test_the_first_run_of_a_period_comes_after_one_period() -> None:
    async with world() as env:
        await env.client.schedules.create("often", quick("x"), every=timedelta(hours=1))
        await env.advance(HOUR - 1)
        assert await ids(env) == []
        await env.advance(1)
        assert await ids(env) == ["often-2026-03-02T13:00:00Z"]


async def test_a_run_knows_its_schedule_and_when_it_was_due() -> None:
    @da.orchestrator
    async def who() -> dict[str, str]:
        return da.info().tags

    async with world(who) as env:
        await env.client.schedules.create("s", who.options(tags={"team": "ops"})(), every=HOUR)
        await env.advance(HOUR)
        (state,) = [each async for each in env.client.list(tags={"schedule": "s"})]
        assert state.output == {
            "team": "ops",
            "schedule": "s",
            "scheduled_at": "2026-03-02T13:00:00+00:00",
        }


async def test_by_default_a_run_is_left_out_while_the_one_before_is_live() -> None:
    async with world() as env:
        await env.client.schedules.create("s", slow(2.5), every=HOUR)
        await env.advance(4 * HOUR)
        assert await ids(env) == ["s-2026-03-02T13:00:00Z", "s-2026-03-02T16:00:00Z"]
        assert (await env.client.schedules.get("s")).skipped == 2


async def test_one_run_waits_with_buffer_one() -> None:
    async with world() as env:
        await env.client.schedules.create("s", slow(2.5), every=HOUR, overlap="buffer_one")
        await env.advance(3.5 * HOUR)
        assert await ids(env) == ["s-2026-03-02T13:00:00Z", "s-2026-03-02T14:00:00Z"]
        state = await env.client.schedules.get("s")
        assert (state.skipped, state.running) == (1, ("s-2026-03-02T14:00:00Z",))


async def test_runs_overlap_with_allow() -> None:
    async with world() as env:
        await env.client.schedules.create("s", slow(2.5), every=HOUR, overlap="allow")
        await env.advance(3 * HOUR)
        assert await env.client.count(status="RUNNING") == 3


async def test_the_old_run_is_cancelled_before_the_new_one_starts_with_cancel_old() -> None:
    async with world() as env:
        await env.client.schedules.create("s", slow(2.5), every=HOUR, overlap="cancel_old")
        await env.advance(2 * HOUR)
        old = await env.client.handle("s-2026-03-02T13:00:00Z").state()
        new = await env.client.handle("s-2026-03-02T14:00:00Z").state()
        assert (old.status, new.status) == ("CANCELLED", "RUNNING")


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_times_that_come_while_it_is_paused_are_let_go(rebuild: bool) -> None:
    async with world(rebuild=rebuild) as env:
        schedules = env.client.schedules
        await schedules.create("s", quick("x"), every=HOUR)
        await env.advance(1.5 * HOUR)
        await schedules.pause("s", "a holiday")
        await schedules.pause("s")
        assert (await schedules.get("s")).paused
        await env.advance(5 * HOUR)
        assert len(await ids(env)) == 1
        await schedules.resume("s")
        await env.advance(0.4 * HOUR)
        assert len(await ids(env)) == 1
        await env.advance(0.2 * HOUR)
        assert await ids(env) == ["s-2026-03-02T13:00:00Z", "s-2026-03-02T19:00:00Z"]


async def test_a_paused_schedule_can_be_triggered() -> None:
    async with world() as env:
        schedules = env.client.schedules
        await schedules.create("s", quick("x"), every=HOUR)
        await schedules.pause("s")
        run = await schedules.trigger("s")
        assert await run.result() == "x"


async def test_runs_that_are_triggered_at_one_moment_are_several() -> None:
    async with world() as env:
        await env.client.schedules.create("s", quick("x"), every=HOUR, overlap="allow")
        runs = await asyncio.gather(*(env.client.schedules.trigger("s") for _ in range(3)))
        assert len({run.id for run in runs}) == 3
        assert [await run.result() for run in runs] == ["x"] * 3


async def test_a_triggered_run_counts_as_live() -> None:
    async with world() as env:
        await env.client.schedules.create("s", slow(2.5), every=HOUR)
        await env.advance(0.5 * HOUR)
        run = await env.client.schedules.trigger("s")
        await env.advance(HOUR)
        state = await env.client.schedules.get("s")
        assert (state.skipped, state.running, state.last_id) == (1, (run.id,), run.id)


async def test_after_a_downtime_one_run_makes_good_for_all() -> None:
    async with world() as env:
        await env.client.schedules.create("s", quick("x"), every=HOUR)
        await env.advance(0)
        instance = env.client.handle("schedule:s")
        await instance.suspend("as if no worker ran")
        await env.advance(5.5 * HOUR)
        await instance.resume("")
        await env.advance(0)
        assert await ids(env) == ["s-2026-03-02T17:00:00Z"]
        await env.advance(0.5 * HOUR)
        assert await ids(env) == ["s-2026-03-02T17:00:00Z", "s-2026-03-02T18:00:00Z"]
        state = await env.client.schedules.get("s")
        assert (state.runs, state.missed) == (2, 1)


async def test_a_backfill_starts_what_was_due_and_may_be_repeated() -> None:
    async with world() as env:
        schedules = env.client.schedules
        await schedules.create("daily", quick("x"), cron="0 3 * * *")
        start = datetime(2026, 2, 1, tzinfo=UTC)
        runs = await schedules.backfill("daily", start, datetime(2026, 2, 3, 12, tzinfo=UTC))
        again = await schedules.backfill("daily", start, datetime(2026, 2, 3, 12, tzinfo=UTC))
        assert [run.id for run in runs] == [
            "daily-2026-02-01T03:00:00Z",
            "daily-2026-02-02T03:00:00Z",
            "daily-2026-02-03T03:00:00Z",
        ]
        assert [run.id for run in again] == [run.id for run in runs]
        assert [await run.result() for run in runs] == ["x"] * 3


async def test_a_backfill_of_too_much_is_refused() -> None:
    async with world() as env:
        await env.client.schedules.create("s", quick("x"), cron="* * * * *")
        with pytest.raises(ValueError, match="more than 1,000 runs"):
            await env.client.schedules.backfill("s", START - timedelta(days=30), START)
        with pytest.raises(ValueError, match="no time zone"):
            await env.client.schedules.backfill("s", START, datetime(2026, 3, 3))
        with pytest.raises(ValueError, match="ends before it begins"):
            await env.client.schedules.backfill("s", START, START - timedelta(days=1))
        assert await ids(env) == []


async def test_a_deleted_schedule_starts_nothing_and_its_id_is_free() -> None:
    async with world() as env:
        schedules = env.client.schedules
        await schedules.create("s", slow(9), every=HOUR)
        await env.advance(HOUR)
        await schedules.delete("s")
        await env.advance(3 * HOUR)
        assert await ids(env) == ["s-2026-03-02T13:00:00Z"]
        assert await env.client.count(status="RUNNING") == 1
        await schedules.create("s", quick("x"), every=HOUR)


async def test_a_deletion_that_was_interrupted_is_ended_by_another_or_by_a_new_schedule() -> None:
    async with world() as env:
        schedules = env.client.schedules
        for again in (False, True):
            await schedules.create("s", quick("x"), every=HOUR)
            await env.client.handle("schedule:s").terminate("a deletion, and its process died")
            with pytest.raises(da.InstanceNotFoundError, match="no schedule 's'"):
                await schedules.get("s")
            if again:
                await schedules.create("s", quick("y"), every=HOUR)
            else:
                await schedules.delete("s")
        assert [each.id async for each in schedules.list()] == ["s"]
        await env.advance(HOUR)
        assert [await env.client.handle(each).result() for each in await ids(env)] == ["y"]


async def test_a_schedule_may_be_deleted_by_several_at_once() -> None:
    async with world() as env:
        await env.client.schedules.create("s", quick("x"), every=HOUR)
        await asyncio.gather(*(env.client.schedules.delete("s") for _ in range(3)))
        assert [each.id async for each in env.client.schedules.list()] == []


@pytest.mark.parametrize("verb", ["pause", "resume", "trigger", "delete", "get"])
async def test_a_verb_names_the_schedule_that_there_is_not(verb: str) -> None:
    async with world() as env:
        with pytest.raises(da.InstanceNotFoundError, match="no schedule 'nothing'"):
            await getattr(env.client.schedules, verb)("nothing")


async def test_an_id_that_exists_is_refused() -> None:
    async with world() as env:
        await env.client.schedules.create("s", quick("x"), every=HOUR)
        with pytest.raises(da.InstanceAlreadyExistsError, match="schedule 's'"):
            await env.client.schedules.create("s", quick("x"), every=HOUR)


async def test_schedules_are_listed_with_their_next_times_and_hidden_among_instances() -> None:
    async with world() as env:
        schedules = env.client.schedules
        await schedules.create("a", quick("x"), every=HOUR)
        await schedules.create("b", quick("x"), cron="0 8 * * *", timezone="Europe/Berlin")
        await env.advance(0)
        found = {state.id: state async for state in schedules.list()}
        assert set(found) == {"a", "b"}
        assert found["b"].next_times[0] == datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
        assert len(found["a"].next_times) == 5
        assert await env.client.count() == 0


async def test_a_schedule_goes_on_for_years_in_a_short_history() -> None:
    async with world() as env:
        await env.client.schedules.create("s", quick("x"), every=24 * HOUR)
        await env.advance(timedelta(days=365))
        assert (await env.client.schedules.get("s")).runs == 365
        assert len(await env.client.handle("schedule:s").history()) < 700


async def test_a_schedule_survives_a_crash_after_every_commit() -> None:
    async with testing.environment(
        [quick, note], start_time=START, crash="every-commit", rebuild=True
    ) as env:
        await env.client.schedules.create("s", quick("x"), every=HOUR)
        await env.advance(5 * HOUR)
        assert (await env.client.schedules.get("s")).runs == 5
        assert len(await ids(env)) == 5


# ---- changing one ----------------------------------------------------------------------------


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_an_update_replaces_what_a_schedule_is_and_keeps_what_it_has_done(
    rebuild: bool,
) -> None:
    async with world(rebuild=rebuild) as env:
        schedules = env.client.schedules
        await schedules.create("s", slow(0.5), every=HOUR)
        await env.advance(1.25 * HOUR)
        state = await schedules.create(
            "s", quick("new"), cron="0 18 * * *", overlap="allow", if_exists="update"
        )
        assert (state.cron, state.every, state.overlap, state.name) == (
            "0 18 * * *", None, "allow", "quick",
        )  # fmt: skip
        assert (state.runs, state.created_at) == (1, START)
        assert state.running == ("s-2026-03-02T13:00:00Z",)  # it goes on
        assert await schedules.get("s") == state
        await env.advance(timedelta(hours=5))
        assert await ids(env) == ["s-2026-03-02T13:00:00Z", "s-2026-03-02T18:00:00Z"]
        assert await env.client.handle("s-2026-03-02T13:00:00Z").result() == "done"
        assert await env.client.handle("s-2026-03-02T18:00:00Z").result() == "new"
        state = await schedules.get("s")
        assert (state.cron, state.runs, state.skipped, state.missed) == ("0 18 * * *", 2, 0, 0)


async def test_an_update_makes_what_does_not_exist() -> None:
    async with world() as env:
        made = await env.client.schedules.create("s", quick("x"), every=HOUR, if_exists="update")
        assert (made.every, made.runs) == (HOUR, 0)
        await env.advance(HOUR)
        assert await ids(env) == ["s-2026-03-02T13:00:00Z"]


async def test_a_program_may_say_a_schedule_again_whenever_it_starts() -> None:
    async with world() as env:
        schedules = env.client.schedules
        first = await schedules.create("s", quick("x"), every=HOUR)
        history = await env.client.handle("schedule:s").history()
        for _ in range(3):
            await env.advance(HOUR / 2)  # a period would never end if it began anew each time
            again = await schedules.create("s", quick("x"), every=HOUR, if_exists="update")
            assert again.created_at == first.created_at
        assert await ids(env) == ["s-2026-03-02T13:00:00Z"]
        assert (await env.client.handle("schedule:s").history())[: len(history)] == history


async def test_other_arguments_leave_the_periods_where_they_are() -> None:
    async with world() as env:
        schedules = env.client.schedules
        await schedules.create("s", quick("old"), every=HOUR)
        await env.advance(HOUR / 2)
        await schedules.create("s", quick("new"), every=HOUR, if_exists="update")
        await env.advance(HOUR / 2)
        assert await ids(env) == ["s-2026-03-02T13:00:00Z"]
        assert await env.client.handle("s-2026-03-02T13:00:00Z").result() == "new"


async def test_an_update_starts_nothing_by_itself() -> None:
    async with world() as env:
        schedules = env.client.schedules
        await schedules.create("s", quick("x"), cron="0 3 * * *")
        await env.advance(timedelta(hours=2))
        # Due a while ago by this one, and by the one before not yet.
        await schedules.create("s", quick("x"), cron="0 13 * * *", if_exists="update")
        await env.advance(timedelta(hours=12))
        assert await ids(env) == []
        await schedules.create("s", quick("x"), every=HOUR, if_exists="update")
        await env.advance(HOUR - 1)
        assert await ids(env) == []
        await env.advance(1)
        assert await ids(env) == ["s-2026-03-03T03:00:00Z"]


async def test_an_update_is_seen_at_once_also_while_nobody_obeys_it() -> None:
    async with world() as env:
        schedules = env.client.schedules
        await schedules.create("s", quick("old"), every=HOUR)
        await schedules.pause("s", "moving house")
        await schedules.create("s", quick("newer"), every=2 * HOUR, if_exists="update")
        state = await schedules.create("s", quick("newest"), every=3 * HOUR, if_exists="update")
        assert (state.every, state.paused, state.paused_because) == (3 * HOUR, True, "moving house")
        assert await schedules.get("s") == state
        assert [each async for each in schedules.list()] == [state]
        assert await (await schedules.trigger("s")).result() == "newest"
        await env.advance(timedelta(hours=4))
        await schedules.resume("s")
        state = await schedules.get("s")
        assert (state.every, state.paused, state.paused_because) == (3 * HOUR, False, None)
        assert state.next_times[0] == START + timedelta(hours=6)
        await env.advance(timedelta(hours=2))
        assert await env.client.handle("s-2026-03-02T18:00:00Z").result() == "newest"


async def test_an_update_waits_for_a_worker(tmp_path: Path) -> None:
    async with da.Client(f"sqlite:///{tmp_path / 's.db'}") as client:
        await client.schedules.create("s", quick("old"), every=HOUR)
        await client.schedules.create("s", quick("new"), every=60, if_exists="update")
        assert (await client.schedules.get("s")).every == 60
        (told,) = await client.connection.inbox("schedule:s")
        await client.schedules.create("s", quick("new"), every=60, if_exists="update")
        assert await client.connection.inbox("schedule:s") == (told,)


async def test_what_to_do_if_a_schedule_exists_is_one_of_two() -> None:
    async with world() as env:
        with pytest.raises(ValueError, match='if_exists is "raise" or "update", not \'replace\''):
            await env.client.schedules.create(
                "s",
                quick("x"),
                every=HOUR,
                if_exists="replace",  # type: ignore[arg-type]
            )


async def test_what_is_due_more_than_once_a_second_is_refused() -> None:
    async with world() as env:
        for every in (0.999, timedelta(milliseconds=1), 0):
            with pytest.raises(ValueError, match=r"seconds: it must be 1 second at least"):
                await env.client.schedules.create("s", quick("x"), every=every)
        assert (await env.client.schedules.create("s", quick("x"), every=1)).every == 1
