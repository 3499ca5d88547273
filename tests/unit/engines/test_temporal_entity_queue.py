"""What waits at an entity on Temporal, without a server: the rules of turns are those of stores."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("temporalio")

from durable_async.engines.temporal.entities import queue as entity_queue
from durable_async.engines.temporal.entities.mail import Asked, Letter, Mail
from durable_async.engines.temporal.entities.queue import EntityQueue
from durable_async.model.identity import Caller
from durable_async.model.payload import Payload

START = datetime(2026, 1, 1, tzinfo=UTC)
A, B = Caller("a", "a-1", 0), Caller("b", "b-1", 0)


def operation(name: str, **more: Any) -> Letter:
    return Letter(Asked(what="operation", operation=name, **more), Payload(b"[]"))


def about(what: Any, caller: Caller) -> Letter:
    return Letter(Asked(what=what, caller=caller))


class Entity:
    """A queue, and a clock."""

    def __init__(self) -> None:
        self.queue = EntityQueue()
        self.now = START

    def ask(self, *letters: Letter, **mail: Any) -> list[Caller]:
        return self.queue.receive(Mail(**{"sender": "s"} | mail), letters, self.now)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.queue.place_due(self.now)

    def hand_out(self) -> list[str]:
        batch = self.queue.hand_out(100, 10**6)
        return [each.operation or "" for each in batch]

    def run(self) -> list[str]:
        batch = self.queue.hand_out(100, 10**6)
        self.queue.settle([each.number for each in batch])
        return [each.operation or "" for each in batch]


def test_signals_have_their_turn_when_they_come_due() -> None:
    entity = Entity()
    for name, due in [("at 9", 9), ("at 3", 3), ("also at 3", 3), ("past", -5)]:
        entity.ask(operation(name, due=START + timedelta(seconds=due)))
    entity.ask(operation("now"))
    assert entity.queue.queued == 5
    entity.now += timedelta(seconds=5)
    entity.ask(operation("at 5"))
    entity.wait(5)
    assert entity.run() == ["past", "now", "at 3", "also at 3", "at 5", "at 9"]
    assert entity.queue.is_empty


def test_a_lock_waits_for_what_came_before_it_and_holds_back_the_rest() -> None:
    entity = Entity()
    entity.ask(operation("before"), about("lock", A), operation("behind"), about("lock", B))
    assert entity.queue.grant() is None
    assert entity.run() == ["before"]
    assert entity.queue.grant() == A
    assert entity.queue.holds_up
    entity.ask(operation("own", caller=Caller("a", "a-1", 5), lock=0))
    entity.ask(operation("other's", caller=Caller("b", "b-1", 6), lock=0))
    assert entity.run() == ["own"]
    entity.ask(about("release", A))
    assert entity.run() == ["behind"]
    assert entity.queue.grant() == B
    assert entity.run() == ["other's"]


def test_who_asks_again_for_a_lock_that_it_has_is_told_so_and_has_one_place() -> None:
    entity = Entity()
    assert entity.ask(about("lock", A), about("lock", A), about("lock", B)) == []
    assert entity.queue.grant() == A
    assert entity.ask(about("lock", A), about("lock", B)) == [A]
    entity.ask(about("release", A))
    assert entity.queue.grant() == B
    entity.ask(about("release", B))
    assert entity.queue.grant() is None
    assert entity.queue.is_empty


def test_what_is_given_back_before_it_was_granted_is_passed_over() -> None:
    entity = Entity()
    entity.ask(about("lock", A), about("lock", B), about("release", A))
    assert entity.queue.grant() == B
    entity.ask(about("release", A))  # of no meaning any more
    assert entity.queue.holder == B


def test_what_is_in_hand_is_not_taken_back_but_answered_to_nobody() -> None:
    entity = Entity()
    entity.ask(operation("x", caller=A), operation("y", caller=B))
    assert entity.hand_out() == ["x", "y"]
    entity.ask(about("take_back", A))
    done = entity.queue.settle([1])
    assert [(each.operation, each.caller) for each in done] == [("x", None)]
    entity.ask(about("take_back", B))
    assert entity.run() == []


def test_a_batch_takes_no_more_arguments_than_it_may_save_for_one_operation() -> None:
    entity = Entity()
    for name in "abc":
        entity.ask(Letter(Asked(what="operation", operation=name), Payload(b"x" * 60)))
    assert [each.operation for each in entity.queue.hand_out(100, 50)] == ["a"]
    entity.queue.settle(())
    assert [each.operation for each in entity.queue.hand_out(100, 130)] == ["a", "b"]
    entity.queue.settle(())
    assert len(entity.queue.hand_out(1, 10**6)) == 1


def test_a_mail_that_may_come_twice_counts_once_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entity_queue, "_REMEMBERED", 3)
    entity = Entity()
    for _ in range(2):
        entity.ask(operation("x"), place=1, may_repeat=True)
        entity.ask(operation("y"), place=2, may_repeat=True)
    assert entity.run() == ["x", "y"]
    again = EntityQueue(entity.queue.kept())
    entity.queue = again
    entity.ask(operation("x"), place=1, may_repeat=True)
    assert entity.run() == []
    for place in (3, 4):
        entity.ask(operation("z"), place=place, may_repeat=True)
    assert list(again.kept().mails) == ["s/2", "s/3", "s/4"]
    entity.now += timedelta(days=2)
    entity.ask(operation("z"), place=5, may_repeat=True)
    assert list(again.kept().mails) == ["s/5"]


def test_a_queue_goes_on_as_it_was_kept() -> None:
    entity = Entity()
    entity.ask(about("lock", A), operation("x"), operation("y", due=START + timedelta(seconds=5)))
    entity.queue.grant()
    kept = entity.queue.kept()
    entity.queue = EntityQueue(kept)
    assert entity.queue.kept() == kept
    assert (entity.queue.holder, entity.queue.queued) == (A, 2)
    entity.ask(about("release", A), operation("z"))
    entity.wait(5)
    assert entity.run() == ["x", "z", "y"]
