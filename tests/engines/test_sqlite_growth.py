"""What work costs does not depend on how much else is in the store."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from durable_async.engines.sqlite import SqliteEngine, entity_listing, listing, queries
from durable_async.engines.sqlite.transaction import SLICE
from durable_async.model.commands import AwaitEvent, StartTimer
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import ActivityReport, AttemptCancelled, Batch, InstanceQuery
from durable_async.testing.parties import (
    Party,
    SettableClock,
    activity,
    completed,
    create,
    event,
    the_only,
    value,
)

SCANS = {
    "SESSIONS": "all of them are looked at; there are as many as workers",
    "HASTEN_INSTANCES": "once, when the clock was set back",
    "HASTEN_ENTITIES": "once, when the clock was set back",
    "OPERATIONS_AHEAD": "once, when the clock was set back",
    "TAKE_SERIAL": "a row for each table",
    "NEWEST": "of what there are few: sessions, and one instance",
}
"""Statements that read a whole table, and why they may."""


BEGINNINGS = ("_COLUMNS", "_FOUND", "_LEASABLE", "_OPERATION", "_STEP")
"""What is only the beginning of other statements."""


def statements() -> Iterator[tuple[str, str]]:
    for module in (queries, listing, entity_listing):
        for name, found in vars(module).items():
            if name in BEGINNINGS:
                continue
            for sql in found if isinstance(found, tuple) else (found,):
                if isinstance(sql, str) and re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT)", sql):
                    yield name, sql


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[SqliteEngine]:
    engine = SqliteEngine(str(tmp_path / "shop.db"))
    engine.open()
    yield engine
    engine.close()


@pytest.mark.parametrize(("name", "sql"), list(statements()), ids=lambda each: each[:24])
def test_each_statement_finds_its_rows_through_an_index(
    engine: SqliteEngine, name: str, sql: str
) -> None:
    named = re.findall(r":(\w+)", sql)
    values: object = dict.fromkeys(named, 1) if named else (1,) * sql.count("?")
    plan = [row[3] for row in engine._database.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    scans = [step for step in plan if step.startswith("SCAN") and "CONSTANT" not in step]
    assert bool(scans) == (name in SCANS), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_pages_are_read_in_order_from_the_index(engine: SqliteEngine) -> None:
    Party.join(engine).commit(creates=[create(f"i{number}") for number in range(3)])
    seen: list[str] = []
    connection = engine._database._connection
    assert connection is not None
    connection.set_trace_callback(seen.append)
    engine.page(InstanceQuery(status=frozenset({RuntimeStatus.PENDING}), limit=2))
    connection.set_trace_callback(None)
    (walk,) = [sql for sql in seen if "ORDER BY created_at DESC" in sql]
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {walk}")]
    assert all("USING COVERING INDEX instances_listed" in step for step in plan), plan


def statements_of(engine: SqliteEngine, batch: Batch) -> int:
    """How many statements a commit runs."""
    connection = engine._database._connection
    assert connection is not None
    seen: list[str] = []
    connection.set_trace_callback(seen.append)
    engine.commit(batch)
    connection.set_trace_callback(None)
    return len(seen)


def test_a_step_takes_few_statements_however_long_the_history_is(engine: SqliteEngine) -> None:
    party = Party.join(engine)
    claimed = party.start()
    party.run(claimed)
    counts = set()
    for _ in range(30):
        episode = party.episode(claimed)
        batch = Batch(session=party.session, claim=party.claim, episodes=(episode,))
        counts.add(statements_of(engine, batch))
        party.lengths["i"] += 1
    assert max(counts) <= 7, counts


def test_an_instance_that_waits_for_an_event_is_small(engine: SqliteEngine, tmp_path: Path) -> None:
    party = Party.join(engine)
    number, await_event = 500, AwaitEvent(number=0, name="approved", line="/srv/shop/flows.py:31")
    names = [f"order-{each:012}" for each in range(number)]
    asked = [
        create(name, execution_id=f"{place:032x}", input=value('["customer", 1250]'))
        for place, name in enumerate(names)
    ]
    receipt = party.commit(creates=asked)
    party.run_all(*[party.episode(each, await_event) for each in receipt.claimed])
    party.engine.close_session(party.session)
    engine.close()
    assert (tmp_path / "shop.db").stat().st_size / number < 2_048


def test_what_has_ended_leaves_only_its_history(engine: SqliteEngine) -> None:
    party = Party.join(engine)
    due = engine.now() + timedelta(days=1)
    party.run(party.start(), activity(0), activity(1), StartTimer(number=2, due=due))
    woken = the_only(party.commit(messages=[event()]).claimed)
    party.commit(messages=[event()])
    receipt = party.run(woken, ended=completed())
    for lease in receipt.cancelled:
        party.commit(reports=[ActivityReport(lease, AttemptCancelled())])
    party.engine.close_session(party.session)
    for table in ("inbox", "timers", "activities", "sessions"):
        assert engine._database.rows(f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_dead_session_with_much_in_hand_is_freed_a_slice_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("durable_async.engines.sqlite.transaction.SLICE", 10)
    assert SLICE > 10
    engine = SqliteEngine(str(tmp_path / "shop.db"), clock=SettableClock())
    engine.open()
    party = Party.join(engine)
    party.commit(creates=[create(f"i{number}") for number in range(35)])
    other = Party.join(engine)
    engine.lose_session(party.session)
    counts = []
    while sum(counts) < 35:
        counts.append(len(other.commit().claimed))
    assert counts == [10, 10, 10, 5]
    assert other.commit().claimed == ()
    assert engine._database.rows("SELECT count(*) FROM sessions") == [(1,)]
    engine.close()


def test_instances_of_others_cost_a_claim_nothing(engine: SqliteEngine) -> None:
    """A store with many instances that are ready, and that this worker cannot run."""
    party = Party.join(engine)
    few = Batch(session=party.session, claim=party.claim, creates=(create("a"),))
    before = statements_of(engine, few)
    names = [f"x{number}" for number in range(2_000)]
    engine.commit(Batch(creates=tuple(create(name, name="unknown") for name in names)))
    again = Batch(session=party.session, claim=party.claim, creates=(create("b"),))
    statements_of(engine, again)
    last = Batch(session=party.session, claim=party.claim, creates=(create("c"),))
    assert statements_of(engine, last) <= before


def test_an_idle_claim_asks_the_file_little(engine: SqliteEngine) -> None:
    party = Party.join(engine)
    party.run(party.start(), activity(0))
    party.commit()
    idle = Batch(session=party.session, claim=party.claim)
    assert statements_of(engine, idle) <= 4


def test_lists_of_what_many_have_in_common_are_read_in_order(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("durable_async.engines.sqlite.listing.FEW", 2)
    names = [f"{prefix}{number}" for number in range(4) for prefix in "ab"]
    asked = [create(name, tags={"first": name[0], "last": name[1]}) for name in names]
    engine.commit(Batch(creates=tuple(asked)))
    for query, expected in [
        (InstanceQuery(id_prefix="a"), ["a3", "a2", "a1", "a0"]),
        (InstanceQuery(tags={"first": "b"}), ["b3", "b2", "b1", "b0"]),
        (InstanceQuery(tags={"first": "b", "last": "2"}), ["b2"]),
        (InstanceQuery(tags={"first": "b"}, id_prefix="a"), []),
    ]:
        assert [each.instance_id for each in engine.page(query).records] == expected
        assert engine.count(query) == len(expected)
