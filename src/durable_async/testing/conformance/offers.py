"""Versions, queues, and who would take what. Invariant: an instance keeps the version and the queue
it was started with, and goes to a worker that has both."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from durable_async.model.history import ExecutionStarted
from durable_async.model.options import LOST_WORKER_LIMIT
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    INTERNAL,
    Claim,
    InstanceQuery,
    Purge,
    Terminate,
)
from durable_async.ports import Engine
from durable_async.testing.conformance.base import LEASE, Conformance
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    child,
    completed,
    continued,
    counter,
    create,
    event,
    signal,
    the_only,
)

__all__ = ["OfferRules"]


def knows(*versions: str | None, name: str = "flow", **changes: Any) -> Claim:
    orchestrators = frozenset((name, version) for version in versions)
    return attrs.evolve(EVERYTHING, orchestrators=orchestrators, **changes)


class OfferRules(Conformance):
    # ---- versions ----------------------------------------------------------------------------

    def version_of_newest(self, party: Party) -> str | None:
        """As it stands in the history of one that is made now."""
        asked = create("newest", newest=True, version="ignored")
        party.commit(creates=[asked], claims=False)
        started = party.history("newest")[0]
        assert isinstance(started, ExecutionStarted)
        assert party.record("newest").version == started.version
        party.commit(
            claims=False,
            messages=[Terminate(instance_id="newest", reason=""), Purge(instance_id="newest")],
        )
        return started.version

    @pytest.mark.parametrize(
        ("versions", "newest"),
        [
            (("1.9", "1.10", "1.2"), "1.10"),
            ((None, "0"), "0"),
            ((None,), None),
            (("v2", "v10", None), "v10"),
            (("2024-9-1", "2024-10-1"), "2024-10-1"),
            (("1", "1.0", "1.0.1"), "1.0.1"),
        ],
    )
    def test_e10_the_newest_version_is_that_of_the_natural_order(
        self, party: Party, versions: tuple[str | None, ...], newest: str | None
    ) -> None:
        party.claim = knows(*versions)
        party.commit()
        assert self.version_of_newest(party) == newest

    def test_e10_the_newest_version_is_one_that_a_live_worker_has(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        party.commit(creates=[create("a", version="9"), create("b", version="4")])
        other = Party.join(engine, claim=knows("2", "3"))
        party.claim = knows("1", name="another")
        party.commit()
        other.commit()
        assert self.version_of_newest(party) == "3"
        engine.close_session(other.session)
        assert self.version_of_newest(party) == "9"  # the newest ever asked for
        party.commit(messages=[Terminate(instance_id="a", reason=""), Purge(instance_id="a")])
        assert self.version_of_newest(party) == "9"

    def test_e10_the_newest_of_what_nobody_knows_is_none(self, party: Party) -> None:
        party.claim = knows("1", name="another")
        party.commit()
        assert self.version_of_newest(party) is None

    def test_e10_children_and_new_executions_may_ask_for_the_newest(self, party: Party) -> None:
        party.claim = knows(None, "2", "10")
        claimed = party.start("p")
        party.run(claimed, child("c", newest=True))
        assert party.record("c").version == "10"
        woken = the_only(party.commit(messages=[event("p")]).claimed)
        party.run(woken, ended=continued("p", newest=True))
        assert party.record("p").version == "10"

    def test_e8_a_definition_without_a_version_takes_every_version(
        self, engine: Engine, party: Party
    ) -> None:
        party.claim = knows(None, any_version=frozenset({"flow"}))
        receipt = party.commit(
            creates=[create("a", version="1"), create("b"), create("c", name="x", version="1")]
        )
        assert {each.lease.instance_id for each in receipt.claimed} == {"a", "b"}

    # ---- queues ------------------------------------------------------------------------------

    def test_e8_an_instance_goes_to_a_worker_of_its_queue(
        self, engine: Engine, party: Party
    ) -> None:
        receipt = party.commit(creates=[create(queue="slow")])
        assert (receipt.claimed, receipt.next_due) == ((), None)
        assert party.record().queue == "slow"
        other = Party.join(engine, claim=attrs.evolve(EVERYTHING, queues=frozenset({"slow"})))
        assert the_only(other.commit().claimed).lease.instance_id == "i"

    # ---- who would take it -------------------------------------------------------------------

    def test_a_record_says_whether_a_live_worker_would_take_it(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        kinds = {
            "known": create("known"),
            "version": create("version", version="2"),
            "name": create("name", name="other"),
            "queue": create("queue", queue="slow"),
        }
        party.commit(creates=list(kinds.values()))

        def offered() -> set[str]:
            return {name for name in kinds if party.record(name).offered}

        assert offered() == {"known"}
        able = attrs.evolve(
            EVERYTHING,
            orchestrators=frozenset({("flow", None), ("other", None)}),
            any_version=frozenset({"flow"}),
            queues=frozenset({"default", "slow"}),
            max_instances=0,  # it is full at this moment
        )
        other = Party.join(engine, claim=able)
        assert offered() == {"known"}  # it has not said yet what it takes
        other.commit()
        assert offered() == set(kinds)
        other.commit(claims=False)
        assert offered() == set(kinds)
        other.claim = attrs.evolve(able, only=frozenset({"name"}))
        other.commit()
        assert offered() == {"known", "name"}
        self.kill_session(engine, other.session)
        party.commit()
        assert offered() == {"known"}
        pages = party.engine.page(InstanceQuery()).records
        assert {each.instance_id for each in pages if each.offered} == {"known"}

    def test_a_record_of_an_entity_says_whether_a_live_worker_would_run_its_operations(
        self, engine: Engine, party: Party
    ) -> None:
        party.claim = attrs.evolve(EVERYTHING, entities=frozenset())
        party.commit(messages=[signal()])

        def offered() -> bool:
            record = engine.entity(counter())
            assert record is not None and record.queued == 1
            return record.offered

        assert not offered()
        other = Party.join(engine, claim=attrs.evolve(party.claim, max_entities=0))
        other.commit()
        assert not offered()
        other.claim = attrs.evolve(EVERYTHING, max_entities=0)  # it is full at this moment
        other.commit()
        assert offered()
        self.kill_session(engine, other.session)
        party.commit()
        assert not offered()

    def test_a_silent_worker_would_take_nothing(
        self, engine: Engine, party: Party, clock: SettableClock
    ) -> None:
        other = Party.join(engine, claim=knows(None))
        party.claim = knows(None, name="another")
        party.commit(creates=[create()])
        other.commit(releases=[each.lease for each in other.commit().claimed], claims=False)
        assert party.record().offered
        self.fall_silent(clock, party)
        assert not party.record().offered
        assert LEASE > 0

    def test_what_has_ended_misses_nobody(self, party: Party) -> None:
        party.run(party.start(), ended=completed())
        party.claim = knows(None, name="another")
        party.commit()
        assert party.record().offered

    def test_an_activity_says_whether_a_live_worker_would_take_it(self, party: Party) -> None:
        asked = [activity(0), activity(1, name="other"), activity(2, queue="gpu")]
        party.run(party.start(), *asked)
        assert [each.offered for each in party.record().activities] == [True, False, False]
        party.claim = attrs.evolve(
            EVERYTHING,
            activities=frozenset({"step", "other"}),
            queues=frozenset({"gpu"}),
            max_activities=0,
        )
        party.commit()
        assert [each.offered for each in party.record().activities] == [False, False, True]

    # ---- our own -----------------------------------------------------------------------------

    def test_instances_of_our_own_are_shown_to_who_asks_for_them(self, party: Party) -> None:
        own = f"{INTERNAL}schedule"
        party.commit(creates=[create("a"), create("b", name=own), create("c", name=own[:-1])])

        def shown(**query: Any) -> set[str]:
            asked = InstanceQuery(**query)
            page = {each.instance_id for each in party.engine.page(asked).records}
            assert party.engine.count(asked) == len(page)
            return page

        assert shown() == {"a"}
        assert shown(internal=True) == {"a", "b", "c"}
        assert shown(name=own) == {"b"}
        assert shown(name="flow") == {"a"}
        assert shown(id_prefix="b") == set()

    # ---- quarantine --------------------------------------------------------------------------

    def test_e14_an_instance_that_kills_its_workers_is_quarantined(
        self, engine: Engine, party: Party
    ) -> None:
        party.start()
        for _ in range(LOST_WORKER_LIMIT - 1):
            self.kill_session(engine, party.session)
            party = Party.join(engine)
            the_only(party.commit().claimed)
        assert party.record().status is RuntimeStatus.PENDING
        self.kill_session(engine, party.session)
        party = Party.join(engine)
        receipt = party.commit(creates=[create("other")])
        assert the_only(receipt.claimed).lease.instance_id == "other"
        record = party.record()
        assert record.status is RuntimeStatus.BLOCKED
        assert record.blocked is not None
        assert record.blocked.startswith("quarantined: ") and "5 workers" in record.blocked
        assert len(party.history()) == 1

        changed = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        claimed = the_only(changed.commit().claimed)
        assert changed.run(claimed).episodes == (None,)
        assert party.record().status is RuntimeStatus.RUNNING

    def test_e14_a_commit_in_between_begins_the_count_anew(
        self, engine: Engine, party: Party
    ) -> None:
        claimed = party.start()
        for number in range(2 * LOST_WORKER_LIMIT):
            if number % (LOST_WORKER_LIMIT - 1) == 0:
                party.run(claimed)
                party.commit(messages=[event()])
            self.kill_session(engine, party.session)
            party = Party.join(engine)
            claimed = the_only(party.commit().claimed)
        assert party.record().status is RuntimeStatus.RUNNING

    def test_e14_a_worker_that_dies_beside_an_idle_instance_is_not_counted(
        self, engine: Engine, party: Party
    ) -> None:
        party.run(party.start())
        self.kill_session(engine, party.session)
        party = Party.join(engine)
        claimed = the_only(party.commit(messages=[event()]).claimed)
        for _ in range(LOST_WORKER_LIMIT - 1):
            self.kill_session(engine, party.session)
            party = Party.join(engine)
            claimed = the_only(party.commit().claimed)
        assert party.run(claimed).episodes == (None,)

    def test_e14_a_worker_that_closes_in_order_is_not_counted(
        self, engine: Engine, party: Party
    ) -> None:
        party.start()
        for _ in range(LOST_WORKER_LIMIT + 1):
            engine.close_session(party.session)
            party = Party.join(engine)
            the_only(party.commit().claimed)
        assert party.record().status is RuntimeStatus.PENDING

    def test_e14_definitions_that_were_tried_and_killed_are_not_tried_again(
        self, engine: Engine, party: Party
    ) -> None:
        party.start()
        for _ in range(LOST_WORKER_LIMIT):
            self.kill_session(engine, party.session)
            party = Party.join(engine)
            party.commit()
        changed = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        the_only(changed.commit().claimed)
        self.kill_session(engine, changed.session)
        changed = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
        assert changed.commit().claimed == party.commit().claimed == ()
        assert party.record().status is RuntimeStatus.BLOCKED
