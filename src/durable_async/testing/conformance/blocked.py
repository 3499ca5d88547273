"""Instances that cannot go on. Invariant: nothing of them is lost; other definitions try once."""

from __future__ import annotations

from datetime import timedelta

import attrs

from durable_async.model.commands import (
    StartTimer,
)
from durable_async.model.history import (
    ActivityCompleted,
    EventReceived,
    TimerFired,
)
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    AttemptSucceeded,
    Terminate,
)
from durable_async.ports import Engine
from durable_async.testing.conformance.base import BLOCKED, RUNNING, Conformance
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    delivered,
    event,
    the_only,
    value,
)

__all__ = ["BlockedRules"]


class BlockedRules(Conformance):
    def test_a_blocked_episode_leaves_history_and_news_as_they_were(
        self, party: Party, clock: SettableClock
    ) -> None:
        party.run(party.start())
        woken = the_only(party.commit(messages=[event()]).claimed)
        history = party.history()
        clock.advance(1)
        receipt = party.block(woken, "line 7 differs")
        assert (receipt.episodes, receipt.claimed, receipt.ended) == ((None,), (), ())
        record = party.record()
        assert (record.status, record.blocked) == (BLOCKED, "mismatch: line 7 differs")
        assert (party.history(), record.updated_at) == (history, clock.now())

    def test_a_blocked_instance_is_tried_once_by_each_other_set_of_definitions(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start())
        party.block(the_only(party.commit(messages=[event(data=value("1"))]).claimed))
        assert party.commit(messages=[event(data=value("2"))]).claimed == ()
        same = Party.join(engine)
        assert same.commit().claimed == ()

        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        tried = the_only(other.commit().claimed)
        assert tried.history == other.history()
        assert [each.data for each in delivered(tried) if isinstance(each, EventReceived)] == [
            value("1"), value("2"),
        ]  # fmt: skip
        other.block(tried)
        assert other.commit().claimed == ()
        assert party.commit().claimed == same.commit().claimed == ()  # not in turns, for ever
        third = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="newer"))
        tried = the_only(third.commit().claimed)
        third.run(tried)
        record = party.record()
        assert (record.status, record.blocked) == (RUNNING, None)

        third.block(the_only(third.commit(messages=[event()]).claimed))
        the_only(party.commit().claimed)  # it had gone on: whoever failed before may try again

    def test_a_blocked_instance_can_be_terminated(self, party: Party) -> None:
        party.block(party.start())
        receipt = party.commit(messages=[Terminate(instance_id="i", reason="enough")])
        assert receipt.ended == ("i",)
        record = party.record()
        assert (record.status, record.blocked) == (RuntimeStatus.TERMINATED, None)

    def test_results_that_woke_a_blocked_episode_can_still_be_reported(
        self, engine: Engine, party: Party
    ) -> None:
        task = the_only(party.run(party.start(), activity(0)).activities)
        again = the_only(party.commit(messages=[event()]).claimed)
        party.block(again)
        receipt = party.report(task, AttemptSucceeded(value("1")))
        assert (receipt.reports, receipt.claimed) == ((None,), ())
        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        tried = the_only(other.commit().claimed)
        assert ActivityCompleted(number=0, result=value("1")) in delivered(tried)

    def test_the_timers_of_a_blocked_instance_wait(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        due = clock.now() + timedelta(seconds=5)
        party.run(party.start(), StartTimer(number=0, due=due))
        party.block(the_only(party.commit(messages=[event()]).claimed))
        clock.advance(5)
        assert party.commit().claimed == ()
        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        assert TimerFired(number=0) in delivered(the_only(other.commit().claimed))
