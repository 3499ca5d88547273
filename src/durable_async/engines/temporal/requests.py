"""Questions to an instance, and its answers. Invariant: a question is with the instance before the
asker waits; its first answer is kept in the memo, where it is read without a worker.

The question is a signal, and no update of Temporal's. Until a worker takes it, an update is in the
memory of the cluster alone; ten wait at a time, and an eleventh is held back until one of them is
answered, though that take days; two thousand are all that a run takes; and one that waits is broken
off whenever the instance goes on in a new run. The answer is a change of the memo: a query would
need a worker, and a replay of all of an instance that was evicted, for each look of each asker. An
answer that is too large for a memo, or has been followed by many others, is asked of a worker.

Temporal's own tools may ask by an update, whose id is then that of the request: see
`HostedInstance`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
import msgspec
from temporalio.api.common.v1 import Payload as WirePayload

from durable_async.engines.temporal.payloads import document, from_wire
from durable_async.model.commands import AnswerRequest, Command
from durable_async.model.history import EventReceived, HistoryEvent, RequestAnswered
from durable_async.model.payload import Payload
from durable_async.model.work import Answer

__all__ = [
    "Json",
    "KeptAnswer",
    "Requests",
    "answer_as_json",
    "answer_from",
    "kept_answers",
    "lost_answers",
    "memo_without",
]

SHOWN: Final = 50
"""Answers that stand in the memo. Those before them are asked of a worker."""

SHOWN_BYTES: Final = 1_000
"""What an answer may have to stand there: a memo is read with each look at the instance."""

KNOWN: Final = 1_000
"""Answered requests that an instance knows again. Whoever asks anew has a new id."""

_PREFIX: Final = "answer:"

_RESULT: Final = "result"
_SEALED: Final = "sealed"
_REJECTED: Final = "rejected"

Json = dict[str, msgspec.Raw]
Fields = Mapping[str, WirePayload]


@attrs.frozen(kw_only=True)
class KeptAnswer:
    """number: how manieth answer of its instance it is. run_id: of the run in whose history it
    stands. answer: None if it is not shown."""

    number: int
    run_id: str
    answer: Answer | None = None


class Requests:
    """Of one instance. run_id: of this run."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._asked: set[str] = set()
        self._answered: dict[str, str] = {}  # the run that did, the oldest first
        self._shown: dict[str, KeptAnswer] = {}  # the oldest first
        self._count = 0

    def restore(
        self,
        answered: Mapping[str, str],
        memo: Fields,
        events: Iterable[HistoryEvent],
    ) -> None:
        """What earlier runs knew. answered, memo: as `answered` and `memo` were there. events: that
        had come, whether the code has taken them or not."""
        self._answered.update(answered)
        self._shown = kept_answers(memo)
        self._count = 1 + max((kept.number for kept in self._shown.values()), default=-1)
        self._asked.update(answered)
        for event in events:
            if isinstance(event, EventReceived) and event.request_id is not None:
                self._asked.add(event.request_id)

    def is_new(self, request_id: str) -> bool:
        """Whether it has not been asked before. From now on it has."""
        if request_id in self._asked:
            return False
        self._asked.add(request_id)
        return True

    def take(self, commands: Iterable[Command]) -> dict[str, Any]:
        """The answers among them; how the memo changes."""
        changes: dict[str, Any] = {}
        for command in commands:
            if isinstance(command, AnswerRequest) and command.request_id not in self._answered:
                changes[_PREFIX + command.request_id] = self._keep(command)
        while len(self._shown) > SHOWN:
            oldest = next(iter(self._shown))
            del self._shown[oldest]
            if changes.pop(_PREFIX + oldest, None) is None:
                changes[_PREFIX + oldest] = None
        while len(self._answered) > KNOWN:
            del self._answered[next(iter(self._answered))]
        return changes

    def _keep(self, command: AnswerRequest) -> Any:
        answer = Answer(command.result, command.reason)
        size = len(command.reason) + (0 if command.result is None else len(command.result.data))
        kept = KeptAnswer(
            number=self._count,
            run_id=self._run_id,
            answer=answer if size <= SHOWN_BYTES else None,
        )
        self._count += 1
        self._answered[command.request_id] = self._run_id
        self._shown[command.request_id] = kept
        return _memo_of(kept)

    @property
    def answered(self) -> dict[str, str]:
        """For the run that follows."""
        return dict(self._answered)

    @property
    def memo(self) -> dict[str, Any]:
        """For the run that follows: of one that goes on as new, all of it is new."""
        return {_PREFIX + each: _memo_of(kept) for each, kept in self._shown.items()}

    def is_answered(self, request_id: str) -> bool:
        return request_id in self._answered

    def answer(self, request_id: str, history: Sequence[HistoryEvent]) -> Answer | str | None:
        """The answer; the id of the earlier run that has it; None if there is none (any more)."""
        kept = self._shown.get(request_id)
        if kept is not None and kept.answer is not None:
            return kept.answer
        for event in history:
            if isinstance(event, RequestAnswered) and event.request_id == request_id:
                return Answer(event.result, event.reason)
        return self._answered.get(request_id)


def kept_answers(fields: Fields) -> dict[str, KeptAnswer]:
    """Those that a memo shows, by request, the oldest first."""
    found = {
        key.removeprefix(_PREFIX): _kept(from_wire(wire))
        for key, wire in fields.items()
        if key.startswith(_PREFIX)
    }
    there = {request_id: kept for request_id, kept in found.items() if kept is not None}
    return dict(sorted(there.items(), key=lambda item: item[1].number))


def lost_answers(
    fields: Fields, kept: Iterable[HistoryEvent], cut: Iterable[HistoryEvent]
) -> frozenset[str]:
    """Requests whose answers are gone, with the run that had them, when that part of a history is
    cut: they are to be answered again. fields: the memo of that run."""
    gone = _answered_in(cut) - _answered_in(kept)
    shown = kept_answers(fields)
    return frozenset(each for each in gone if each not in shown or shown[each].answer is None)


def memo_without(fields: Fields, requests: Collection[str]) -> Fields:
    return {key: wire for key, wire in fields.items() if key.removeprefix(_PREFIX) not in requests}


def _answered_in(events: Iterable[HistoryEvent]) -> set[str]:
    return {event.request_id for event in events if isinstance(event, RequestAnswered)}


def _memo_of(kept: KeptAnswer) -> Any:
    shown = {} if kept.answer is None else answer_as_json(kept.answer)
    return document({"number": kept.number, "run_id": kept.run_id, **shown})


def _kept(payload: Payload) -> KeptAnswer | None:
    """None if it was taken out."""
    read: Json | None = msgspec.json.decode(payload.data, type=Json | None)
    if read is None:
        return None
    return KeptAnswer(
        number=msgspec.json.decode(read["number"], type=int),
        run_id=msgspec.json.decode(read["run_id"], type=str),
        answer=answer_from(read),
    )


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """As people read it, if it is JSON."""
    match answer.result:
        case None:
            return {_REJECTED: answer.reason}
        case Payload(data=data, encoding="json"):
            return {_RESULT: msgspec.Raw(data)}
        case sealed:
            return {_SEALED: sealed}


def answer_from(read: Json) -> Answer | None:
    """None if there is none in it."""
    if _REJECTED in read:
        return Answer(None, msgspec.json.decode(read[_REJECTED], type=str))
    if _RESULT in read:
        return Answer(Payload(bytes(read[_RESULT])))
    if _SEALED in read:
        return Answer(msgspec.json.decode(read[_SEALED], type=Payload))
    return None
