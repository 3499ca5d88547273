"""A schedule, as examples/nightly_report.py makes it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from nightly_report import count_orders, report

from durable_async import testing

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
async def env() -> AsyncIterator[testing.Environment]:
    async with testing.environment([report, count_orders], start_time=MONDAY) as env:
        await env.client.schedules.create(
            "nightly", report("Berlin"), cron="0 3 * * *", timezone="Europe/Berlin"
        )
        yield env


async def test_there_is_a_report_each_night(env: testing.Environment) -> None:
    await env.advance(timedelta(days=2))
    runs = [state async for state in env.client.list(tags={"schedule": "nightly"})]
    assert [run.id for run in runs] == [
        "nightly-2026-03-04T02:00:00Z",  # 3:00 in Berlin
        "nightly-2026-03-03T02:00:00Z",
    ]
    assert runs[0].output == "Berlin, 2026-03-04: 25 orders"


async def test_a_report_can_be_had_at_once(env: testing.Environment) -> None:
    run = await env.client.schedules.trigger("nightly")
    assert await run.result() == "Berlin, 2026-03-02: 25 orders"


async def test_nights_before_the_schedule_can_be_made_good(env: testing.Environment) -> None:
    runs = await env.client.schedules.backfill(
        "nightly", MONDAY - timedelta(days=3), MONDAY - timedelta(days=1)
    )
    assert [await run.result() for run in runs] == [
        "Berlin, 2026-02-28: 25 orders",
        "Berlin, 2026-03-01: 25 orders",
    ]


async def test_a_holiday_has_no_reports(env: testing.Environment) -> None:
    await env.client.schedules.pause("nightly", "a holiday")
    await env.advance(timedelta(days=7))
    assert await env.client.count(tags={"schedule": "nightly"}) == 0
