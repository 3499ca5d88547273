"""Schedules, as clients see them. Invariant: a verb is durable when it returns, whether or not a
worker runs; what a schedule has done is read from its instance, and kept nowhere else.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, Protocol, TypeVar, get_args

import attrs

from durable_async.client.handle import Handle
from durable_async.convert.durations import Duration, optional_seconds
from durable_async.convert.texts import check_text
from durable_async.convert.values import Converter
from durable_async.dsl.calls import OrchestratorCall
from durable_async.dsl.schedules import (
    SCHEDULE,
    VERBS,
    Dealt,
    Overlap,
    ScheduleSpec,
    Verb,
    instance_of,
    run_id,
    run_tags,
    schedule,
    updated,
)
from durable_async.dsl.timetable import Timetable
from durable_async.errors import (
    InstanceAlreadyExistsError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InvalidStateError,
)
from durable_async.model.creation import CreateInstance, IfExists
from durable_async.model.history import EventReceived, HistoryEvent
from durable_async.model.options import DEFAULT_QUEUE
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    InstanceQuery,
    InstanceRecord,
    Purge,
    RaiseEvent,
    Resume,
    Suspend,
    Terminate,
)
from durable_async.ports import Connection

__all__ = ["BACKFILL_LIMIT", "ScheduleClient", "ScheduleState", "Schedules", "unknown_schedule"]

R = TypeVar("R")

BACKFILL_LIMIT: Final = 1_000
"""Runs that one backfill may start: more of them is most likely a mistake."""

_PAGE: Final = 100
_LIVE: Final = frozenset(each for each in RuntimeStatus if not each.has_ended)


@attrs.frozen(kw_only=True)
class ScheduleState:
    """A schedule as seen from outside.

    id: its own. name: of the orchestrator that it starts. cron, every (seconds), timezone, overlap:
    as it was created, or last updated. paused_because: the reason, while it is paused; "" if none
    was given. next_times: the next five (UTC), while it is not paused. running: ids of the
    runs that have not ended. last_id, last_at: of the newest run, and when it was due. runs,
    skipped, missed: how many were started, left out because a run was still live, and went by
    while no worker was there. What it has done is as of its last step: without a worker it makes
    none.
    Known elsewhere as: Temporal's ScheduleDescription.
    """

    id: str
    name: str
    cron: str | None
    every: float | None
    timezone: str
    overlap: Overlap
    paused: bool
    paused_because: str | None
    next_times: tuple[datetime, ...]
    running: tuple[str, ...]
    last_id: str | None
    last_at: datetime | None
    runs: int
    skipped: int
    missed: int
    created_at: datetime


class ScheduleClient(Protocol):
    """What schedules need of a client."""

    @property
    def connection(self) -> Connection: ...
    @property
    def converter(self) -> Converter: ...
    async def start(
        self,
        call: Coroutine[Any, Any, R],
        *,
        id: str | None = None,
        if_exists: IfExists = "raise",
    ) -> Handle[R]: ...
    def handle(self, id: str) -> Handle[Any]: ...


@attrs.frozen
class _Newest:
    """A schedule as it is, or will be as soon as it hears of it. dealt: how it stands."""

    record: InstanceRecord
    spec: ScheduleSpec
    dealt: Dealt


class Schedules:
    """What `client.schedules` is: verbs for schedules, each by the schedule's id.

    Each raises InstanceNotFoundError, naming the id, if there is no such schedule.
    Known elsewhere as: Temporal schedules, Azure's timer triggers, DBOS scheduled workflows.
    """

    def __init__(self, client: ScheduleClient) -> None:
        self._client = client

    async def create(
        self,
        id: str,
        call: Coroutine[Any, Any, Any],
        *,
        cron: str | None = None,
        every: Duration | None = None,
        timezone: str = "UTC",
        overlap: Overlap = "skip",
        if_exists: Literal["raise", "update"] = "raise",
    ) -> ScheduleState:
        """Start an instance whenever it is time; the first time lies ahead.

        id: 1 to 200 characters. call: an orchestrator called with the arguments that every run
        gets, `report("all")`. cron: when, in `timezone` (an IANA name); a local time that comes
        twice when clocks are set back counts once. every: seconds or a timedelta instead, the
        first run after one of them. overlap: what happens when the run before is still live:
        "skip" leaves this one out, "buffer_one" starts it when that has ended (one waits at
        most), "allow" starts it, "cancel_old" cancels that, and starts it when that has ended.
        every: at least one second. if_exists: "raise" if there is such a schedule; "update" it: its
        timetable, its overlap and what it starts become these, its counters stay, it stays paused
        if it is, runs that are live go on, and nothing is started by it. A timetable that says
        the same as before goes on as it is, so a program may say this whenever it starts.

        Times that pass while no worker runs are made good by one run, the newest. Runs have the id
        "<id>-<time>" and the tags `schedule` and `scheduled_at`.
        Raises: InstanceAlreadyExistsError if there is such a schedule; ValueError for a timetable,
        an overlap or an id that cannot be; TypeError if `call` is no call of an orchestrator;
        SerializationError if its arguments do not fit; DurableError if cron is used without the
        extra `schedules`.
        """
        if not isinstance(call, OrchestratorCall):
            raise TypeError(
                f"a schedule starts an orchestrator: give it a call, like report('all'), "
                f"not {call!r}"
            )
        call.taken()  # it has not been forgotten, whatever comes of it
        check_text(id, what="the id of a schedule")
        if len(id) > _ID_LIMIT:
            raise ValueError(
                f"the id of a schedule has at most {_ID_LIMIT} characters, as the ids of its runs "
                f"begin with it; this one has {len(id)}"
            )
        if if_exists not in ("raise", "update"):
            raise ValueError(f'if_exists is "raise" or "update", not {if_exists!r}')
        if overlap not in get_args(Overlap):
            raise ValueError(f"overlap is one of {', '.join(get_args(Overlap))}, not {overlap!r}")
        since = (await self._now()).replace(microsecond=0)
        table = Timetable.checked(
            cron=cron,
            every=optional_seconds(every, "every"),
            timezone=timezone,
            since=since,
        )
        spec = _spec(id, table, overlap, call, self._client.converter)
        try:
            await self._keep(spec)
        except InstanceAlreadyExistsError:
            if if_exists == "raise":
                raise InstanceAlreadyExistsError(
                    f"there is a schedule {id!r} already. Choose another id, change that one with "
                    "if_exists='update', or delete it first"
                ) from None
            await self._change(spec)
        return await self.get(id)

    async def _keep(self, spec: ScheduleSpec) -> None:
        """Raises InstanceAlreadyExistsError if there is one of this id."""
        await self._client.start(
            schedule(spec, Dealt(until=spec.table.since)),
            id=instance_of(spec.id),
            if_exists="replace",  # what is left of one whose deletion was interrupted
        )

    async def _change(self, spec: ScheduleSpec) -> None:
        now = (await self._newest(spec.id)).spec
        if updated(now, spec) != now:
            await self._tell(spec.id, Verb(do="update", spec=spec))

    async def pause(self, id: str, reason: str = "") -> None:
        """Start nothing until `resume`; runs that are live go on. Times that come meanwhile are let
        go. Twice is a no-op."""
        await self._tell(id, Verb(do="pause"))
        await self._client.connection.send(Suspend(instance_id=instance_of(id), reason=reason))

    async def resume(self, id: str) -> None:
        """Go on with the next time that comes. Of one that is not paused it is a no-op."""
        await self._tell(id, Verb(do="resume"))
        await self._client.connection.send(Resume(instance_id=instance_of(id)))

    async def trigger(self, id: str) -> Handle[Any]:
        """Start a run at once, also while it is paused, and whatever else runs. The next time is
        not moved, and counts this run as live."""
        spec = await self._spec(id)
        now = await self._now()
        handle: Handle[Any] | None = None
        while handle is None:
            try:
                handle = await self._start(spec, now, if_exists="raise")
            except InstanceAlreadyExistsError:
                # Somebody else asked at this very moment; in a test, time stands still.
                now += timedelta(microseconds=1)
        await self._note(id, handle.id)
        return handle

    async def backfill(self, id: str, start: datetime, end: datetime) -> list[Handle[Any]]:
        """Start the runs that were due from `start` to `end`, all of them at once; those that there
        are already are left as they are, so that it may be repeated.

        start, end: aware, both inclusive. Raises: ValueError for naive times, for an end before the
        start, and for more than 1,000 runs.
        """
        for what, moment in (("start", start), ("end", end)):
            if moment.tzinfo is None:
                raise ValueError(
                    f"the {what} of a backfill is {moment.isoformat()}, which names no time zone. "
                    "Write datetime(..., tzinfo=UTC), or use the zone that is meant"
                )
        if end < start:
            raise ValueError(
                f"a backfill from {start.isoformat()} to {end.isoformat()} ends before it begins: "
                "give the earlier time first"
            )
        spec = await self._spec(id)
        times = _times_between(spec.table, start.astimezone(UTC), end.astimezone(UTC), id)
        return [await self._start(spec, time, if_exists="attach") for time in times]

    async def delete(self, id: str) -> None:
        """Start nothing any more, and forget the schedule. Runs that are live go on. When it is
        interrupted, or done twice at once, doing it again ends it."""
        instance_id = instance_of(id)
        try:
            record = await self._client.connection.record(instance_id)
        except InstanceNotFoundError:
            raise unknown_schedule(id) from None
        if record.name != SCHEDULE:  # that it has ended is what an interrupted one has left
            raise unknown_schedule(id)
        with suppress(InstanceFinishedError, InstanceNotFoundError):  # somebody else was quicker
            await self._client.connection.send(
                Terminate(instance_id=instance_id, reason="the schedule was deleted")
            )
        with suppress(InvalidStateError, InstanceNotFoundError):  # or has made a new one since
            await self._client.connection.send(Purge(instance_id=instance_id))

    async def get(self, id: str) -> ScheduleState:
        """How one schedule stands."""
        newest = await self._newest(id)
        return self._state(newest, await self._now())

    async def list(self, *, id_prefix: str = "") -> AsyncIterator[ScheduleState]:
        """All schedules, newest first."""
        query = InstanceQuery(
            status=_LIVE, name=SCHEDULE, id_prefix=instance_of(id_prefix), limit=_PAGE
        )
        while True:
            page = await self._client.connection.page(query)
            now = await self._now()
            for record in page.records:
                try:
                    record, inbox = await self._read(record.instance_id)
                except InstanceNotFoundError:  # deleted meanwhile
                    inbox = ()
                yield self._state(self._heard(record, inbox), now)
            if page.next is None:
                return
            query = attrs.evolve(query, after=page.next)

    # ---- how -------------------------------------------------------------------------------

    async def _now(self) -> datetime:
        return await self._client.connection.now()

    async def _spec(self, id: str) -> ScheduleSpec:
        return (await self._newest(id)).spec

    async def _note(self, id: str, run: str) -> None:
        """That this run is one of the schedule's."""
        await self._tell(id, Verb(do="started", id=run))

    async def _newest(self, id: str) -> _Newest:
        try:
            record, inbox = await self._read(instance_of(id))
        except InstanceNotFoundError:
            raise unknown_schedule(id) from None
        if record.name != SCHEDULE or record.status.has_ended:
            raise unknown_schedule(id)
        return self._heard(record, inbox)

    async def _read(self, instance_id: str) -> tuple[InstanceRecord, tuple[HistoryEvent, ...]]:
        # Asked together, they are answered together.
        connection = self._client.connection
        return await asyncio.gather(connection.record(instance_id), connection.inbox(instance_id))

    def _heard(self, record: InstanceRecord, inbox: Iterable[HistoryEvent]) -> _Newest:
        """With the updates that it has not heard of yet: while it is paused, or no worker runs, it
        hears nothing."""
        converter = self._client.converter
        args, kwargs = schedule.arguments(converter).decode(record.input)
        spec, dealt = (*args, *kwargs.values())
        for event in inbox:
            if isinstance(event, EventReceived) and event.name == VERBS:
                verb = converter.decode(event.data, Verb, what="a verb of a schedule")
                if verb.spec is not None:
                    spec = updated(spec, verb.spec)
        if record.custom_status is not None:
            dealt = converter.decode(record.custom_status, Dealt, what="how a schedule stands")
        return _Newest(record, spec, dealt)

    async def _tell(self, id: str, verb: Verb) -> None:
        data = self._client.converter.encode(verb, Verb, what="a verb of a schedule")
        try:
            await self._client.connection.send(
                RaiseEvent(instance_id=instance_of(id), name=VERBS, data=data)
            )
        except (InstanceNotFoundError, InstanceFinishedError):
            raise unknown_schedule(id) from None

    async def _start(
        self, spec: ScheduleSpec, time: datetime, *, if_exists: IfExists
    ) -> Handle[Any]:
        created = await self._client.connection.create(
            CreateInstance(
                instance_id=run_id(spec.id, time),
                execution_id=uuid.uuid4().hex,
                name=spec.name,
                version=spec.version,
                newest=spec.newest,
                input=Payload(spec.input, spec.encoding),
                queue=spec.queue,
                tags=run_tags(spec, time),
                if_exists=if_exists,
            )
        )
        return self._client.handle(created.instance_id)

    def _state(self, newest: _Newest, now: datetime) -> ScheduleState:
        record, spec, dealt = newest.record, newest.spec, newest.dealt
        paused = record.status is RuntimeStatus.SUSPENDED
        return schedule_state(
            spec,
            dealt,
            paused=paused,
            because=record.suspended if paused else None,
            next_times=() if paused else _next_times(spec.table, now),
            created_at=record.created_at,
        )


