"""The store of a test environment. Invariant: it is an engine of production; only that what is
committed is counted, and that the worker which holds its session can be made to die.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from durable_async.engines import open_engine
from durable_async.model.commands import ScheduleActivity, StartChild, StartInstance
from durable_async.model.history import ExecutionContinued, HistoryEvent
from durable_async.model.identity import EntityId
from durable_async.model.options import DEFAULT_QUEUE, ActivityOptions
from durable_async.model.outcome import Outcome
from durable_async.model.work import (
    Answer,
    Batch,
    Claim,
    EntityPage,
    EntityQuery,
    EntityRecord,
    InstanceQuery,
    InstanceRecord,
    Page,
    Receipt,
)
from durable_async.ports import Clock, Engine

__all__ = ["CountingEngine", "open_store"]


def _queues_of(batch: Batch) -> Iterator[str]:
    """The queues that this batch puts something into."""
    for request in batch.creates:
        yield request.queue
    for entity in batch.entities:
        for result in entity.results:
            for request in result.starts:
                yield request.queue
    for episode in batch.episodes:
        if isinstance(episode.result, Outcome):
            yield from _queues_in(episode.result)


def _queues_in(outcome: Outcome) -> Iterator[str]:
    for command in outcome.commands:
        match command:
            case ScheduleActivity(options=ActivityOptions(queue=queue)):
                yield queue
            case StartChild(request=request) | StartInstance(request=request):
                yield request.queue
            case _:
                pass
    if isinstance(outcome.ended, ExecutionContinued):
        yield outcome.ended.request.queue


@runtime_checkable
class _LosesSessions(Protocol):
    """What engines have for tests, beyond `ports.Engine`."""

    def lose_session(self, session: str) -> None:
        """As if the session's process had been killed."""
        ...


def open_store(store: str | Engine, clock: Clock) -> CountingEngine:
    """The engine of a URL, with the clock of the test; or one that has been made with it."""
    if isinstance(store, str):
        return CountingEngine(open_engine(store, namespace="default", clock=clock))
    return CountingEngine(store)


class CountingEngine:
    """Another engine, which tells whether something of a step was committed, and hands out what
    waits in any queue: in a test one worker serves them all. progress: since it was last reset."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.progress = False
        self._queues = {DEFAULT_QUEUE}  # all that were ever named here
        self._claim: tuple[Claim, int, Claim] | None = None  # with how many queues it became what

    def commit(self, batch: Batch, /) -> Receipt:
        self._queues.update(_queues_of(batch))
        if batch.claim is not None:
            batch = attrs.evolve(batch, claim=self._of_all_queues(batch.claim))
        receipt = self._engine.commit(batch)
        if batch.creates or batch.messages or batch.episodes or batch.reports or batch.entities:
            self.progress = True
        return receipt

    def _of_all_queues(self, claim: Claim) -> Claim:
        """The same object for the same claim: engines know by that that nothing has changed."""
        count = len(self._queues)
        if self._claim is None or self._claim[0] is not claim or self._claim[1] != count:
            made = attrs.evolve(claim, queues=frozenset(self._queues))
            self._claim = (claim, count, made)
        return self._claim[2]

    def lose_session(self, session: str) -> None:
        """As if the session's process had been killed, where the engine can do that; else as if it
        had left in order."""
        if isinstance(self._engine, _LosesSessions):
            self._engine.lose_session(session)
        else:
            self._engine.close_session(session)

    # ---- Engine ----------------------------------------------------------------------------

    def open(self) -> None:
        self._engine.open()

    def close(self) -> None:
        self._engine.close()

    def open_session(self, identity: str) -> str:
        return self._engine.open_session(identity)

    def close_session(self, session: str) -> None:
        self._engine.close_session(session)

    @property
    def renew_every(self) -> float:
        return self._engine.renew_every

    def changed(self) -> bool:
        return self._engine.changed()

    def now(self) -> datetime:
        return self._engine.now()

    def records(self, instance_ids: Sequence[str], /) -> tuple[InstanceRecord | None, ...]:
        return self._engine.records(instance_ids)

    def at_work(self, instance_ids: Sequence[str], /) -> tuple[bool, ...]:
        return self._engine.at_work(instance_ids)

    def history(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        return self._engine.history(instance_id)

    def inbox(self, instance_id: str, /) -> tuple[HistoryEvent, ...]:
        return self._engine.inbox(instance_id)

    def page(self, query: InstanceQuery, /) -> Page:
        return self._engine.page(query)

    def count(self, query: InstanceQuery, /) -> int:
        return self._engine.count(query)

    def answer(self, request_id: str, /) -> Answer | None:
        return self._engine.answer(request_id)

    def entity(self, entity: EntityId, /) -> EntityRecord | None:
        return self._engine.entity(entity)

    def entities(self, query: EntityQuery, /) -> EntityPage:
        return self._engine.entities(query)
