"""What work costs does not depend on how much else is in the store."""

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import attrs
import pytest

from durable_async.engines.sqlite import SqliteEngine, entity_listing, listing, queries
from durable_async.engines.sqlite.transaction import SLICE
from durable_async.model.commands import (
    AnswerRequest,
    AwaitEvent,
    AwaitInstance,
    RequestLock,
    SignalEntity,
    StartTimer,
)
from durable_async.model.history import EventReceived
from durable_async.model.identity import NAMED_LOCK, EntityId
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    ActivityReport,
    AttemptCancelled,
    Batch,
    Claimed,
    ForgetAnswer,
    InstanceQuery,
    Purge,
    Suspend,
    Terminate,
)
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    call,
    child,
    completed,
    continued,
    counter,
    create,
    event,
    signal,
    succeeded,
    the_only,
    value,
)

pytestmark = pytest.mark.once  # SQLite's file is the same on each Python

SCANS = {
    "SESSIONS": "all of them are looked at; there are as many as workers",
    "HASTEN_INSTANCES": "once, when the clock was set back",
    "HASTEN_ENTITIES": "once, when the clock was set back",
    "OPERATIONS_AHEAD": "once, when the clock was set back",
    "TAKE_SERIAL": "a row for each table",
    "HAVE_LEFT": "the rows that it is given",
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
    assert counts(engine, "inbox", "timers", "activities", "sessions", "offers") == [0] * 5


def counts(engine: SqliteEngine, *tables: str) -> list[int]:
    return [engine._database.rows(f"SELECT count(*) FROM {each}")[0][0] for each in tables]


ASKED = ("waiters", "operations", "locks", "suspensions", "answers")


def test_what_was_asked_of_others_leaves_nothing_when_it_is_over(engine: SqliteEngine) -> None:
    party = Party.join(engine, claim=attrs.evolve(EVERYTHING, entities=frozenset()))
    section = RequestLock(number=2, entities=(counter(), EntityId(NAMED_LOCK, "n")))
    asked = (child(number=0), AwaitInstance(number=1, instance_id="other"), section)
    other = AnswerRequest(number=3, request_id="q", result=value())
    party.commit(creates=[create("other", name="unknown")])
    party.run(party.start("p"), *asked, other, call(4), call(5, lock=2))
    party.commit(messages=[Suspend(instance_id="p"), event("p")])
    assert 0 not in counts(engine, *ASKED, "entities")
    party.commit(messages=[Terminate(instance_id="p", reason="")])
    party.commit(messages=[Purge(instance_id="p"), ForgetAnswer(request_id="q")])
    tables = (*ASKED, "entities", "inbox", "history", "timers", "activities")
    kept = counts(engine, "instances", *tables)
    assert kept == [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]  # the one that nobody has run


GENERATIONS = 10_000


def test_generations_do_not_make_the_file_grow(tmp_path: Path) -> None:
    engine = SqliteEngine(str(tmp_path / "shop.db"))
    engine.open()
    engine._database.execute("PRAGMA synchronous = OFF")
    party = Party.join(engine)
    claimed = party.start()
    pages = []
    for generation in range(1, GENERATIONS + 1):
        due = engine.now() + timedelta(days=1)
        timer = StartTimer(number=0, due=due)
        if generation % 10 == 0:  # some take more than an episode, and leave much behind
            receipt = party.run(claimed, activity(1), timer, signal_of(2))
            task = the_only(receipt.activities)
            party.operate(the_only(receipt.claimed_entities))
            claimed = the_only(party.commit(reports=[succeeded(task, "1" * 500)]).claimed)
        ended = continued(generation=generation + 1, tags={"at": f"{generation % 7}"})
        claimed = the_only(party.run(claimed, ended=ended, carried=(event_of(),)).claimed)
        if generation % (GENERATIONS // 20) == 0:
            pages.append(engine._database.rows("PRAGMA page_count")[0][0])
    assert max(pages) <= pages[0] + 2, pages
    assert counts(engine, "instances", "history", "tags", "inbox") == [1, 1, 1, 1]
    engine.close()


def signal_of(number: int) -> SignalEntity:
    return SignalEntity(number=number, entity=counter(), operation="add", input=value("[]"))


def event_of() -> EventReceived:
    return EventReceived(name="kept", data=value())


def test_a_child_costs_its_parent_the_same_however_many_there_are(engine: SqliteEngine) -> None:
    """Steps of SQLite's machine, not statements: a look at all of them would be one statement."""
    party = Party.join(engine)
    claimed = party.start("p")
    costs = []
    for number in range(400):
        costs.append(steps_of(engine, partial(bear, party, claimed, number)))
    assert costs[-1] < costs[10] * 1.5, (costs[10], costs[-1])


def test_an_operation_costs_the_same_however_many_entities_there_are(
    engine: SqliteEngine,
) -> None:
    party = Party.join(engine)
    costs = []
    for number in range(400):
        costs.append(steps_of(engine, partial(add, party, f"k{number:05}")))
    assert costs[-1] < costs[10] * 1.5, (costs[10], costs[-1])


def bear(party: Party, parent: Claimed, number: int) -> None:
    born = the_only(party.run(parent, child(f"c{number}", number=number)).claimed)
    assert party.run(born, AwaitEvent(number=0, name="go")).claimed == ()


def add(party: Party, key: str) -> None:
    claimed = the_only(party.commit(messages=[signal(key)]).claimed_entities)
    party.operate(claimed, state=value("1"))


def steps_of(engine: SqliteEngine, act: Callable[[], object]) -> int:
    connection = engine._database._connection
    assert connection is not None
    seen = itertools.count()
    # What returns a true value would interrupt the statement.
    connection.set_progress_handler(lambda: next(seen) < 0, 20)
    act()
    connection.set_progress_handler(None, 20)
    return next(seen)


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
