"""Statements that fail, disks that are full: a commit that fails leaves nothing, in the file and in
what the engine knows of it."""

import contextlib
import itertools
import random
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.pairs import Pair
from tests.engines.processes import said, worker

from durable_async.engines.sqlite import SqliteEngine
from durable_async.engines.sqlite.database import Database
from durable_async.errors import StoreError
from durable_async.model.history import ActivityCompleted
from durable_async.model.work import Batch, InstanceQuery, Receipt
from durable_async.testing.families import Families, family_steps
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    SettableClock,
    activity,
    delivered,
    value,
)
from durable_async.testing.rivals import Rivals, steps

UNCHECKED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


class Faults:
    """Makes the statement fail that is `left` away. None: none."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.left: int | None = None
        self.struck = False
        self.execute, database.execute = database.execute, self._or_fail("execute")
        self.executemany, database.executemany = database.executemany, self._or_fail("executemany")

    def _or_fail(self, name: str) -> Callable[..., sqlite3.Cursor]:
        def run(sql: str, *values: Any) -> sqlite3.Cursor:
            if self.left == 0 and sql != "ROLLBACK":
                self.struck = True
                raise sqlite3.OperationalError("disk I/O error")
            if self.left is not None:
                self.left -= 1
            cursor: sqlite3.Cursor = getattr(self, name)(sql, *values)
            return cursor

        return run


class Failing(SqliteEngine):
    """Each commit fails at some statement first, and is then asked for again."""

    def open(self) -> None:
        super().open()
        self.faults = Faults(self._database)
        self.places = itertools.cycle([0])

    def commit(self, batch: Batch, /) -> Receipt:
        self.faults.left, self.faults.struck = next(self.places), False
        try:
            receipt = super().commit(batch)
        except StoreError:
            receipt = None
        self.faults.left = None
        assert self.faults.struck == (receipt is None), "what failed is not what was told"
        return receipt or super().commit(batch)


@settings(max_examples=60, suppress_health_check=UNCHECKED)
@given(
    plan=st.lists(steps(), max_size=20),
    places=st.lists(st.integers(0, 25), min_size=1, max_size=20),
)
def test_a_commit_that_failed_at_any_statement_can_be_asked_for_again(
    tmp_path: Path, plan: list[tuple[int, ...]], places: list[int]
) -> None:
    number = len(list(tmp_path.iterdir()))
    clock = SettableClock()
    engine = Failing(str(tmp_path / f"{number}.db"), clock=clock, lease=1e9)
    rivals = Rivals(clock, engine, lambda _, session: engine.lose_session(session))
    engine.places = itertools.cycle(places)
    with contextlib.closing(rivals):
        for step in plan:
            rivals.take(step)


@settings(max_examples=100, suppress_health_check=UNCHECKED)
@given(plan=st.lists(family_steps(), max_size=30))
def test_whatever_instances_ask_of_one_another_is_answered_as_the_reference_does(
    tmp_path: Path, plan: list[tuple[int, ...]]
) -> None:
    number = len(list(tmp_path.iterdir()))
    clock = SettableClock()
    engine = SqliteEngine(str(tmp_path / f"{number}.db"), clock=clock, lease=1e9)
    families = Families(clock, engine, lambda _, session: engine.lose_session(session))
    with contextlib.closing(families):
        for step in plan:
            families.take(step)


@settings(max_examples=60, suppress_health_check=UNCHECKED)
@given(plan=st.lists(family_steps(), max_size=30))
def test_two_processes_answer_together_as_the_reference_does(
    tmp_path: Path, plan: list[tuple[int, ...]]
) -> None:
    number = len(list(tmp_path.iterdir()))
    clock = SettableClock()
    pair = Pair(str(tmp_path / f"{number}.db"), clock)
    families = Families(clock, pair, lambda _, session: pair.lose_session(session))
    with contextlib.closing(families):
        for step in plan:
            families.take(step)


SEEDS = 25
"""Long plays, as hypothesis makes few of them."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_long_play_goes_as_the_reference_goes(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    clock = SettableClock()
    engine: Any = SqliteEngine(str(tmp_path / "shop.db"), clock=clock, lease=1e9)
    if seed % 2:
        engine = Pair(str(tmp_path / "shop.db"), clock)
    families = Families(clock, engine, lambda _, session: engine.lose_session(session))
    with contextlib.closing(families):
        for _ in range(60):
            families.take((rng.randrange(34), *[rng.randrange(12) for _ in range(4)]))


