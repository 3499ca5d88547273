"""Schedules: an orchestrator of our own that starts instances of others when they are due.

Invariant: whatever a schedule knows stands in its arguments and its history, like that of any
orchestrator; so it survives what they survive, and needs nothing of an engine that they do not.

Times that nobody was there for are made good by one run, the newest of them. A schedule that is
paused is suspended as an instance, too, so that everybody sees it at once; times that come while
it is paused are let go.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from typing import Any, Final, Literal, NoReturn, assert_never

import attrs

from durable_async.dsl.context import info, required
from durable_async.dsl.definitions import Orchestrator
from durable_async.dsl.durables import (
    now,
    set_custom_status,
    side_effect,
    sleep_until,
    wait_for_event,
)
from durable_async.dsl.instances import InstanceRef, continue_as_new
from durable_async.dsl.timetable import Timetable
from durable_async.errors import InstanceAlreadyExistsError
from durable_async.model.payload import Payload
from durable_async.model.work import INTERNAL

__all__ = [
    "SCHEDULE",
    "SCHEDULED_AT",
    "SCHEDULE_TAG",
    "VERBS",
    "Dealt",
    "Overlap",
    "ScheduleSpec",
    "Standing",
    "Verb",
    "instance_of",
    "run_id",
    "run_tags",
    "schedule",
    "updated",
]

Overlap = Literal["skip", "buffer_one", "allow", "cancel_old"]

SCHEDULE: Final = f"{INTERNAL}schedule"
"""The name of the orchestrator."""

VERBS: Final = f"{INTERNAL}verb"
"""The event by which a schedule is told what to do."""

SCHEDULE_TAG: Final = "schedule"
SCHEDULED_AT: Final = "scheduled_at"
"""Tags of the instances that a schedule starts: its id, and when they were due."""

_LONG_ENOUGH: Final = 500
"""Events after which a schedule begins a fresh history."""


@attrs.frozen(kw_only=True)
class ScheduleSpec:
    """id: the schedule's. table: when it is due. overlap: what happens if the run before is still
    live. The rest: what is started; input and encoding: its arguments, as they are stored."""

    id: str
    table: Timetable
    overlap: Overlap
    name: str
    version: str | None
    newest: bool
    input: bytes
    encoding: str
    queue: str
    tags: dict[str, str]


@attrs.frozen(kw_only=True)
class Dealt:
    """What has become of the times so far. until: those up to this moment have been dealt with.
    running: ids of the runs that have not ended. buffered: the time of a run that waits until they
    have. runs, skipped, missed: how many were started, were left out because of the overlap, and
    went by while nobody was there."""

    until: datetime
    paused: bool = False
    running: tuple[str, ...] = ()
    buffered: datetime | None = None
    runs: int = 0
    skipped: int = 0
    missed: int = 0
    last_id: str | None = None
    last_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Standing:
    """A schedule that is no instance, but kept by the engine itself. paused_because: None if it is
    not paused. next_times: at least the next five, as far as there are so many."""

    spec: ScheduleSpec
    dealt: Dealt
    paused_because: str | None
    next_times: tuple[datetime, ...]
    created_at: datetime


@attrs.frozen(kw_only=True)
class Verb:
    """do: "started" says that somebody else has started a run of this id; "update" that the
    schedule is to go on as `spec` says."""

    do: Literal["pause", "resume", "started", "update"]
    id: str | None = None
    spec: ScheduleSpec | None = None


def updated(spec: ScheduleSpec, given: ScheduleSpec) -> ScheduleSpec:
    """What a schedule goes on as. A timetable that says the same as before goes on where it is: who
    says it again whenever they start would shift its periods each time."""
    says_the_same = attrs.evolve(given.table, since=spec.table.since) == spec.table
    return attrs.evolve(given, table=spec.table) if says_the_same else given


def instance_of(schedule_id: str) -> str:
    """The id of the instance that is the schedule."""
    return f"schedule:{schedule_id}"


def run_id(schedule_id: str, due: datetime) -> str:
    """The id of the run that is due at this moment: there is one."""
    return f"{schedule_id}-{due.isoformat().replace('+00:00', 'Z')}"


def run_tags(spec: ScheduleSpec, due: datetime) -> dict[str, str]:
    """By which that run is found, and knows what it is of."""
    return spec.tags | {SCHEDULE_TAG: spec.id, SCHEDULED_AT: due.isoformat()}


# Functions for `side_effect`: how times are computed may change with the next release, or with the
# next edition of the world's time zones, and what was computed once must stand.


def next_time(table: Timetable, after: datetime) -> datetime | None:
    return table.next_after(after)


def newest_time(table: Timetable, until: datetime) -> datetime | None:
    return table.last_until(until)


async def _run_schedule(spec: ScheduleSpec, dealt: Dealt) -> NoReturn:
    await _Schedule(spec, dealt).run()


schedule: Final[Orchestrator[[ScheduleSpec, Dealt], NoReturn]] = Orchestrator(
    _run_schedule, SCHEDULE, None
)
"""Given to every worker."""


class _Schedule:
    """One execution of a schedule."""

    def __init__(self, spec: ScheduleSpec, dealt: Dealt) -> None:
        self._spec = spec
        self._dealt = dealt
        self._is_updated = False
        self._runs: dict[asyncio.Task[None], str] = {}

    async def run(self) -> NoReturn:
        for run in self._dealt.running:
            self._follow(run)
        verb = asyncio.create_task(wait_for_event(VERBS, Verb))
        while info().history_length < _LONG_ENOUGH and not self._is_updated:
            timer = self._timer()
            self._show()
            waits = {verb, *self._runs} if timer is None else {verb, timer, *self._runs}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            await self._see_ended()
            if verb.done():
                self._obey(verb.result())
                verb = asyncio.create_task(wait_for_event(VERBS, Verb))
            elif timer is not None and timer.done():
                await self._come_due(timer.result())
            if timer is not None:
                timer.cancel()
        self._update(running=tuple(self._runs.values()))
        continue_as_new(schedule(self._spec, self._dealt))

    # ---- times -----------------------------------------------------------------------------

    def _timer(self) -> asyncio.Task[datetime] | None:
        """It brings the time that is next; None if it is paused, or is never due again."""
        if self._dealt.paused:
            return None
        due = side_effect(next_time, self._spec.table, self._dealt.until)
        return None if due is None else asyncio.create_task(_at(due))

    async def _come_due(self, due: datetime) -> None:
        newest = side_effect(newest_time, self._spec.table, now())
        if newest is not None and newest > due:
            self._update(missed=self._dealt.missed + 1)
            due = newest
        self._update(until=due)
        if not self._runs:
            await self._start(due)
            return
        match self._spec.overlap:
            case "allow":
                await self._start(due)
            case "skip":
                self._update(skipped=self._dealt.skipped + 1)
            case "buffer_one":
                if self._dealt.buffered is None:
                    self._update(buffered=due)
                else:
                    self._update(skipped=self._dealt.skipped + 1)
            case "cancel_old":
                for run in self._runs.values():
                    InstanceRef(run).cancel(f"schedule {self._spec.id!r} is due again")
                self._update(buffered=due)
            case _:
                assert_never(self._spec.overlap)

    # ---- runs ------------------------------------------------------------------------------

    async def _start(self, due: datetime) -> None:
        spec, run = self._spec, run_id(self._spec.id, due)
        _, started = required("schedules").start_instance(
            id=run,
            name=spec.name,
            version=spec.version,
            newest=spec.newest,
            input=Payload(spec.input, spec.encoding),
            fingerprint=0,
            queue=spec.queue,
            tags=run_tags(spec, due),
            start_at=None,
            if_exists="raise",
            line="",
        )
        try:
            await started
        except InstanceAlreadyExistsError:  # by a backfill, say
            self._update(skipped=self._dealt.skipped + 1)
            return
        self._update(runs=self._dealt.runs + 1, last_id=run, last_at=due)
        self._follow(run)

    def _follow(self, run: str) -> None:
        self._runs[asyncio.create_task(_end_of(run))] = run

    async def _see_ended(self) -> None:
        self._runs = {task: run for task, run in self._runs.items() if not task.done()}
        due = self._dealt.buffered
        if due is not None and not self._runs:
            self._update(buffered=None)
            await self._start(due)

    # ---- what it is told -------------------------------------------------------------------

    def _obey(self, verb: Verb) -> None:
        match verb.do:
            case "pause":
                self._update(paused=True)
            case "resume":
                if self._dealt.paused:
                    self._update(paused=False, until=max(self._dealt.until, now()))
            case "started":
                if verb.id is not None:
                    self._update(runs=self._dealt.runs + 1, last_id=verb.id, last_at=now())
                    self._follow(verb.id)
            case "update":
                if verb.spec is not None:
                    self._go_on_as(updated(self._spec, verb.spec))
            case _:
                assert_never(verb.do)

    def _go_on_as(self, spec: ScheduleSpec) -> None:
        """In a new execution: then what it is can be read from its arguments, as ever."""
        if spec.table != self._spec.table:  # what the old one was due for is not made good
            self._update(until=max(self._dealt.until, spec.table.since))
        self._spec = spec
        self._is_updated = True

    def _update(self, **changes: Any) -> None:
        self._dealt = attrs.evolve(self._dealt, **changes)

    def _show(self) -> None:
        self._update(running=tuple(self._runs.values()))
        set_custom_status(self._dealt)


async def _at(due: datetime) -> datetime:
    await sleep_until(due)
    return due


async def _end_of(id: str) -> None:
    """However it ends: that is the business of whoever looks at the run."""
    with contextlib.suppress(Exception):
        await InstanceRef(id).result()
