"""Who waits for which instance to end.

Invariant: a watcher is answered as soon as a read shows the end, and reads cost at most a tenth of
the time, however many wait.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence

from durable_async.engines.requests import Answers, Watching, refusal_of
from durable_async.errors import InstanceNotFoundError
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import InstanceRecord
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
        self._watchings: dict[str, list[Watching]] = {}
        self._to_read: set[str] = set()
        self._others_committed = False
        self._read_all_at = 0.0  # by the clock

    def __bool__(self) -> bool:
        return bool(self._watchings)

    def add(self, watching: Watching) -> None:
        self._watchings.setdefault(watching.instance_id, []).append(watching)
        # It may have ended before anybody asked.
        self._to_read.add(watching.instance_id)

    def forget(self, watching: Watching) -> None:
        others = self._watchings.get(watching.instance_id, [])
        if watching in others:
            others.remove(watching)
            if not others:
                del self._watchings[watching.instance_id]
                self._to_read.discard(watching.instance_id)

    def notice(self, instance_ids: Iterable[str]) -> None:
        """These have ended, or are stuck, by a commit of this process."""
        watchings = self._watchings
        self._to_read.update(one for one in instance_ids if one in watchings)

    def notice_others(self) -> None:
        """Other processes have committed; which instances they touched is not known."""
        self._others_committed = True

    def next_read(self) -> float | None:
        """Seconds until `answer` has something to read; None if nothing is to be read."""
        if not self._watchings:
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
        for watchings in self._watchings.values():
            for watching in watchings:
                answers.refuse(watching.answer, refusal_of(error))
        self._watchings.clear()
        self._to_read.clear()

    def _read_all(self, answers: Answers) -> None:
        self._others_committed = False
        began = self._clock()
        self._read(tuple(self._watchings), answers)
        ended = self._clock()
        self._read_all_at = ended + (ended - began) * _READ_SHARE

    def _read(self, instance_ids: Sequence[str], answers: Answers) -> None:
        if not instance_ids:
            return
        try:
            records = self._engine.records(instance_ids)
        except Exception as error:
            _logger.exception("cannot read %d instances that are waited for", len(instance_ids))
            self._read_apart(instance_ids, error, answers)
            return
        for instance_id, record in zip(instance_ids, records, strict=True):
            self._see(instance_id, record, answers)

    def _read_apart(self, instance_ids: Sequence[str], error: Exception, answers: Answers) -> None:
        """One that cannot be read must not hide the others."""
        if len(instance_ids) > 1:
            for instance_id in instance_ids:
                self._read((instance_id,), answers)
            return
        for watching in self._watchings.pop(instance_ids[0], []):
            answers.refuse(watching.answer, refusal_of(error))

    def _see(self, instance_id: str, record: InstanceRecord | None, answers: Answers) -> None:
        watchings = self._watchings.get(instance_id)
        if watchings is None:  # forgotten in this very turn
            return
        if record is None:
            del self._watchings[instance_id]
            for watching in watchings:
                answers.refuse(watching.answer, not_found(instance_id))
        elif record.status.has_ended:
            del self._watchings[instance_id]
            for watching in watchings:
                answers.give(watching.answer, record)
        else:
            _tell(watchings, record, answers)


def _tell(watchings: Iterable[Watching], record: InstanceRecord, answers: Answers) -> None:
    reason = _why_stuck(record)
    for watching in watchings:
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
