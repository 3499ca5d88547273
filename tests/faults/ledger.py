"""What happened, in a file that outlives whoever wrote it, and what must be true of it.

Invariant: a record is written after what it tells has happened (`Started`: a start was
acknowledged), except for `Run`, which an activity writes before it does anything. Records stand in
the file in the order in which they were written, whichever process wrote them.
"""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, assert_never

import attrs


@attrs.frozen
class Starting:
    """A start is about to be asked for."""

    instance: str


@attrs.frozen
class Started:
    instance: str


@attrs.frozen
class Raised:
    instance: str
    letter: int


@attrs.frozen
class Run:
    """An activity begins. label: unique for each call. key: its idempotency key."""

    instance: str
    label: str
    key: str


@attrs.frozen
class Seen:
    """What a new process found in the store. length, digest: of the history. prefix: how long it
    was when somebody saw it before, and the digest of that many of its events. kept:
    labels of the completed activities."""

    instance: str
    length: int
    digest: str
    prefix: tuple[int, str] | None
    kept: tuple[str, ...]


@attrs.frozen
class Missing:
    """A new process found nothing in the store."""

    instance: str


@attrs.frozen
class Ended:
    instance: str
    result: Any


@attrs.frozen
class Stuck:
    """It has not ended, though nothing was killed any more. state: how it stood."""

    instance: str
    state: str


@attrs.frozen
class Killed:
    """Written by the supervisor. by_itself: the process had ended before it was killed."""

    round: int
    by_itself: int | None = None


Record = Starting | Started | Raised | Run | Seen | Missing | Ended | Stuck | Killed

KINDS: dict[str, type[Record]] = {
    kind.__name__: kind
    for kind in (Starting, Started, Raised, Run, Seen, Missing, Ended, Stuck, Killed)
}


class Ledger:
    """Appends records to a file that several processes share; closed with the last who holds it."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        weakref.finalize(self, os.close, self._descriptor)

    def write(self, record: Record) -> None:
        fields = {"is": type(record).__name__, **attrs.asdict(record, recurse=False)}
        # A line break before it, too: somebody else may have been killed in the middle of a line.
        os.write(self._descriptor, f"\n{json.dumps(fields)}\n".encode())


class Reader:
    """Reads what was appended since it last looked. torn: lines that a kill cut off."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._position = 0
        self.torn = 0

    def read(self) -> list[Record]:
        with self._file.open("rb") as file:
            file.seek(self._position)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._position += len(whole)
        records = [self._record(line) for line in whole.splitlines() if line]
        return [record for record in records if record is not None]

    def _record(self, line: bytes) -> Record | None:
        try:
            return _record(json.loads(line))
        except json.JSONDecodeError:
            self.torn += 1
            return None


def _record(fields: dict[str, Any]) -> Record:
    kind = KINDS[fields.pop("is")]
    return kind(**{name: _frozen(value) for name, value in fields.items()})


def _frozen(value: Any) -> Any:
    """Lists as tuples, so that records can be compared with what was written."""
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


@attrs.define
class Instances:
    """What the records so far say of the instances."""

    starting: dict[str, None] = attrs.field(factory=dict)
    started: set[str] = attrs.field(factory=set)
    ended: set[str] = attrs.field(factory=set)
    raised: dict[str, int] = attrs.field(factory=dict)
    lengths: dict[str, int] = attrs.field(factory=dict)

    def learn(self, records: Iterable[Record]) -> None:
        for record in records:
            match record:
                case Starting(instance):
                    self.starting[instance] = None
                case Started(instance):
                    self.started.add(instance)
                case Raised(instance, letter):
                    self.raised[instance] = letter + 1
                case Seen(instance, length):
                    self.lengths[instance] = length
                case Ended(instance):
                    self.ended.add(instance)
                    self.starting.pop(instance, None)
                case Run() | Missing() | Stuck() | Killed():
                    pass
                case _:
                    assert_never(record)

    @property
    def open(self) -> list[str]:
        """Ids of those that were asked for and have not ended."""
        return list(self.starting)


def violations(records: Iterable[Record], expected: Mapping[str, Any]) -> Iterator[str]:
    """What must never happen, and did. expected: the result of each instance that was acknowledged,
    as a run without crashes gives it."""
    started: set[str] = set()
    kept: set[str] = set()
    key_of: dict[str, str] = {}
    label_of: dict[str, str] = {}
    digests: dict[tuple[str, int], str] = {}
    ended: dict[str, Any] = {}
    for record in records:
        match record:
            case Started(instance):
                started.add(instance)
            case Run(instance, label, key):
                if label in kept:
                    yield f"activity {label} had completed, and ran again"
                if instance in ended:
                    yield f"activity {label} ran after its instance had ended"
                if key_of.setdefault(label, key) != key:
                    yield f"activity {label} was given another idempotency key: {key}"
                if label_of.setdefault(key, label) != label:
                    yield f"activities {label} and {label_of[key]} share idempotency key {key}"
            case Seen(instance, length, digest, prefix, labels):
                if prefix is not None and prefix[1] != digests.get((instance, prefix[0])):
                    yield f"the history of {instance} is no continuation of what it was"
                digests[instance, length] = digest
                kept.update(labels)
            case Missing(instance):
                if instance in started:
                    yield f"the start of {instance} was acknowledged, and it is not there"
            case Ended(instance, result):
                if ended.setdefault(instance, result) != result:
                    yield f"{instance} ended twice: {ended[instance]!r}, {result!r}"
            case Stuck(instance, state):
                yield f"{instance} never ended: {state}"
            case Killed(number, by_itself):
                if by_itself is not None:
                    yield f"the worker of round {number} ended by itself: exit code {by_itself}"
            case Starting() | Raised():
                pass
            case _:
                assert_never(record)
    for instance in sorted(started):
        if instance not in ended:
            yield f"{instance} was acknowledged, and did not end"
        elif ended[instance] != expected[instance]:
            yield f"{instance} ended with {ended[instance]!r} instead of {expected[instance]!r}"
