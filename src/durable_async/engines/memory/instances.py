"""Instances: how they begin, what is said to them, and how they end. Invariant: an execution that
is over has nothing going on, and whoever waited for its instance has been told."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from durable_async.engines import refusals
from durable_async.engines.continuations import started
from durable_async.engines.ends import answer_to, end_of, status_after
from durable_async.engines.memory.activities import Activities
from durable_async.engines.memory.answers import Answers
from durable_async.engines.memory.entities import Entities
from durable_async.engines.memory.rows import Instance, first_epoch
from durable_async.engines.memory.store import Store, logger
from durable_async.errors import DurableError
from durable_async.model.creation import Created, CreateInstance
from durable_async.model.history import (
    CancelRequested,
    Ended,
    EventReceived,
    ExecutionCancelled,
    ExecutionTerminated,
)
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import Cancel, RaiseEvent

__all__ = ["Instances"]


class Instances:
    def __init__(
        self, store: Store, activities: Activities, entities: Entities, answers: Answers
    ) -> None:
        self._store = store
        self._activities = activities
        self._entities = entities
        self._answers = answers

    # ---- beginnings --------------------------------------------------------------------------

    def create(self, request: CreateInstance) -> Created:
        """Raises: InstanceAlreadyExistsError; SerializationError for text that is none."""
        tags = request.tags
        refusals.require_text(
            request.instance_id, request.name, request.version, *tags, *tags.values()
        )
        there = self._store.instances.get(request.instance_id)
        if there is not None:
            if request.if_exists == "attach":
                return _attach(request, there)
            if request.if_exists == "raise" or not there.has_ended:
                raise refusals.already_exists(request, there.started.name, there.status)
            self.remove(there)
        self.place(request)
        return Created(
            instance_id=request.instance_id, execution_id=request.execution_id, fresh=True
        )

    def place(self, request: CreateInstance, era: int = 0) -> Instance:
        """A new instance under an id that is free."""
        store = self._store
        instance = Instance(
            started=started(request, store.version_of(request), store.now),
            number=next(store.numbers),
            created_at=store.now,
            start_at=request.start_at,
            updated_at=store.now,
            is_awaited=request.parent is not None,
            epoch=first_epoch(era),
            era=era,
        )
        instance.history.append(instance.started)
        store.instances[instance.id] = instance
        if request.parent is not None:
            store.children.setdefault(request.parent.instance_id, {})[instance.id] = None
        store.schedule(instance)
        return instance

    def start(self, request: CreateInstance, sender: str) -> None:
        """As `create`, for a sender whom nobody can tell of a refusal."""
        try:
            self.create(request)
        except DurableError as error:
            logger.warning("%s could not start an instance: %s", sender, error)

    # ---- messages ----------------------------------------------------------------------------

    def raise_event(self, instance: Instance, message: RaiseEvent) -> int:
        if message.key is not None:
            instance.keys.add(message.key)
        event = EventReceived(
            name=message.name,
            data=message.data,
            key=message.key,
            request_id=message.request_id,
        )
        self._store.notify(instance, event)
        return 1

    def cancel(self, instance: Instance, reason: str) -> None:
        """It is asked to; one whose code has not begun to run, or cannot, ends at once."""
        ended = self._request_cancel(instance, reason)
        if ended is not None:
            self.stop(instance, ended)

    def tell(self, message: RaiseEvent | Cancel, sender: str) -> None:
        """A message from within, whose sender hears nothing of what becomes of it."""
        instance = self._store.instances.get(message.instance_id)
        if instance is None or instance.has_ended:
            status = None if instance is None else instance.status
            what = f"event {message.name!r}" if isinstance(message, RaiseEvent) else "a cancel"
            logger.warning("%s", refusals.dropped(what, message.instance_id, status, sender))
        elif isinstance(message, RaiseEvent):
            self.raise_event(instance, message)
        else:
            self.cancel(instance, message.reason)

    def suspend(self, instance: Instance, reason: str) -> None:
        if instance.suspended is None:
            instance.suspended = reason
            instance.fence()
            self._touch(instance)

    def resume(self, instance: Instance) -> None:
        if instance.suspended is not None:
            instance.suspended = None
            self._touch(instance)

    def _request_cancel(self, instance: Instance, reason: str) -> ExecutionCancelled | None:
        """How it is to end at once; None if its code will see to it."""
        if instance.progress in (RuntimeStatus.PENDING, RuntimeStatus.BLOCKED):
            return ExecutionCancelled(reason=reason)
        self.resume(instance)
        self._store.notify(instance, CancelRequested(reason=reason))
        return None

    def _touch(self, instance: Instance) -> None:
        instance.updated_at = self._store.now
        self._store.schedule(instance)

    # ---- ends --------------------------------------------------------------------------------

    def terminate(self, instance: Instance, reason: str, *, recursive: bool) -> int:
        """How many this has terminated."""
        ended = ExecutionTerminated(reason=reason, at=self._store.now)
        before = len(self._store.ends)
        self.stop(instance, ended, recursive=recursive)
        return len(self._store.ends) - before if recursive else 1

    def stop(self, instance: Instance, ended: Ended, *, recursive: bool = True) -> None:
        """It ends without its code having a say."""
        instance.history.append(ended)
        self.end(instance, ended, recursive=recursive)

    def end(self, instance: Instance, ended: Ended, *, recursive: bool = True) -> None:
        """Its history says that it has ended; its live children are cancelled. recursive: or
        terminated, if it was."""
        self._close(instance, ended)
        self.end_children(instance, ended, recursive=recursive)

    def end_children(self, parent: Instance, ended: Ended, *, recursive: bool = True) -> None:
        """Those of an execution that is over, and theirs, however deep."""
        ending = deque(self._stop_children(parent, ended, recursive))
        while ending:
            child, how = ending.popleft()
            if child.has_ended:
                continue
            child.history.append(how)
            self._close(child, how)
            ending.extend(self._stop_children(child, how, recursive))

    def _stop_children(
        self, parent: Instance, ended: Ended, recursive: bool
    ) -> Iterator[tuple[Instance, Ended]]:
        """Those that end at once, and how."""
        children, parent.children = parent.children, {}
        for instance_id in children.values():
            child = self._store.instances[instance_id]
            was_awaited, child.is_awaited = child.is_awaited, False
            if isinstance(ended, ExecutionTerminated) and recursive:
                yield child, ended
                continue
            if not was_awaited:
                # Its parent has cancelled it before: a second time would cut its clean-up short.
                continue
            reason = refusals.parent_ended(parent.id, status_after(ended))
            how = self._request_cancel(child, reason)
            if how is not None:
                yield child, how

    def _close(self, instance: Instance, ended: Ended) -> None:
        now = self._store.now
        instance.progress = status_after(ended)
        instance.suspended = None
        instance.updated_at = instance.completed_at = now
        self.leave(instance)
        self._store.ends.append(end_of(instance.id, ended))
        self._tell_of_end(instance, ended)

    def leave(self, instance: Instance) -> None:
        """Its execution is over: nothing of it may happen any more. What it was told, and has not
        seen, is dropped; its children are left to the caller."""
        instance.idle = False
        instance.blocked = None
        instance.parked = False
        self._store.parked.pop(instance.id, None)
        instance.timers.clear()
        instance.inbox.clear()
        self._activities.abandon(instance)
        for number, instance_id in instance.waits.items():
            self._store.instances[instance_id].waiters.remove(instance.caller(number))
        instance.waits.clear()
        locks, instance.locks = instance.locks, {}
        self._entities.release(*locks.values())
        instance.regaining.clear()
        for entity_id, number in instance.calls.values():
            self._entities.take_back(entity_id, number)
        instance.calls.clear()
        instance.fence()
        self._store.schedule(instance)

    def _tell_of_end(self, instance: Instance, ended: Ended) -> None:
        parent = instance.started.parent
        if parent is not None:
            waiting = self._store.execution(parent)
            if waiting is not None:
                waiting.children.pop(parent.number, None)
            if instance.is_awaited:
                instance.is_awaited = False
                self._store.answer(parent, answer_to(parent.number, instance.id, ended))
        for caller in instance.waiters:
            waiting = self._store.execution(caller)
            assert waiting is not None, "an execution that is over waits for nobody"
            del waiting.waits[caller.number]
            self._store.answer(caller, answer_to(caller.number, instance.id, ended))
        instance.waiters.clear()

    # ---- what has ended ----------------------------------------------------------------------

    def purge(self, instance: Instance) -> int:
        """How many are gone: with it all of its descendants, but those that have not ended, and
        theirs."""
        if not instance.has_ended:
            raise refusals.not_ended(instance.id, instance.status)
        purged = 0
        ending = deque([instance])
        while ending:
            each = ending.popleft()
            family = [
                self._store.instances[child] for child in self._store.children.get(each.id, ())
            ]
            ending.extend(child for child in family if child.has_ended)
            self.remove(each)
            purged += 1
        return purged

    def remove(self, instance: Instance) -> None:
        """Nothing is left of it but its children."""
        del self._store.instances[instance.id]
        self._answers.forget_all(instance)
        parent = instance.started.parent
        if parent is not None:
            siblings = self._store.children.get(parent.instance_id, {})
            siblings.pop(instance.id, None)
            if not siblings:
                self._store.children.pop(parent.instance_id, None)


def _attach(request: CreateInstance, there: Instance) -> Created:
    if request.name != there.started.name:
        raise refusals.other_name(request, there.started.name)
    return Created(instance_id=there.id, execution_id=there.started.execution_id, fresh=False)
