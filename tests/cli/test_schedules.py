"""`durable schedules`, on one file. Nothing is due here: see tests/app/test_schedules.py."""

from __future__ import annotations

import json

import attrs
import pytest

from durable_async.client.schedules import ScheduleState

from .conftest import Ended, Shop

pytestmark = pytest.mark.once  # processes are the same on each Python

FIELDS = {field.name for field in attrs.fields(ScheduleState)}


def create(shop: Shop, *more: str) -> Ended:
    return shop.ended(
        "schedules", "create", "nightly", "patience", "--arg", "1", "--every", "1h", *more
    )


def test_a_schedule_is_made_shown_paused_and_deleted_from_processes(durable: Shop) -> None:
    created = create(durable, "--json")
    assert set(created.document) == FIELDS
    assert (created.document["every"], created.document["paused_because"]) == (3600, None)
    paused = durable.ended("schedules", "pause", "nightly", "--reason", "moving house", "--json")
    assert (paused.document["paused"], paused.document["paused_because"]) == (True, "moving house")
    assert "  paused        moving house\n" in durable.ended("schedules", "show", "nightly").out
    listed = durable.ended("schedules", "list", "--json").document
    assert listed == {"schedules": [paused.document]}
    assert "paused" in durable.ended("schedules", "list").out
    assert durable.ended("schedules", "resume", "nightly", "--json").document["paused"] is False
    assert durable.ended("schedules", "delete", "nightly").out == "deleted schedule nightly\n"
    assert durable.ended("schedules", "list", "--json").document == {"schedules": []}


def test_runs_of_the_past_are_printed_one_a_line(durable: Shop) -> None:
    create(durable)
    filled = durable.ended("schedules", "backfill", "nightly", "--from", "0s")
    assert filled.out == "nothing was due\n"
    durable("schedules", "delete", "nightly")
    durable(
        "schedules", "create", "hourly", "patience", "--arg", "1", "--cron", "0 * * * *"
    )  # what was due before it was made, too
    times = ("--from", "2026-01-01T00:30Z", "--to", "2026-01-01T02:30Z")
    runs = ["hourly-2026-01-01T01:00:00Z", "hourly-2026-01-01T02:00:00Z"]
    filled = durable.ended("schedules", "backfill", "hourly", *times)
    assert filled.out == "".join(f"{run}\n" for run in runs)
    again = durable.ended("schedules", "backfill", "hourly", *times, "--json")
    assert again.document == {"schedule": "hourly", "ids": runs}


def test_a_schedule_that_exists_is_told_of_or_updated(durable: Shop) -> None:
    create(durable)
    refused = create(durable)
    assert refused.code == 1
    assert "there is a schedule 'nightly' already" in refused.err
    assert "change that one with --if-exists update" in refused.err
    updated = create(durable, "--overlap", "allow", "--if-exists", "update", "--json")
    assert updated.document["overlap"] == "allow"
    shown = json.loads(durable.ended("schedules", "show", "nightly", "--json").out)
    assert shown["overlap"] == "allow"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "weekly"], 1, '"durable schedules list" shows those that there are'),
        (["create", "x", "patience"], 2, 'says either --cron "0 3 * * *" or --every 3600'),
        (["create", "x", "patience", "--every", "0.5"], 2, "it must be 1 second at least"),
        (["create", "x", "patience", "--cron", "every day"], 2, "is no cron expression"),
    ],
)
def test_refusals_speak_of_options_and_commands(
    durable: Shop, arguments: list[str], code: int, words: str
) -> None:
    create(durable)
    ended = durable("schedules", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert words in ended.err
    assert "timedelta(" not in ended.err and "client." not in ended.err
