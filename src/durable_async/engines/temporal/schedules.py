"""Schedules as Temporal's own. Invariant: what was asked for is read back as it was; the cluster
starts the runs, under the ids and with the tags that they have elsewhere.

A timetable is given to Temporal as calendars and periods, not as cron text, which it reads in a way
of its own. Beside what the cluster shows of them, our wording stands in the memo of the runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
import msgspec
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.client import ScheduleSpec as TemporalSpec
from temporalio.service import RPCError, RPCStatusCode

from durable_async.dsl.schedules import (
    SCHEDULE_TAG,
    Dealt,
    Overlap,
    ScheduleSpec,
    Standing,
    updated,
)
from durable_async.dsl.timetable import Calendar, Timetable
from durable_async.engines.temporal.memos import memo_of_run, payload_in, read_memo
from durable_async.engines.temporal.payloads import NONE, document, from_wire, raw
from durable_async.errors import (
    EngineLimitError,
    InstanceAlreadyExistsError,
    InstanceNotFoundError,
    StoreError,
)
from durable_async.model.payload import Payload

__all__ = ["KeptSchedules"]

_POLICIES: Final[dict[Overlap, ScheduleOverlapPolicy]] = {
    "skip": ScheduleOverlapPolicy.SKIP,
    "buffer_one": ScheduleOverlapPolicy.BUFFER_ONE,
    "allow": ScheduleOverlapPolicy.ALLOW_ALL,
    "cancel_old": ScheduleOverlapPolicy.CANCEL_OTHER,
}

_WORDING: Final = "durable_async_schedule"

_CATCH_UP: Final = timedelta(minutes=1)
"""How late the cluster may be, when it was down itself, for a run to be started still."""

_ANSWER: Final = timedelta(seconds=30)
"""A schedule is looked after by a workflow of Temporal's own, which a namespace that is new, or was
idle, first has to get a worker for."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen(kw_only=True)
class _Wording:
    """What Temporal does not give back as it was said."""

    table: Timetable
    overlap: Overlap
    newest: bool


class KeptSchedules:
    """Of a namespace. unanswered: what is raised if the cluster does not do it."""

    def __init__(self, client: Client, unanswered: Callable[[RPCError], StoreError]) -> None:
        self._client = client
        self._unanswered = unanswered

    async def keep(self, spec: ScheduleSpec) -> None:
        schedule = _schedule_of(spec, ScheduleState())
        try:
            with self._asking(spec.id):
                await self._client.create_schedule(spec.id, schedule, rpc_timeout=_ANSWER)
        except ScheduleAlreadyRunningError as error:
            raise InstanceAlreadyExistsError(f"there is a schedule {spec.id!r} already") from error

    async def change(self, spec: ScheduleSpec) -> None:
        def changed(now: ScheduleUpdateInput) -> ScheduleUpdate | None:
            before = _standing_of(now.description)
            if before is None:
                raise _unknown(spec.id)
            after = updated(before.spec, spec)
            if after == before.spec:
                return None
            return ScheduleUpdate(_schedule_of(after, now.description.schedule.state))

        await self._update(spec.id, changed)

    async def pause(self, id: str, reason: str) -> None:
        await self._set_state(id, ScheduleState(note=reason, paused=True))

    async def resume(self, id: str) -> None:
        await self._set_state(id, ScheduleState(paused=False))

    async def delete(self, id: str) -> None:
        await self.get(id)  # another's is none of ours
        with self._asking(id):
            await self._handle(id).delete(rpc_timeout=_ANSWER)

    async def get(self, id: str) -> Standing:
        with self._asking(id):
            standing = _standing_of(await self._handle(id).describe(rpc_timeout=_ANSWER))
        if standing is None:
            raise _unknown(id)
        return standing

    async def list(self, id_prefix: str) -> AsyncIterator[Standing]:
        found: list[Standing] = []
        with self._asking(id_prefix):
            async for listed in await self._client.list_schedules():
                if listed.id.startswith(id_prefix):
                    with contextlib.suppress(InstanceNotFoundError):  # deleted meanwhile
                        found.append(await self.get(listed.id))
        for standing in sorted(found, key=lambda each: each.created_at, reverse=True):
            yield standing

    # ---- how ---------------------------------------------------------------------------------

    def _handle(self, id: str) -> ScheduleHandle:
        return self._client.get_schedule_handle(id)

    async def _set_state(self, id: str, state: ScheduleState) -> None:
        def changed(now: ScheduleUpdateInput) -> ScheduleUpdate | None:
            standing = _standing_of(now.description)
            if standing is None:
                raise _unknown(id)
            if (standing.paused_because is not None) == state.paused:
                return None
            return ScheduleUpdate(_schedule_of(standing.spec, state))

        await self._update(id, changed)

    async def _update(
        self, id: str, changed: Callable[[ScheduleUpdateInput], ScheduleUpdate | None]
    ) -> None:
        with self._asking(id):
            await self._handle(id).update(changed, rpc_timeout=_ANSWER)

    @contextlib.contextmanager
    def _asking(self, id: str) -> Iterator[None]:
        try:
            yield
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise _unknown(id) from error
            raise self._unanswered(error) from error


