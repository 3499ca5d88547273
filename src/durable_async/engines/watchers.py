"""Who waits for which instance to end, or to answer a request.

Invariant: whoever waits is answered as soon as a read shows what he waits for, or that it cannot
come any more; and reads cost at most a tenth of the time, however many wait.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence

from durable_async.engines import refusals
from durable_async.engines.requests import Answers, Asking, Watching, refusal_of
from durable_async.errors import InstanceNotFoundError
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import InstanceEnd, InstanceRecord
from durable_async.ports import Engine

__all__ = ["Watchers"]

_logger = logging.getLogger("durable_async.engines")

_READ_SHARE = 10
"""Reading all watched instances again waits ten times as long as it took."""


class Watchers:
    """Used by the turn's thread alone. clock: in seconds, and monotonic."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._waiting: dict[str, list[Watching | Asking]] = {}
        self._asked: dict[str, str] = {}  # whose answers are waited for, by id of the request
        self._to_read: set[str] = set()
        self._others_committed = False
        self._read_all_at = 0.0  # by the clock

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, waiting: Watching | Asking) -> None:
        self._keep(waiting)
        # It may have come before anybody asked.
        self._to_read.add(waiting.instance_id)

    def forget(self, waiting: Watching | Asking) -> None:
        others = self._waiting.get(waiting.instance_id, [])
        if waiting in others:
            others.remove(waiting)
            if isinstance(waiting, Asking):
                self._asked.pop(waiting.request_id, None)
            if not others:
                del self._waiting[waiting.instance_id]
                self._to_read.discard(waiting.instance_id)

    def notice(self, instance_ids: Iterable[str]) -> None:
        """These are stuck, by a commit of this process."""
        waiting = self._waiting
        self._to_read.update(one for one in instance_ids if one in waiting)

    def tell_ends(self, ends: Iterable[InstanceEnd], answers: Answers) -> None:
        """These have ended, by a commit of this process. Who wants to know no more is answered
        without a read."""
        for end in ends:
            if end.instance_id not in self._waiting:
                continue
            self._to_read.discard(end.instance_id)
            for waiting in self._pop(end.instance_id):
                if isinstance(waiting, Watching) and not waiting.whole:
                    answers.give(waiting.answer, end)
                else:
                    self.add(waiting)

    def notice_answers(self, request_ids: Iterable[str]) -> None:
        """These requests were answered, by a commit of this process."""
        asked = self._asked
        self._to_read.update(asked[each] for each in request_ids if each in asked)

    def notice_others(self) -> None:
        """Other processes have committed; which instances they touched is not known."""
        self._others_committed = True

    def next_read(self) -> float | None:
        """Seconds until `answer` has something to read; None if nothing is to be read."""
        if not self._waiting:
            return None
        if self._to_read:
            return 0.0
        if self._others_committed:
            return max(0.0, self._read_all_at - self._clock())
        return None

    def answer(self, answers: Answers) -> None:
        """Read what may have ended, and answer those whose instance has."""
        if self._others_committed and self._clock() >= self._read_all_at:
            self._read_all(answers)
        elif self._to_read:
            self._read(tuple(self._to_read), answers)
        self._to_read.clear()

    def refuse_all(self, error: Exception, answers: Answers) -> None:
        for instance_id in list(self._waiting):
            self._refuse(instance_id, error, answers)
        self._to_read.clear()

    def _read_all(self, answers: Answers) -> None:
        self._others_committed = False
        began = self._clock()
        self._read(tuple(self._waiting), answers)
        ended = self._clock()
        self._read_all_at = ended + (ended - began) * _READ_SHARE

    def _read(self, instance_ids: Sequence[str], answers: Answers) -> None:
        if not instance_ids:
            return
        doubtful = instance_ids
        try:
            doubtful = self._not_at_work(instance_ids)
            records = self._engine.records(doubtful) if doubtful else ()
        except Exception as error:
            _logger.exception("cannot read %d instances that are waited for", len(doubtful))
            self._read_apart(doubtful, error, answers)
            return
        for instance_id, record in zip(doubtful, records, strict=True):
            self._see(instance_id, record, answers)

    def _not_at_work(self, instance_ids: Sequence[str]) -> list[str]:
        """Those of which somebody may have to be told. Of most, it is seen at a glance that they
        only take their time."""
        found: list[str] = []
        at_work = self._engine.at_work(instance_ids)
        for instance_id, is_at_work in zip(instance_ids, at_work, strict=True):
            if not (is_at_work and self._tell_at_work(instance_id)):
                found.append(instance_id)
        return found

    def _tell_at_work(self, instance_id: str) -> bool:
        """Whether that is all there is to tell: not if somebody waits for an answer."""
        for waiting in self._waiting.get(instance_id, ()):
            if isinstance(waiting, Asking):
                return False
            waiting.told = None
        return True

    def _read_apart(self, instance_ids: Sequence[str], error: Exception, answers: Answers) -> None:
        """One that cannot be read must not hide the others."""
        if len(instance_ids) > 1:
            for instance_id in instance_ids:
                self._read((instance_id,), answers)
            return
        self._refuse(instance_ids[0], error, answers)

    def _refuse(self, instance_id: str, error: Exception, answers: Answers) -> None:
        for waiting in self._pop(instance_id):
            answers.refuse(waiting.answer, refusal_of(error))

    def _pop(self, instance_id: str) -> list[Watching | Asking]:
        """All who wait for this instance; they wait no more."""
        everyone = self._waiting.pop(instance_id, [])
        for waiting in everyone:
            if isinstance(waiting, Asking):
                self._asked.pop(waiting.request_id, None)
        return everyone

    def _see(self, instance_id: str, record: InstanceRecord | None, answers: Answers) -> None:
        # They may have been forgotten in this very turn.
        for waiting in self._pop(instance_id):
            try:
                waits_on = self._tell(waiting, record, answers)
            except Exception as error:
                _logger.exception("cannot read the answer of instance %r", instance_id)
                answers.refuse(waiting.answer, refusal_of(error))
            else:
                if waits_on:
                    self._keep(waiting)

    def _tell(
        self, waiting: Watching | Asking, record: InstanceRecord | None, answers: Answers
    ) -> bool:
        """Whether it is still to be waited for."""
        if record is None:
            answers.refuse(waiting.answer, not_found(waiting.instance_id))
            return False
        if isinstance(waiting, Asking):
            return self._tell_asking(waiting, record, answers)
        if record.status.has_ended:
            answers.give(waiting.answer, record if waiting.whole else InstanceEnd.of(record))
            return False
        _tell_stuck(waiting, record, answers)
        return True

    def _tell_asking(self, asking: Asking, record: InstanceRecord, answers: Answers) -> bool:
        # Read after the record: an instance that has ended there has given all its answers.
        answer = self._engine.answer(asking.request_id)
        if answer is not None:
            answers.give(asking.answer, answer)
            return False
        is_another = asking.created_at not in (None, record.created_at)
        if is_another or record.status.has_ended:
            answers.refuse(asking.answer, refusals.not_answered(record, replaced=is_another))
            return False
        asking.created_at = record.created_at
        return True

    def _keep(self, waiting: Watching | Asking) -> None:
        self._waiting.setdefault(waiting.instance_id, []).append(waiting)
        if isinstance(waiting, Asking):
            self._asked[waiting.request_id] = waiting.instance_id


def _tell_stuck(watching: Watching, record: InstanceRecord, answers: Answers) -> None:
    reason = _why_stuck(record)
    if watching.told != reason:
        watching.told = reason
        if reason is not None:
            answers.tell(watching, record)


def _why_stuck(record: InstanceRecord) -> str | None:
    if record.status is RuntimeStatus.BLOCKED:
        return record.blocked or "blocked"
    return "idle" if record.idle else None


def not_found(instance_id: str) -> InstanceNotFoundError:
    return InstanceNotFoundError(
        f"there is no instance {instance_id!r} in this namespace of this store. Check the id, and "
        f"that client and worker name the same store"
    )
