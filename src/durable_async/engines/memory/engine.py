"""The reference engine: a store in memory. Invariant: a part of a batch that is refused has changed
nothing, and does not keep the others from being done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar, assert_never

from durable_async.engines import refusals
from durable_async.engines.clock import SteadyClock, SystemClock
from durable_async.engines.limits import DEFAULT_LEASE, RENEWALS_PER_LEASE
from durable_async.engines.memory.activities import Activities
from durable_async.engines.memory.answers import Answers
from durable_async.engines.memory.claims import Claims, HandedOut
from durable_async.engines.memory.entities import Entities
from durable_async.engines.memory.episodes import Episodes
from durable_async.engines.memory.instances import Instances
from durable_async.engines.memory.operations import Operations
from durable_async.engines.memory.queries import Queries
from durable_async.engines.memory.rewinds import Rewinds
from durable_async.engines.memory.rows import Instance
from durable_async.engines.memory.sessions import Sessions, take_told
from durable_async.engines.memory.store import Store, logger
from durable_async.errors import DurableError, LeaseLostError
from durable_async.model.history import HistoryEvent
from durable_async.model.identity import EntityId
from durable_async.model.work import (
    ActivityLease,
    ActivityReport,
    Answer,
    Batch,
    Cancel,
    EntityLease,
    EntityPage,
    EntityQuery,
    EntityRecord,
    EpisodeCommit,
    ForgetAnswer,
    InstanceMessage,
    InstanceQuery,
    InstanceRecord,
    Lease,
    Message,
    Page,
    Purge,
    RaiseEvent,
    Receipt,
    Resume,
    Rewind,
    SendSignal,
    Suspend,
    Terminate,
)
from durable_async.ports import Clock

__all__ = ["MemoryEngine"]

P = ParamSpec("P")
R = TypeVar("R")


class MemoryEngine:
    """Keeps the rules of `ports.Engine`; only, a store in memory ends with its process.

    clock: the computer's, unless a test brings its own. lease: seconds without a commit after
    which a session may be taken over.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        namespace: str = "default",
        lease: float = DEFAULT_LEASE,
    ) -> None:
        self._clock = SteadyClock(clock or SystemClock())
        self._renew_every = lease / RENEWALS_PER_LEASE
        self._changed = False
        self._store = store = Store(namespace, self._clock.now())
        self._answers = Answers(store)
        self._activities = Activities(store)
        self._entities = Entities(store)
        self._instances = Instances(store, self._activities, self._entities, self._answers)
        self._operations = Operations(store, self._entities, self._instances)
        self._episodes = Episodes(
            store, self._instances, self._activities, self._entities, self._answers
        )
        self._rewinds = Rewinds(store, self._instances, self._episodes)
        self._sessions = Sessions(
            store,
            timedelta(seconds=lease),
            self._episodes,
            self._activities,
            self._operations,
        )
        self._claims = Claims(store, self._activities, self._operations)
        self._queries = Queries(store, self._clock)

    def open(self) -> None:
        """A store in memory is always ready."""

    def close(self) -> None:
        """It keeps what it has, and may be opened again."""

    @property
    def renew_every(self) -> float:
        return self._renew_every

    def now(self) -> datetime:
        return self._clock.now()

    def changed(self) -> bool:
        changed, self._changed = self._changed, False
        return changed

    # ---- the transaction ---------------------------------------------------------------------

    def commit(self, batch: Batch, /) -> Receipt:
        store = self._store
        self._look_at_the_clock()
        store.ends, store.answered = [], []
        session = self._sessions.renew(batch)
        self._sessions.free_the_expired()
        self._answers.forget_old()
        who = batch.session or ""
        created = [_try(self._instances.create, each) for each in batch.creates]
        sent = [_try(self._send, each) for each in batch.messages]
        episodes = [_try(self._run, each, who) for each in batch.episodes]
        reports = [_try(self._report, each, who) for each in batch.reports]
        heartbeats = [_try(self._activities.beat, each, who) for each in batch.heartbeats]
        entities = [_try(self._operations.commit, each, who) for each in batch.entities]
        for lease in batch.releases:
            self._give_back(lease, who)
        given = HandedOut() if batch.claim is None else self._claims.hand_out(batch.claim, who)
        return Receipt(
            created=tuple(created),
            sent=tuple(sent),
            episodes=tuple(episodes),
            reports=tuple(reports),
            heartbeats=tuple(heartbeats),
            entities=tuple(entities),
            claimed=given.instances,
            activities=given.activities,
            claimed_entities=given.entities,
            cancelled=take_told(session),
            ends=tuple(store.ends),
            answered=tuple(store.answered),
            next_due=given.next_due,
            now=store.now,
        )

    def _run(self, commit: EpisodeCommit, session: str) -> None:
        try:
            self._episodes.commit(commit, session)
        except LeaseLostError as error:
            error.became = self._became(commit.lease)
            raise

    def _report(self, report: ActivityReport, session: str) -> None:
        try:
            self._activities.report(report, session)
        except LeaseLostError as error:
            error.became = self._became(report.lease)
            raise

    def _became(self, lease: Lease | ActivityLease) -> str:
        there = self._store.instances.get(lease.instance_id)
        now = None if there is None else (there.lease.execution_id, there.status)
        return refusals.became(lease, now)

    def _send(self, message: Message) -> int:
        """How many instances it reached."""
        match message:
            case ForgetAnswer(request_id=request_id):
                self._answers.forget(request_id)
                return 1
            case SendSignal(entity=entity, operation=operation, input=input, due=due):
                refusals.require_text(entity.type, entity.key, operation)
                self._entities.signal(entity, operation, input, due)
                return 1
            case _:
                return self._send_to_instance(message)

    def _send_to_instance(self, message: InstanceMessage) -> int:
        instance = self._store.instances.get(message.instance_id)
        if instance is None:
            raise refusals.not_found(message.instance_id, self._store.namespace)
        match message:
            case Purge():
                return self._instances.purge(instance)
            case Rewind():
                self._rewinds.rewind(instance)
                return 1
            case _:
                return self._send_to_live(message, instance)

    def _send_to_live(
        self, message: RaiseEvent | Cancel | Terminate | Suspend | Resume, instance: Instance
    ) -> int:
        if isinstance(message, RaiseEvent) and message.key in instance.keys:
            return 0  # it was raised before; the instance may have ended since
        if instance.has_ended:
            raise refusals.finished(instance.id, instance.status, instance.completed_at)
        match message:
            case RaiseEvent():
                refusals.require_text(message.name, message.key, message.request_id)
                self._instances.raise_event(instance, message)
            case Cancel(reason=reason):
                self._instances.cancel(instance, reason)
            case Terminate(reason=reason, recursive=recursive):
                return self._instances.terminate(instance, reason, recursive=recursive)
            case Suspend(reason=reason):
                self._instances.suspend(instance, reason)
            case Resume():
                self._instances.resume(instance)
            case _:
                assert_never(message)
        return 1

    def _give_back(self, lease: Lease | EntityLease, session: str) -> None:
        try:
            if isinstance(lease, EntityLease):
                self._operations.give_back(lease, session)
            else:
                self._episodes.release(self._episodes.held(lease, session))
        except LeaseLostError:
            logger.debug("not given back, as it was lost before: %s", lease)

    # ---- sessions and time -------------------------------------------------------------------

    def open_session(self, identity: str) -> str:
        self._look_at_the_clock()
        return self._sessions.open()

    def close_session(self, session: str) -> None:
        self._end_session(session, lost=False)

    def lose_session(self, session: str) -> None:
        """As if the session's process had been killed: what it holds is free at once, and was
        lost. For tests."""
        self._end_session(session, lost=True)

    def _end_session(self, session: str, *, lost: bool) -> None:
        self._look_at_the_clock()
        if self._sessions.close(session, lost=lost):
            self._changed = True

    def _look_at_the_clock(self) -> None:
        now, newest = self._clock.now(), self._store.now
        self._store.now = now
        if now < newest:
            self._follow_back(newest - now)

    def _follow_back(self, step: timedelta) -> None:
        """The clock was far ahead, and has been set right: what was due by it must not wait
        until then. Timers stay as they are: they name a time."""
        store = self._store
        self._sessions.follow_back(store.now)
        self._activities.follow_back(step)
        for instance in store.instances.values():
            store.schedule(instance)
        self._entities.advance(*store.entities.values())

    # ---- reading -----------------------------------------------------------------------------

    def records(self, instance_ids: Sequence[str], /) -> tuple[InstanceRecord | None, ...]:
        return self._queries.records(instance_ids)

    def at_work(self, instance_ids: Sequence[str], /) -> tuple[bool, ...]:
        return self._queries.at_work(instance_ids)

    def history(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        return self._queries.history(instance_id)

    def inbox(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        return self._queries.inbox(instance_id)

    def page(self, query: InstanceQuery, /) -> Page:
        return self._queries.page(query)

    def count(self, query: InstanceQuery, /) -> int:
        return self._queries.count(query)

    def answer(self, request_id: str, /) -> Answer | None:
        return self._answers.get(request_id)

    def entity(self, entity: EntityId, /) -> EntityRecord | None:
        return self._queries.entity(entity)

    def entities(self, query: EntityQuery, /) -> EntityPage:
        return self._queries.entities(query)


def _try(act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | DurableError:
    """Whatever refuses a part of a batch does so before it has changed anything."""
    try:
        return act(*args, **kwargs)
    except DurableError as error:
        return error
