"""All that the engine has, and how news gets to an instance. Invariant: after every commit, each
live instance is in exactly one of these states: in hand (its session was given all its news and has
not answered yet), on the agenda (it has news now, or will at a known time), parked (BLOCKED),
suspended, or idle (nothing to do until a message or a result comes in)."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from durable_async.engines.memory.agenda import Agenda
from durable_async.engines.memory.rows import Activity, Entity, Instance, Session
from durable_async.engines.names import newest
from durable_async.model.creation import CreateInstance
from durable_async.model.history import Delivered
from durable_async.model.identity import Caller, EntityId
from durable_async.model.work import ActivityLease, Claim, InstanceEnd, News

__all__ = ["Store", "logger"]

logger: Final = logging.getLogger("durable_async.engines")


class Store:
    """now: the time of the commit that is under way. ends, answered: what it brought about."""

    def __init__(self, namespace: str, now: datetime) -> None:
        self.namespace = namespace
        self.now = now
        self.instances: dict[str, Instance] = {}
        self.children: dict[str, dict[str, None]] = {}
        """Ids of children, live or ended, by the id of their parent."""
        self.versions: dict[str, set[str | None]] = {}
        """All that were ever asked for, by name."""
        self.running: dict[ActivityLease, Activity] = {}
        self.entities: dict[EntityId, Entity] = {}
        self.sessions: dict[str, Session] = {}
        self.agenda: Agenda[Instance] = Agenda()
        self.parked: dict[str, Instance] = {}
        self.queue: Agenda[Activity] = Agenda()
        self.operations: Agenda[Entity] = Agenda()
        self.numbers = itertools.count(1)
        self.ends: list[InstanceEnd] = []
        self.answered: list[str] = []

    def schedule(self, instance: Instance) -> None:
        self.agenda.put(instance, instance.due(self.now))

    def notify(self, instance: Instance, event: Delivered) -> None:
        message = next(self.numbers)
        instance.inbox[message] = News(event=event, at=self.now, message=message)
        self.schedule(instance)

    def answer(self, caller: Caller, event: Delivered) -> None:
        """What comes for an execution that is over is dropped."""
        instance = self.execution(caller)
        if instance is None:
            logger.debug("%s is over, and does not get %s", caller, event)
        else:
            self.notify(instance, event)

    def execution(self, caller: Caller) -> Instance | None:
        """Whoever waits for an answer, if that execution is still live."""
        instance = self.instances.get(caller.instance_id)
        if instance is None or instance.has_ended:
            return None
        return instance if instance.started.execution_id == caller.execution_id else None

    def child(self, caller: Caller, instance_id: str) -> Instance | None:
        """The instance, if it is the child of this command and live."""
        child = self.instances.get(instance_id)
        if child is None or child.has_ended or child.started.parent != caller:
            return None
        return child

    def version_of(self, request: CreateInstance) -> str | None:
        if not request.newest:
            self.versions.setdefault(request.name, set()).add(request.version)
            return request.version
        name = request.name
        offered = {
            each[1] for claim in self.claims() for each in claim.orchestrators if each[0] == name
        }
        return newest(offered or self.versions.get(name, ()))

    def claims(self) -> Iterator[Claim]:
        """What the sessions that are alive would take on."""
        for session in self.sessions.values():
            if session.claim is not None and not session.expired:
                yield session.claim
