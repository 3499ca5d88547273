"""A worker as its host sees it. Invariant: what a turn took out of the driver is settled, refused
or put back: no result is lost and none is given twice.

This is the one place where its parts meet: what `Activities` ended goes to `Orchestrations` if
the instance is kept here, and to the store if not; `Entities` stand beside them.
"""

from __future__ import annotations

import enum
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, TypeGuard, assert_never

import attrs

from durable_async.codecs.marks import fingerprint_of
from durable_async.dsl.registry import Registry
from durable_async.errors import LeaseLostError, StoreError
from durable_async.model.work import (
    ActivityLease,
    ActivityReport,
    ActivityTask,
    AttemptFailed,
    AttemptReleased,
    Claim,
    EntityCommit,
    EntityLease,
    EpisodeCommit,
    Heartbeat,
    Lease,
    Receipt,
)
from durable_async.ports import Codec, DriverWork
from durable_async.worker.activities import Activities
from durable_async.worker.attempts import Stop
from durable_async.worker.entities import Entities
from durable_async.worker.limits import ENTITIES_PER_TURN, EPISODES_PER_TURN
from durable_async.worker.orchestrations import Orchestrations
from durable_async.worker.progress import AttemptBegan, AttemptEnded, Observer

__all__ = ["Stage", "WorkerDriver"]

_logger: Final = logging.getLogger("durable_async.worker")


class Stage(enum.IntEnum):
    """OPEN: at work. DRAINING: claims nothing, holds no instance, lets running attempts end.
    STOPPING: has asked those that still run to stop. HANDING_BACK: has reported the rest as
    released, whatever they do."""

    OPEN = 0
    DRAINING = 1
    STOPPING = 2
    HANDING_BACK = 3


@attrs.frozen(kw_only=True)
class _Work:
    session: str
    episodes: tuple[EpisodeCommit, ...]
    reports: tuple[ActivityReport, ...]
    heartbeats: tuple[Heartbeat, ...]
    entities: tuple[EntityCommit, ...]
    releases: tuple[Lease | EntityLease, ...]
    claim: Claim | None

    @property
    def parts(self) -> int:
        """How many may be why the store refuses the whole."""
        return len(self.episodes) + len(self.reports) + len(self.heartbeats) + len(self.entities)

    @property
    def of_instances(self) -> list[Lease]:
        """The releases of instances."""
        return [lease for lease in self.releases if isinstance(lease, Lease)]

    @property
    def of_entities(self) -> list[EntityLease]:
        """The releases of entities."""
        return [lease for lease in self.releases if isinstance(lease, EntityLease)]


