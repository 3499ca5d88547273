"""Records, pages and counts. Invariant: a list shows what matches, once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from durable_async.errors import (
    InstanceNotFoundError,
    StoreError,
)
from durable_async.model.history import EventReceived
from durable_async.model.identity import Caller
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    INTERNAL,
    Cancel,
    InstanceEnd,
    InstanceQuery,
    InstanceRecord,
    Suspend,
    Terminate,
)
from durable_async.ports import Engine
from durable_async.testing.conformance.base import PARENT, Conformance
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    completed,
    create,
    event,
    failed_with,
    the_only,
    value,
)

__all__ = ["ReadingRules"]


class ReadingRules(Conformance):
    def test_records_stand_at_the_place_of_their_ids(self, party: Party) -> None:
        party.commit(creates=[create("a"), create("b")])
        found = party.engine.records(("b", "nobody", "a", "b"))
        assert [each and each.instance_id for each in found] == ["b", None, "a", "b"]

    def test_a_record_says_what_was_asked_for(self, party: Party, clock: SettableClock) -> None:
        party.start(version=None, input=value("[1]"), tags={"k": "v"}, parent=PARENT)
        assert party.record() == InstanceRecord(
            instance_id="i",
            execution_id="i-1",
            name="flow",
            version=None,
            status=RuntimeStatus.PENDING,
            custom_status=None,
            input=value("[1]"),
            output=None,
            failure=None,
            created_at=clock.now(),
            updated_at=clock.now(),
            completed_at=None,
            parent_id="p",
            tags={"k": "v"},
            history_length=1,
            idle=False,
            blocked=None,
        )

    def test_a_record_says_when_an_instance_begins_that_was_started_for_later(
        self, party: Party, clock: SettableClock
    ) -> None:
        later = clock.now() + timedelta(hours=1)
        party.commit(
            creates=[
                create("a", start_at=later),
                create("b", start_at=clock.now() - timedelta(hours=1)),
                create("c"),
                create("d", start_at=later),
            ]
        )
        party.commit(messages=[Cancel(instance_id="d")])
        found = party.engine.records(("a", "b", "c", "d"))
        assert [each and each.start_at for each in found] == [later, None, None, None]
        clock.advance(3_600)
        party.run(the_only(party.commit().claimed))
        assert party.record("a").start_at is None

    def test_a_record_says_whether_the_instance_is_idle(self, party: Party) -> None:
        party.run(party.start(), idle=True)
        assert party.record().idle
        party.run(the_only(party.commit(messages=[event()]).claimed))
        assert not party.record().idle

    def test_at_work_is_what_is_neither_over_nor_stuck(self, party: Party) -> None:
        names = ("new", "idle", "suspended", "blocked", "over", "nobody", "\ud800")
        receipt = party.commit(creates=[create(each) for each in names[:5]])
        claimed = {each.lease.instance_id: each for each in receipt.claimed}
        party.run(claimed["idle"], idle=True)
        party.block(claimed["blocked"])
        party.commit(
            messages=[
                Suspend(instance_id="suspended"),
                Terminate(instance_id="over", reason=""),
            ]
        )
        assert party.engine.at_work(names) == (True, False, True, False, False, False, False)
        party.commit(messages=[event("idle")])
        assert party.engine.at_work(("idle",)) == (False,)  # until its episode has run

    def test_a_receipt_says_what_the_ended_came_to(self, party: Party) -> None:
        receipt = party.commit(creates=[create(each) for each in "abcd"])
        claimed = {each.lease.instance_id: each for each in receipt.claimed}
        ends = [
            *party.run(claimed["a"], ended=completed("[1]")).ends,
            *party.run(claimed["b"], ended=failed_with("boom")).ends,
            *party.commit(messages=[Cancel(instance_id="c", reason="late")]).ends,
            *party.commit(messages=[Terminate(instance_id="d", reason="enough")]).ends,
        ]
        records = party.engine.records([end.instance_id for end in ends])
        assert ends == [InstanceEnd.of(record) for record in records if record is not None]
        assert [end.instance_id for end in ends] == ["a", "b", "c", "d"]

    def test_a_record_says_why_the_instance_was_cancelled_or_terminated(self, party: Party) -> None:
        party.commit(creates=[create("a"), create("b"), create("c")])
        party.commit(
            messages=[
                Cancel(instance_id="a", reason="changed my mind"),
                Terminate(instance_id="b", reason=""),
                Suspend(instance_id="c", reason="stocktaking"),
            ]
        )
        found = party.engine.records(("a", "b", "c"))
        assert [each and each.reason for each in found] == ["changed my mind", "", None]
        (page,) = self.pages(party.engine, InstanceQuery())
        assert [each.reason for each in page] == [None, "", "changed my mind"]

    def test_the_history_of_nobody_is_an_error(self, engine: Engine) -> None:
        with pytest.raises(InstanceNotFoundError, match="'nobody'"):
            engine.history("nobody")

    def test_an_inbox_is_what_history_does_not_have_yet(self, party: Party) -> None:
        party.start()
        assert party.engine.inbox("i") == ()
        party.commit(messages=[event(name="a"), event(name="b")])
        names = [each.name for each in party.engine.inbox("i") if isinstance(each, EventReceived)]
        assert names == ["a", "b"]
        party.commit(messages=[Suspend(instance_id="i")])
        assert len(party.engine.inbox("i")) == 2  # also while nobody takes it
        with pytest.raises(InstanceNotFoundError, match="'nobody'"):
            party.engine.inbox("nobody")

    def test_an_inbox_is_emptied_by_the_episode_that_takes_it(self, party: Party) -> None:
        party.run(party.start())
        claimed = the_only(party.commit(messages=[event(name="a")]).claimed)
        assert len(party.engine.inbox("i")) == 1  # given out, and not in history yet
        party.run(claimed)
        assert party.engine.inbox("i") == ()

    def test_a_place_in_a_list_that_is_none_is_an_error(self, engine: Engine) -> None:
        with pytest.raises(StoreError, match="next"):
            engine.page(InstanceQuery(after="rubbish"))

    def test_pages_show_the_newest_first(self, party: Party, clock: SettableClock) -> None:
        for names in ("ab", "c", "de"):
            party.commit(creates=[create(name) for name in names])
            clock.advance(1)
        pages = list(self.pages(party.engine, InstanceQuery(limit=2)))
        assert [[each.instance_id for each in page] for page in pages] == [
            ["e", "d"], ["c", "b"], ["a"],
        ]  # fmt: skip

    def test_pages_miss_nothing_that_was_there_all_the_time(
        self, party: Party, clock: SettableClock
    ) -> None:
        names = [f"i{number}" for number in range(7)]
        for name in names:
            party.run(party.start(name))
        seen: list[str] = []
        for page in self.pages(party.engine, InstanceQuery(limit=2)):
            seen += [each.instance_id for each in page]
            clock.advance(1)
            party.commit(
                creates=[create(f"new{len(seen)}")],
                messages=[Terminate(instance_id=names[len(seen) - 1], reason="")],
            )
        assert seen == names[::-1]

    def test_pages_and_counts_show_exactly_what_matches(self) -> None:
        @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
        @given(st.data())
        def check(data: st.DataObject) -> None:
            clock = SettableClock()
            with contextlib.closing(self.opened(clock)) as engine:
                party = Party.join(engine, claim=attrs.evolve(EVERYTHING, orchestrators=FLOWS))
                for fields in data.draw(st.lists(_instances, max_size=12)):
                    clock.advance(data.draw(st.integers(0, 2)))
                    _grow(party, *fields)
                everything = InstanceQuery(internal=True)
                everyone = [each for page in self.pages(engine, everything) for each in page]
                for _ in range(3):
                    query = data.draw(_queries(clock))
                    expected = [each for each in everyone if _matches(query, each)]
                    shown = [each for page in self.pages(engine, query) for each in page]
                    assert shown == expected
                    assert engine.count(query) == len(expected)

        check()

    def pages(self, engine: Engine, query: InstanceQuery) -> Iterator[tuple[InstanceRecord, ...]]:
        while True:
            page = engine.page(query)
            assert len(page.records) <= query.limit
            yield page.records
            if page.next is None:
                return
            query = attrs.evolve(query, after=page.next)


OWN = f"{INTERNAL}flow"

FLOWS = frozenset({("flow", None), ("flow", "2"), ("stream", None), (OWN, None)})

PARENTS = ("order-0", "nobody")

_tags = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), max_size=2)
_prefixes = st.sampled_from(["order-", "order_", "Order-", "\ud7ff", "\U0010ffff", "z"])
_instances = st.tuples(
    _prefixes, st.sampled_from(sorted(FLOWS, key=str)), _tags, st.sampled_from("prbcftsx")
)


def _grow(
    party: Party,
    prefix: str,
    definition: tuple[str, str | None],
    tags: dict[str, str],
    fate: str,
) -> None:
    """One more instance, brought to some status."""
    name, version = definition
    number = party.engine.count(InstanceQuery(internal=True))
    instance_id = f"{prefix}{number}"
    parent = Caller(PARENTS[number % 2], "x", 0) if number % 3 else None
    asked = create(instance_id, name=name, version=version, tags=tags, parent=parent)
    claimed = the_only(party.commit(creates=[asked]).claimed)
    match fate:
        case "r":
            party.run(claimed)
        case "b":
            party.block(claimed)
        case "c":
            party.run(claimed, ended=completed())
        case "f":
            party.run(claimed, ended=failed_with())
        case "s":
            party.commit(messages=[Suspend(instance_id=instance_id)])
        case "x":
            party.commit(messages=[Cancel(instance_id=instance_id)])
        case "t":
            party.commit(messages=[Terminate(instance_id=instance_id, reason="")])
        case _:
            assert fate == "p"


def _queries(clock: SettableClock) -> st.SearchStrategy[InstanceQuery]:
    moments = st.integers(-2, 24).map(lambda seconds: clock.now() - timedelta(seconds=seconds))
    return st.builds(
        InstanceQuery,
        status=st.none() | st.frozensets(st.sampled_from(list(RuntimeStatus)), max_size=4),
        name=st.none() | st.sampled_from(["flow", "stream", "none", OWN]),
        id_prefix=st.none() | _prefixes | st.sampled_from(["", "order", "o"]),
        tags=_tags,
        created_after=st.none() | moments,
        created_before=st.none() | moments,
        completed_before=st.none() | moments,
        parent_id=st.none() | st.sampled_from([*PARENTS, "none"]),
        internal=st.booleans(),
        limit=st.integers(1, 5),
    )


def _matches(query: InstanceQuery, record: InstanceRecord) -> bool:
    return all(
        (
            query.status is None or record.status in query.status,
            query.name in (None, record.name),
            record.instance_id.startswith(query.id_prefix or ""),
            query.tags.items() <= record.tags.items(),
            query.created_after is None or record.created_at > query.created_after,
            query.created_before is None or record.created_at < query.created_before,
            query.completed_before is None
            or (record.completed_at is not None and record.completed_at < query.completed_before),
            query.parent_id in (None, record.parent_id),
            query.internal or query.name == OWN or record.name != OWN,
        )
    )