def _unknown(id: str) -> InstanceNotFoundError:
    return InstanceNotFoundError(f"there is no schedule {id!r} in this namespace")


# ---- to Temporal -----------------------------------------------------------------------------


def _schedule_of(spec: ScheduleSpec, state: ScheduleState) -> Schedule:
    wording = _Wording(table=spec.table, overlap=spec.overlap, newest=spec.newest)
    memo = memo_of_run(spec.version, spec.tags | {SCHEDULE_TAG: spec.id})
    return Schedule(
        action=ScheduleActionStartWorkflow(
            spec.name,
            args=[raw(Payload(spec.input, spec.encoding))],
            id=spec.id,  # Temporal puts the time behind it
            task_queue=spec.queue,
            memo=memo | {_WORDING: document(wording)},
        ),
        spec=_times_of(spec.table),
        policy=SchedulePolicy(overlap=_POLICIES[spec.overlap], catchup_window=_CATCH_UP),
        state=state,
    )


def _times_of(table: Timetable) -> TemporalSpec:
    if table.every is not None:
        return TemporalSpec(intervals=[_interval_of(table.every, table.since)])
    try:
        calendars = table.calendars()
    except ValueError as error:
        raise EngineLimitError(
            f"{error}, and Temporal's schedules cannot say that. Start it each day, and let the "
            "orchestrator look whether it is the day"
        ) from error
    return TemporalSpec(
        calendars=[_calendar_of(each) for each in calendars], time_zone_name=table.timezone
    )


def _interval_of(every: float, since: datetime) -> ScheduleIntervalSpec:
    """Temporal counts from 1970."""
    if every != int(every):
        raise EngineLimitError(
            f"every is {every:g} seconds, and Temporal's schedules count whole ones: say "
            f"every={round(every)}"
        )
    period = timedelta(seconds=every)
    return ScheduleIntervalSpec(every=period, offset=(since - _EPOCH) % period)


def _calendar_of(calendar: Calendar) -> ScheduleCalendarSpec:
    return ScheduleCalendarSpec(
        second=_ranges(calendar.seconds),
        minute=_ranges(calendar.minutes),
        hour=_ranges(calendar.hours),
        day_of_month=_ranges(calendar.days),
        month=_ranges(calendar.months),
        day_of_week=_ranges(calendar.weekdays),
    )


def _ranges(numbers: Iterable[int]) -> list[ScheduleRange]:
    ranges: list[ScheduleRange] = []
    for number in sorted(numbers):
        if ranges and ranges[-1].end == number - 1:
            ranges[-1] = ScheduleRange(ranges[-1].start, number)
        else:
            ranges.append(ScheduleRange(number, number))
    return ranges


# ---- from Temporal ---------------------------------------------------------------------------


def _standing_of(described: ScheduleDescription) -> Standing | None:
    """None if it is not one of ours."""
    raw_schedule = described.raw_description.schedule
    action = raw_schedule.action.start_workflow
    wording = payload_in(action.memo.fields, _WORDING)
    if wording is None:
        return None
    said, memo = msgspec.json.decode(wording.data, type=_Wording), read_memo(action.memo.fields)
    inputs = action.input.payloads
    given = from_wire(inputs[0]) if inputs else NONE
    spec = ScheduleSpec(
        id=described.id,
        table=said.table,
        overlap=said.overlap,
        name=action.workflow_type.name,
        version=memo.version,
        newest=said.newest,
        input=given.data,
        encoding=given.encoding,
        queue=action.task_queue.name,
        tags={key: value for key, value in memo.tags.items() if key != SCHEDULE_TAG},
    )
    state = raw_schedule.state
    return Standing(
        spec=spec,
        dealt=_dealt_of(described),
        paused_because=state.notes if state.paused else None,
        next_times=tuple(described.info.next_action_times),
        created_at=described.info.created_at,
    )


def _dealt_of(described: ScheduleDescription) -> Dealt:
    info = described.info
    newest = info.recent_actions[-1] if info.recent_actions else None
    return Dealt(
        until=info.created_at if newest is None else newest.scheduled_at,
        running=tuple(_id_of(each) for each in info.running_actions),
        runs=info.num_actions,
        skipped=info.num_actions_skipped_overlap,
        missed=info.num_actions_missed_catchup_window,
        last_id=None if newest is None else _id_of(newest.action),
        last_at=None if newest is None else newest.scheduled_at,
    )


def _id_of(action: Any) -> str:
    assert isinstance(action, ScheduleActionExecutionStartWorkflow), "there is no other kind"
    return action.workflow_id