class WorkerDriver:
    """Keeps the rules D1 to D3 of `ports.Driver`. All methods run in the turn's thread.

    only: restricts the worker to these instances. salt, and what the codec says of itself: parts of
    the fingerprint of its definitions; when that changes, blocked instances are tried again.
    """

    def __init__(
        self,
        session: str,
        registry: Registry,
        activities: Activities,
        orchestrations: Orchestrations,
        entities: Entities,
        *,
        queues: frozenset[str],
        only: frozenset[str] | None,
        salt: str,
        codec: Codec | None,
        observer: Observer | None,
    ) -> None:
        self._session = session
        self._registry = registry
        self._activities = activities
        self._orchestrations = orchestrations
        self._entities = entities
        self._queues = queues
        self._only = only
        self._salt = salt
        self._codec = codec
        self._observer = observer
        self._reports: list[ActivityReport] = []  # for the next turn
        self._beats: list[Heartbeat] = []  # likewise
        self._work: _Work | None = None  # between prepare and settle
        self._claim: Claim | None = None  # the last one made
        self._drained: Callable[[], None] | None = None
        self._careful = 0  # turns of one part each, to find the one that cannot be stored
        self._excused: set[ActivityLease] = set()  # their outcome could not be stored
        self._stage = Stage.OPEN
        self._wanted = Stage.OPEN
        self._admits_more = False  # than the last claim said

    @property
    def session(self) -> str:
        return self._session

    def has_work(self) -> bool:
        return bool(
            self._activities.has_work()
            or self._orchestrations.has_work()
            or self._entities.has_work()
            or self._reports
            or self._beats
            or self._stage != self._wanted
            or self._admits_more
        )

    def admit(self, instance_id: str) -> None:
        """Take on this instance, too. Any thread, to be followed by a wake."""
        if self._only is not None:
            self._only |= {instance_id}
            self._admits_more = True

    # ---- the end; any thread, to be followed by a wake -------------------------------------

    def drain(self, drained: Callable[[], None]) -> None:
        """Go to DRAINING. drained: called once, in the turn's thread, when nothing runs and all
        is reported."""
        self._drained = drained
        self.go_to(Stage.DRAINING)

    def go_to(self, stage: Stage) -> None:
        """At the next turn, by way of the stages between; there is no way back."""
        self._wanted = max(self._wanted, stage)

    # ---- Driver ----------------------------------------------------------------------------

    def prepare(self, now: datetime) -> DriverWork:
        while self._stage != self._wanted:
            self._stage = Stage(self._stage + 1)
            self._enter(self._stage)
        self._admits_more = False
        self._collect(now)
        episodes = self._orchestrations.run(now, 1 if self._careful else None)
        entities: tuple[EntityCommit, ...] = ()
        has_entities = self._entities.has_work()  # most workers never do
        if has_entities:
            entities = self._entities.run(now, int(not episodes) if self._careful else None)
        self._reports.extend(self._orchestrations.take_returned())
        self._beats.extend(self._activities.heartbeats())
        reports, beats = self._take_parts(len(episodes) + len(entities))
        releases: tuple[Lease | EntityLease, ...] = self._orchestrations.take_releases()
        if has_entities:
            releases += self._entities.take_releases()
        self._work = _Work(
            session=self._session,
            episodes=episodes,
            reports=reports,
            heartbeats=beats,
            entities=entities,
            releases=releases,
            claim=self._next_claim() if self._stage is Stage.OPEN else None,
        )
        return self._work

    def settle(self, receipt: Receipt) -> None:
        work, self._work = self._work, None
        assert work is not None, "settle follows prepare"
        self._careful = max(0, self._careful - 1)
        self._begin(receipt.activities, receipt.now)  # first: the loop can run meanwhile
        self._activities.cancel(receipt.cancelled, Stop.CANCELLED)
        self._orchestrations.settle(receipt)
        if work.entities:
            self._entities.settle(receipt.entities)
        self._see_reports(work.reports, receipt)
        self._see_heartbeats(work.heartbeats, receipt)
        if receipt.ends:
            self._orchestrations.forget(receipt.ended)
        self._orchestrations.accept(receipt.claimed)
        if receipt.claimed_entities:
            self._entities.accept(receipt.claimed_entities)
        if self._stage is not Stage.OPEN:
            self._see_drained()

    def abandon(self, error: BaseException) -> None:
        work, self._work = self._work, None
        if work is None:  # it broke down in between
            self._orchestrations.abandon(())
            self._entities.abandon(())
        elif self._careful and work.parts == 1 and _is_of_the_part(error):
            self._condemn(work, error)
        else:
            if _is_of_the_part(error):
                self._careful = work.parts + 1
            self._orchestrations.abandon(work.of_instances)
            self._entities.abandon(work.of_entities)
            # The leases still fence them: what was stored after all is refused now.
            self._reports = [*work.reports, *self._reports]
            self._beats = [*work.heartbeats, *self._beats]

    def _condemn(self, work: _Work, error: Exception) -> None:
        """The one part of a turn cannot be stored. Nothing else must wait for it."""
        _logger.error("the store takes all but this: %s", error)
        self._orchestrations.condemn(work.of_instances, error)
        self._entities.condemn(work.of_entities, error)
        self._excuse(work.reports, error)

    def _excuse(self, reports: Iterable[ActivityReport], error: Exception) -> None:
        """Let the activity fail of the error instead, unless that is what cannot be stored."""
        for report in reports:
            if report.lease in self._excused:
                _logger.error("%s cannot be ended here: %s", report.lease, error)
                self._excused.discard(report.lease)
            else:
                self._excused.add(report.lease)
                self._reports.append(self._activities.failed_to_store(report, error))

    def _take_parts(self, others: int) -> tuple[tuple[ActivityReport, ...], tuple[Heartbeat, ...]]:
        """The reports and heartbeats of this turn. others: how many other parts it has."""
        if self._careful:
            beats = [] if others or self._reports else self._beats[:1]
            reports = [] if others else self._reports[:1]
            self._reports = self._reports[len(reports) :]
            self._beats = self._beats[len(beats) :]
        else:
            reports, self._reports = _split(self._reports, self._beats)
            beats, self._beats = self._beats, []
        return tuple(reports), tuple(beats)

    def _enter(self, stage: Stage) -> None:
        match stage:
            case Stage.DRAINING:
                self._orchestrations.close()
                self._entities.close()
            case Stage.STOPPING:
                self._activities.stop_all()
            case Stage.HANDING_BACK:
                self._activities.hand_back_all()
            case Stage.OPEN:
                raise AssertionError("there is no way back")
            case _:
                assert_never(stage)

    # ---- what ended here -------------------------------------------------------------------

    def _collect(self, now: datetime) -> None:
        for attempt, end in self._activities.collect():
            report = ActivityReport(attempt.task.lease, end)
            if self._observer is not None:
                seconds = time.monotonic() - attempt.began
                self._observer(AttemptEnded(attempt.task, end, seconds))
            # Of one that was asked to stop the store knows more than is known here.
            if attempt.stop is not None or not self._orchestrations.deliver(report, now):
                self._reports.append(report)

    def _begin(self, tasks: Sequence[ActivityTask], now: datetime) -> None:
        if not tasks:
            return
        if self._stage is not Stage.OPEN:  # claimed a moment before
            self._reports.extend(ActivityReport(task.lease, AttemptReleased()) for task in tasks)
            return
        self._activities.begin(tasks, now)
        if self._observer is not None:
            for task in tasks:
                self._observer(AttemptBegan(task))

    # ---- what the store said ---------------------------------------------------------------

    def _see_reports(self, reports: Iterable[ActivityReport], receipt: Receipt) -> None:
        for report, error in zip(reports, receipt.reports, strict=True):
            if error is not None and not isinstance(error, LeaseLostError):
                self._excuse((report,), error)
                continue
            self._excused.discard(report.lease)
            if error is not None and not isinstance(report.end, AttemptReleased):
                lease = report.lease
                became = f"the instance {error.became}" if error.became else ""
                _logger.log(
                    logging.INFO if became else logging.WARNING,
                    "the outcome of activity %d of %r is dropped: %s",
                    lease.number,
                    lease.instance_id,
                    became or error,
                )

    def _see_heartbeats(self, beats: Iterable[Heartbeat], receipt: Receipt) -> None:
        for beat, answer in zip(beats, receipt.heartbeats, strict=True):
            if answer is True:
                self._activities.cancel((beat.lease,), Stop.CANCELLED)
            elif isinstance(answer, LeaseLostError):
                self._activities.cancel((beat.lease,), Stop.LOST)
            elif answer is not False:
                _logger.warning("a heartbeat was refused: %s", answer)

    def _see_drained(self) -> None:
        if self._drained is not None and not self._activities.busy and not self.has_work():
            drained, self._drained = self._drained, None
            drained()

    # ---- what it would take on -------------------------------------------------------------

    def _next_claim(self) -> Claim:
        free, names = self._activities.free, self._registry.activity_names
        instances = EPISODES_PER_TURN - self._orchestrations.backlog
        entities = ENTITIES_PER_TURN - self._entities.backlog
        fingerprint = self._registry.fingerprint + self._salt
        if self._codec is not None:
            fingerprint += fingerprint_of(self._codec)
        last = self._claim
        if (
            last is None
            or last.max_activities != free
            or last.max_instances != instances
            or last.max_entities != entities
            # The registry makes new sets when it learns.
            or last.activities is not names
            or last.orchestrators is not self._registry.definitions
            or last.entities is not self._registry.entity_names
            or last.only is not self._only
            or last.fingerprint != fingerprint
        ):
            self._claim = last = Claim(
                orchestrators=self._registry.definitions,
                any_version=self._registry.any_version,
                activities=names,
                entities=self._registry.entity_names,
                queues=self._queues,
                max_instances=instances,
                max_activities=free,
                max_entities=entities,
                only=self._only,
                fingerprint=fingerprint,
            )
        return last


def _is_of_the_part(error: BaseException) -> TypeGuard[Exception]:
    """Whether it may be what was to be stored, rather than the store, that is out of order."""
    return isinstance(error, Exception) and not isinstance(error, StoreError)


def _split(
    reports: list[ActivityReport], beats: list[Heartbeat]
) -> tuple[list[ActivityReport], list[ActivityReport]]:
    """Those for this turn, and those for the next.

    Heartbeats are applied after reports. Where another attempt follows, it must find the last
    heartbeat of this one, so that its report waits for a turn.
    """
    if not beats:
        return reports, []
    beating = {beat.lease for beat in beats}
    now: list[ActivityReport] = []
    later: list[ActivityReport] = []
    for report in reports:
        (later if report.lease in beating and _another_follows(report) else now).append(report)
    return now, later


def _another_follows(report: ActivityReport) -> bool:
    match report.end:
        case AttemptReleased():
            return True
        case AttemptFailed(retry_after=retry_after):
            return retry_after is not None
        case _:
            return False
