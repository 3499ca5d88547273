"""What waits at one entity, and who has locked it (E15). Invariant: nothing in here knows Temporal:
the same is asked in the same order, and the same comes out, at replay too.
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import attrs

from durable_async.engines.temporal.entities.mail import Letter, Mail
from durable_async.engines.turntaking import Place, lock_to_grant, numbers_to_run
from durable_async.model.identity import Caller
from durable_async.model.payload import Payload

__all__ = ["EntityQueue", "Kept", "Waiting"]

_REMEMBERED_FOR: Final = timedelta(days=1)
_REMEMBERED: Final = 10_000
"""Mails that are known again when they come twice: the newest so many, of the last day."""


@attrs.frozen(kw_only=True)
class Waiting:
    """number: of its place. operation: None if it asks for the lock. lock: the one that it asks
    for, or that the call is a part of. at: when it came, or is due."""

    number: int
    at: datetime
    operation: str | None = None
    input: Payload | None = None
    caller: Caller | None = None
    lock: Caller | None = None

    @property
    def place(self) -> Place:
        return Place(number=self.number, lock=self.lock, requests=self.operation is None)


@attrs.frozen(kw_only=True)
class Kept:
    """All of a queue. mails: when they came, by their names."""

    numbers: int = 0
    waiting: tuple[Waiting, ...] = ()
    later: tuple[Waiting, ...] = ()
    holder: Caller | None = None
    mails: dict[str, datetime] = attrs.field(factory=dict)


class EntityQueue:
    """holder: who has locked it. Nothing is in hand when it is made."""

    def __init__(self, kept: Kept | None = None) -> None:
        kept = kept or Kept()
        self._numbers = kept.numbers
        self._waiting = OrderedDict((each.number, each) for each in kept.waiting)
        self._later = list(kept.later)
        self._mails = dict(kept.mails)
        self._in_hand: frozenset[int] = frozenset()
        self.holder = kept.holder

    def kept(self) -> Kept:
        assert not self._in_hand, "what is in hand is not for another run"
        return Kept(
            numbers=self._numbers,
            waiting=tuple(self._waiting.values()),
            later=tuple(self._later),
            holder=self.holder,
            mails=self._mails,
        )

    # ---- what is asked -----------------------------------------------------------------------

    def receive(self, mail: Mail, letters: Iterable[Letter], now: datetime) -> list[Caller]:
        """Those who are to be told again that they hold the lock."""
        if mail.may_repeat and self._knows(mail, now):
            return []
        told = [self._ask(letter, now) for letter in letters]
        return [each for each in told if each is not None]

    def _knows(self, mail: Mail, now: datetime) -> bool:
        name = f"{mail.sender}/{mail.place}"
        if name in self._mails:
            return True
        self._mails[name] = now
        oldest = next(iter(self._mails))
        while len(self._mails) > _REMEMBERED or self._mails[oldest] < now - _REMEMBERED_FOR:
            del self._mails[oldest]
            oldest = next(iter(self._mails))
        return False

    def _ask(self, letter: Letter, now: datetime) -> Caller | None:
        asked, caller = letter.asked, letter.asked.caller
        match asked.what:
            case "operation":
                self._ask_for_operation(letter, now)
            case "take_back":
                assert caller is not None
                self._take_back(caller)
            case "release":
                assert caller is not None
                self.release(caller)
            case "lock":
                assert caller is not None
                if caller == self.holder:  # asked anew by a later run of its workflow
                    return caller
                if not any(each.operation is None and each.lock == caller for each in self):
                    self._place(now, caller=caller, lock=caller)
        return None

    def _ask_for_operation(self, letter: Letter, now: datetime) -> None:
        asked, caller, due = letter.asked, letter.asked.caller, letter.asked.due
        lock = None
        if caller is not None and asked.lock is not None:
            lock = attrs.evolve(caller, number=asked.lock)
        if due is not None and due > now:
            self._numbers += 1
            signal = Waiting(
                number=self._numbers, at=due, operation=asked.operation, input=letter.input
            )
            insort(self._later, signal, key=lambda each: each.at)
        else:
            self._place(
                now, operation=asked.operation, input=letter.input, caller=caller, lock=lock
            )

    def _place(
        self,
        now: datetime,
        *,
        operation: str | None = None,
        input: Payload | None = None,
        caller: Caller | None = None,
        lock: Caller | None = None,
    ) -> None:
        self.place_due(now)
        self._append(
            Waiting(number=0, at=now, operation=operation, input=input, caller=caller, lock=lock)
        )

    def place_due(self, now: datetime) -> None:
        """What has come due has its turn from here on."""
        while self._later and self._later[0].at <= now:
            self._append(self._later.pop(0))

    def _append(self, waiting: Waiting) -> None:
        self._numbers += 1
        self._waiting[self._numbers] = attrs.evolve(waiting, number=self._numbers)

    def _take_back(self, caller: Caller) -> None:
        """What is in hand is not undone, but nobody hears of it."""
        for each in self:
            if each.caller == caller and each.operation is not None:
                if each.number in self._in_hand:
                    self._waiting[each.number] = attrs.evolve(each, caller=None)
                else:
                    del self._waiting[each.number]

    def release(self, caller: Caller) -> None:
        """The lock that was asked for by this command, granted or not."""
        if self.holder == caller:
            self.holder = None
        for each in self:
            if each.operation is None and each.lock == caller:
                del self._waiting[each.number]

    # ---- turns -------------------------------------------------------------------------------

    def grant(self) -> Caller | None:
        """Lock it for whoever's turn it is. Not to be asked while operations are in hand."""
        assert not self._in_hand, "the lock would be granted in the midst of them"
        number = lock_to_grant((each.place for each in self), self.holder)
        if number is None:
            return None
        self.holder = self._waiting.pop(number).lock
        return self.holder

    def hand_out(self, limit: int, size: int) -> list[Waiting]:
        """The operations whose turn it is; they are in hand until `settle`. size: bytes of their
        arguments, save for the first one."""
        places = (each.place for each in self)
        batch: list[Waiting] = []
        for number in numbers_to_run(places, self.holder, limit):
            waiting = self._waiting[number]
            size -= 0 if waiting.input is None else len(waiting.input.data)
            if batch and size < 0:
                break
            batch.append(waiting)
        self._in_hand = frozenset(each.number for each in batch)
        return batch

    def settle(self, numbers: Iterable[int]) -> list[Waiting]:
        """These have been run, and are out; the others in hand are where they were."""
        done = [self._waiting.pop(each) for each in numbers if each in self._in_hand]
        self._in_hand = frozenset()
        return done

    # ---- what there is -----------------------------------------------------------------------

    def __iter__(self) -> Iterator[Waiting]:
        """In order, also while it is changed."""
        return iter(tuple(self._waiting.values()))

    @property
    def queued(self) -> int:
        """Operations that have not been run, nor are in hand."""
        operations = sum(1 for each in self._waiting.values() if each.operation is not None)
        return operations + len(self._later) - len(self._in_hand)

    @property
    def is_empty(self) -> bool:
        return not self._waiting and not self._later and self.holder is None

    @property
    def holds_up(self) -> bool:
        """Whether others wait for the lock to be given back."""
        return self.holder is not None and bool(self._waiting)

    @property
    def due(self) -> datetime | None:
        return self._later[0].at if self._later else None
