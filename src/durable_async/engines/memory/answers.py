"""Answers to requests, until those who asked have them. Invariant: the first answer to a request is
its answer; it is kept for a day at most, and no longer than its instance."""

from __future__ import annotations

from durable_async.engines.limits import ANSWER_KEPT
from durable_async.engines.memory.rows import Instance, KeptAnswer
from durable_async.engines.memory.store import Store
from durable_async.model.work import Answer

__all__ = ["Answers"]


class Answers:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, KeptAnswer] = {}  # the oldest first

    def get(self, request_id: str) -> Answer | None:
        kept = self._kept.get(request_id)
        return None if kept is None else kept.answer

    def keep(self, instance: Instance, request_id: str, answer: Answer) -> None:
        if request_id not in self._kept:
            self._kept[request_id] = KeptAnswer(instance, answer, self._store.now)
            instance.answers.add(request_id)
            self._store.answered.append(request_id)

    def forget(self, request_id: str) -> None:
        kept = self._kept.pop(request_id, None)
        if kept is not None:
            kept.instance.answers.discard(request_id)

    def forget_all(self, instance: Instance) -> None:
        for request_id in list(instance.answers):
            self.forget(request_id)

    def forget_old(self) -> None:
        """Whoever asked has gone."""
        until = self._store.now - ANSWER_KEPT
        while self._kept:
            request_id, oldest = next(iter(self._kept.items()))
            if oldest.at > until:
                return
            self.forget(request_id)