@pytest.mark.parametrize("only", [{"i1"}, {"i0", "i2"}], ids=["one", "two"])
@pytest.mark.parametrize("seed", range(6))
def test_workers_for_some_families_alone_are_given_what_the_reference_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, only: set[str]
) -> None:
    picky = attrs.evolve(EVERYTHING, only=frozenset(only))
    monkeypatch.setattr("durable_async.testing.rivals.EVERYTHING", picky)
    test_a_long_play_goes_as_the_reference_goes(tmp_path, seed)


@settings(max_examples=60, suppress_health_check=UNCHECKED)
@given(
    plan=st.lists(family_steps(), max_size=20),
    places=st.lists(st.integers(0, 60), min_size=1, max_size=20),
)
def test_what_instances_ask_of_one_another_can_be_asked_for_again_when_the_commit_failed(
    tmp_path: Path, plan: list[tuple[int, ...]], places: list[int]
) -> None:
    number = len(list(tmp_path.iterdir()))
    clock = SettableClock()
    engine = Failing(str(tmp_path / f"{number}.db"), clock=clock, lease=1e9)
    families = Families(clock, engine, lambda _, session: engine.lose_session(session))
    engine.places = itertools.cycle(places)
    with contextlib.closing(families):
        for step in plan:
            families.take(step)


@pytest.mark.parametrize("place", range(8))
def test_what_was_in_hand_when_a_commit_failed_is_still_in_hand(tmp_path: Path, place: int) -> None:
    engine = SqliteEngine(str(tmp_path / "shop.db"))
    engine.open()
    party = Party.join(engine)
    claimed = party.start()
    faults = Faults(engine._database)
    faults.left = place
    with pytest.raises(StoreError):
        party.run(claimed, activity(0), activity(1))
    faults.left = None
    assert party.commit().claimed == ()  # whoever runs it has it still
    receipt = party.run(claimed, activity(0))
    assert receipt.episodes == (None,)
    assert len(receipt.activities) == 1
    engine.close()


def test_a_session_that_could_not_be_closed_can_be_closed_later(tmp_path: Path) -> None:
    engine = SqliteEngine(str(tmp_path / "shop.db"))
    engine.open()
    party = Party.join(engine)
    party.run(party.start(), activity(0))
    faults = Faults(engine._database)
    faults.left = 3
    with pytest.raises(StoreError):
        engine.close_session(party.session)
    faults.left = None
    engine.close_session(party.session)
    assert len(Party.join(engine).commit().activities) == 1
    engine.close()


# ---- full ----------------------------------------------------------------------------------


def test_a_store_that_is_full_says_so_and_works_again_when_there_is_room(
    tmp_path: Path,
) -> None:
    engine = SqliteEngine(str(tmp_path / "shop.db"))
    engine.open()
    party = Party.join(engine)
    pages = engine._database.rows("PRAGMA page_count")[0][0]
    engine._database.execute(f"PRAGMA max_page_count = {pages + 20}")
    acknowledged: list[str] = []

    def fill() -> None:
        for number in itertools.count():
            party.start(f"i{number}", input=value("1" * 1_000))
            acknowledged.append(f"i{number}")

    with pytest.raises(StoreError, match="full"):
        fill()
    assert acknowledged
    assert party.engine.count(InstanceQuery()) == len(acknowledged)
    for name in acknowledged:
        assert party.record(name).input == value("1" * 1_000)
    engine._database.execute(f"PRAGMA max_page_count = {pages + 1_000}")
    assert party.start("after").lease.instance_id == "after"
    engine.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
@pytest.mark.parametrize("kib", [700, 2_000])
def test_nothing_that_was_acknowledged_is_lost_when_no_more_can_be_written(
    tmp_path: Path, kib: int
) -> None:
    path = tmp_path / "shop.db"
    engine = SqliteEngine(str(path))
    engine.open()
    engine.close()
    with worker("fill", path, kib) as process:
        lines = said(process)
        assert process.wait() == 0
    acknowledged, (refused, *why) = lines[:-1], lines[-1]
    assert refused == "refused"
    assert "Nothing of this commit was stored" in " ".join(why)
    engine.open()
    party = Party.join(engine)
    told = {
        claimed.lease.instance_id: [*(claimed.history or ()), *delivered(claimed)]
        for claimed in party.commit().claimed
    }
    assert len(acknowledged) > 10
    for word, name in acknowledged:
        if word == "reported":
            result = ActivityCompleted(number=0, result=value(name.removeprefix("i")))
            assert result in (*party.history(name), *told.get(name, ()))
        else:
            assert party.record(name).input != value()
    assert party.start("after").lease.instance_id == "after"
    engine.close()
