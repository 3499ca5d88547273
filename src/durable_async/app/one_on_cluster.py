"""One instance that a script runs on a Temporal cluster. Invariant: it and its children are on a
task queue that is made of its id, so that whoever runs the same again finds all of it there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from durable_async.app.client import Client
from durable_async.app.one_instance import LAST_ACTIVITIES, OneInstance, Place, blocked_error
from durable_async.app.worker import QuietInReplay, threads_for
from durable_async.client.handle import Handle
from durable_async.dsl.registry import Registry
from durable_async.errors import DurableError, EngineLimitError
from durable_async.model.history import HistoryEvent, InstanceAwaited
from durable_async.model.outcome import Blocked, Outcome
from durable_async.model.work import ActivityTask, AttemptEnd, CreateInstance, InstanceRecord
from durable_async.worker.guard import guard_for
from durable_async.worker.missing import MissingDefinitions
from durable_async.worker.notices import Notices
from durable_async.worker.oversight import Oversight
from durable_async.worker.progress import (
    AttemptEnded,
    DefinitionMissing,
    EpisodeEnded,
    InstanceIdle,
)
from durable_async.worker.rehearsal import missing_definition, unknown_definitions
from durable_async.worker.settings import Settings

if TYPE_CHECKING:
    from durable_async.engines.temporal import TemporalEngine
    from durable_async.engines.temporal.watching import HostedEpisode

__all__ = ["OneOnCluster"]

_logger: Final = logging.getLogger("durable_async.app")

_QUEUE: Final = "durable_async.run:"


class _OwnQueue(Client):
    """A client whose instances each have a queue of their own."""

    def _creation(self, *given: Any, **asked: Any) -> CreateInstance:
        request = super()._creation(*given, **asked)
        return attrs.evolve(request, queue=_queue_of(request.instance_id))


def _queue_of(instance_id: str) -> str:
    return f"{_QUEUE}{instance_id}"


class OneOnCluster(OneInstance):
    """See OneInstance. As a `Watch` it is told of what its worker does."""

    _missing: MissingDefinitions

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self._learning: asyncio.Task[None] | None = None
        self._awaited: set[str] = set()

    def _new_client(self, place: Place) -> Client:
        return _OwnQueue(place.url, namespace=place.namespace, codec=place.codec)

    def _engine(self) -> TemporalEngine:
        from durable_async.engines.temporal import TemporalEngine

        engine: object = self._client.host
        assert isinstance(engine, TemporalEngine), "its URL says so"
        return engine

    async def _work(self, handle: Handle[Any]) -> None:
        await self._require_own_queue(handle.id)
        self._recall(await self._rehearse(handle.id))
        self._missing = MissingDefinitions(self._registry, Notices(), self._observe)
        settings = Settings()
        service = QuietInReplay(
            self._engine().worker_service(
                self._registry,
                self._client.converter,
                queues=(_queue_of(handle.id),),
                max_activities=settings.max_activities,
                cache=settings.cache,
                identity=settings.identity,
                drain_timeout=LAST_ACTIVITIES,
                supervise=Oversight(guard_for(self._guard)).call,
                threads=threads_for(settings.max_activities, settings.queues),
                watch=self,
                default_queue=_queue_of(handle.id),
            )
        )
        await self._serve(service, handle.id)

    def _stop_looking(self) -> None:
        super()._stop_looking()
        if self._learning is not None:
            self._learning.cancel()

    async def _require_own_queue(self, id: str) -> None:
        queue = (await self._client.connection.record(id)).queue
        if queue != _queue_of(id):
            raise EngineLimitError(
                f"instance {id!r} is on queue {queue!r} of the Temporal cluster, and da.run would "
                "take on whatever is there. A worker of that queue runs it: wait for it with "
                f"`await client.handle({id!r}).result()`, or give this call another id"
            )

    # ---- what was before ---------------------------------------------------------------------

    async def _rehearse(self, root: str) -> Sequence[HostedEpisode]:
        """Have Temporal's record of the instance, and of its live descendants, replayed: so their
        definitions become known, and what no longer fits shows before anything is taken on. The
        last episode of each.

        Raises: NonDeterminismError; NotRegisteredError; DurableError.
        """
        from durable_async.engines.temporal.rehearsals import rehearse

        client, registry, converter = (
            self._engine().temporal,
            self._registry,
            self._client.converter,
        )
        last: list[HostedEpisode] = []
        to_do = [root]
        while to_do:
            watch = _Rehearsal(registry)
            to_do += await rehearse(client, to_do.pop(), registry, converter, watch)
            if watch.error is not None:
                raise watch.error
            if watch.last is not None:
                last.append(watch.last)
                for missing in unknown_definitions(watch.last.history, registry):
                    raise missing_definition(missing)
        return last

    def _recall(self, episodes: Iterable[HostedEpisode]) -> None:
        for episode in episodes:
            if episode.instance_id == self._id:
                self._narrator.recall(episode.history)
            if isinstance(episode.result, Outcome) and episode.result.idle:
                self._idle[episode.instance_id] = episode.tasks

    def _learn_again(self, missing: DefinitionMissing) -> None:
        """Another process that runs the same has gone ahead of this one."""
        if self._learning is None or self._learning.done():
            self._learning = asyncio.ensure_future(self._find_definition(missing))

    async def _find_definition(self, missing: DefinitionMissing) -> None:
        assert self._id is not None
        try:
            await self._rehearse(self._id)
        except DurableError as error:
            self._give_up(error)
        else:
            if not _knows(self._registry, missing):
                self._give_up(missing_definition(missing))

    # ---- a watch -----------------------------------------------------------------------------

    def learn(self, definition: object, /) -> None:
        self._registry.learn(definition)

    def episode_ended(self, episode: HostedEpisode, /) -> None:
        if episode.replaying:
            return
        instance_id, result = episode.instance_id, episode.result
        self._observe(EpisodeEnded(instance_id, result, episode.at))
        if isinstance(result, Outcome):
            self._missing.look_for(instance_id, result.commands)
            if result.idle:
                self._observe(InstanceIdle(instance_id, episode.tasks))

    def attempt_ended(self, task: ActivityTask, end: AttemptEnd, seconds: float, /) -> None:
        self._observe(AttemptEnded(task, end, seconds))

    def orchestrator_unknown(self, instance_id: str, name: str, version: str | None, /) -> None:
        self._unknown(DefinitionMissing(instance_id, "orchestrator", name, "", version=version))

    def activity_unknown(self, instance_id: str, name: str, /) -> None:
        self._unknown(DefinitionMissing(instance_id, "activity", name, ""))

    def _unknown(self, missing: DefinitionMissing) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._learn_again, missing)

    # ---- what stands in its way --------------------------------------------------------------

    def _awaits(self, events: Sequence[HistoryEvent]) -> None:
        for event in events:
            if isinstance(event, InstanceAwaited) and event.instance_id not in self._awaited:
                self._awaited.add(event.instance_id)
                _logger.warning(
                    "instance %r is awaited (%s), and is no child: on Temporal da.run leaves it to "
                    "a worker of its queue, and waits until one has run it",
                    event.instance_id,
                    event.line or "line unknown",
                )

    def _stuck(self, record: InstanceRecord) -> None:
        """By what only Temporal knows, or by an earlier process whose attempt has not timed out."""
        _logger.warning(
            "instance %r is held up, and Temporal tries it again: %s",
            record.instance_id,
            record.blocked,
        )


class _Rehearsal:
    """A watch of one rehearsal. error: why the instance cannot go on. last: its last episode."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.error: DurableError | None = None
        self.last: HostedEpisode | None = None

    def learn(self, definition: object, /) -> None:
        self._registry.learn(definition)

    def episode_ended(self, episode: HostedEpisode, /) -> None:
        self.last = episode
        if isinstance(episode.result, Blocked):
            self.error = blocked_error(episode.result)

    def attempt_ended(self, task: ActivityTask, end: AttemptEnd, seconds: float, /) -> None:
        """Nothing runs."""

    def orchestrator_unknown(self, instance_id: str, name: str, version: str | None, /) -> None:
        missing = DefinitionMissing(instance_id, "orchestrator", name, "", version=version)
        self.error = missing_definition(missing)

    def activity_unknown(self, instance_id: str, name: str, /) -> None:
        """Nothing runs."""


def _knows(registry: Registry, missing: DefinitionMissing) -> bool:
    if missing.kind == "activity":
        return registry.activity(missing.name) is not None
    return registry.orchestrator(missing.name, missing.version) is not None