_ID_LIMIT: Final = 200
NEXT_TIMES: Final = 5
"""How many of its next times a schedule's state tells."""
_MOMENT: Final = timedelta(microseconds=1)


def schedule_state(
    spec: ScheduleSpec,
    dealt: Dealt,
    *,
    paused: bool,
    because: str | None,
    next_times: tuple[datetime, ...],
    created_at: datetime,
) -> ScheduleState:
    """What a schedule looks like from outside, whoever keeps it."""
    return ScheduleState(
        id=spec.id,
        name=spec.name,
        cron=spec.table.cron,
        every=spec.table.every,
        timezone=spec.table.timezone,
        overlap=spec.overlap,
        paused=paused,
        paused_because=because,
        next_times=next_times,
        running=dealt.running,
        last_id=dealt.last_id,
        last_at=dealt.last_at,
        runs=dealt.runs,
        skipped=dealt.skipped,
        missed=dealt.missed,
        created_at=created_at,
    )


def _spec(
    id: str,
    table: Timetable,
    overlap: Overlap,
    call: OrchestratorCall[Any],
    converter: Converter,
) -> ScheduleSpec:
    orchestrator = call.orchestrator
    if orchestrator.id is not None:
        raise ValueError(
            f"{orchestrator.name}.options(id={orchestrator.id!r}): every run of a schedule has an "
            "id of its own, made of the schedule's and the time"
        )
    arguments, _ = call.encode(converter)
    return ScheduleSpec(
        id=id,
        table=table,
        overlap=overlap,
        name=orchestrator.name,
        version=orchestrator.version,
        newest=orchestrator.newest,
        input=arguments.data,
        encoding=arguments.encoding,
        queue=orchestrator.queue or DEFAULT_QUEUE,
        tags=dict(orchestrator.tags),
    )


def unknown_schedule(id: str) -> InstanceNotFoundError:
    return InstanceNotFoundError(
        f"there is no schedule {id!r} in this namespace: client.schedules.list() shows those that "
        "there are"
    )


def _next_times(table: Timetable, now: datetime) -> tuple[datetime, ...]:
    return tuple(time for time, _ in zip(table.after(now), range(NEXT_TIMES), strict=False))


def _times_between(table: Timetable, start: datetime, end: datetime, id: str) -> list[datetime]:
    # Also what was due before the schedule was made: that is what a backfill is for.
    table = attrs.evolve(table, since=min(table.since, start)) if table.cron else table
    found: list[datetime] = []
    for time in table.after(start - _MOMENT):
        if time > end:
            break
        if len(found) == BACKFILL_LIMIT:
            raise ValueError(
                f"a backfill of {id!r} from {start.isoformat()} to {end.isoformat()} would start "
                f"more than {BACKFILL_LIMIT:,} runs: do it in parts"
            )
        found.append(time)
    return found
