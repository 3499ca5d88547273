"""Bits that flip, pages that are lost, rows of a later release.

What is read is what was written, or the instance is set aside and named, and the others go on.
"""

import contextlib
import logging
import random
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from durable_async.convert.records import checksum
from durable_async.engines.sqlite import SqliteEngine
from durable_async.errors import StoreError
from durable_async.model.commands import AnswerRequest, ReleaseLock, RequestLock, StartTimer
from durable_async.model.history import CallFailed
from durable_async.model.identity import NAMED_LOCK, EntityId
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    AttemptFailed,
    Batch,
    Heartbeat,
    InstanceQuery,
    InstanceRecord,
    Receipt,
    Resume,
    Suspend,
    Terminate,
)
from durable_async.testing.parties import (
    EVERYTHING,
    Party,
    activity,
    call,
    child,
    completed,
    counter,
    create,
    delivered,
    event,
    failed,
    signal,
    the_only,
    value,
)

pytestmark = pytest.mark.once  # SQLite's file is the same on each Python

BLOCKED = RuntimeStatus.BLOCKED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def engine(path: Path) -> Iterator[SqliteEngine]:
    engine = SqliteEngine(str(path))
    engine.open()
    yield engine
    engine.close()


def fill(party: Party) -> None:
    """Two instances alike: each has run an episode, has an activity to be retried that left a
    heartbeat, an event in its inbox and a custom status. And one that is done."""
    for name in ("a", "b"):
        task = the_only(party.run(party.start(name), activity(0)).activities)
        party.commit(heartbeats=[Heartbeat(task.lease, value('"beat"'))])
        party.report(task, AttemptFailed(failed("once"), 0.0))
        woken = the_only(party.commit(messages=[event(name, data=value('"first"'))]).claimed)
        party.run(woken, custom_status=value('"half"'))
    party.run(party.start("done"), ended=completed('"result"'))
    for name in ("a", "b"):
        party.commit(claims=False, messages=[event(name, data=value('"second"'))])
    party.engine.close_session(party.session)


def set_bit(path: Path, table: str, column: str, rowid: int, bit: int) -> None:
    """Flip one bit of a stored value."""
    connection = sqlite3.connect(path)
    (data,) = connection.execute(
        f"SELECT {column} FROM {table} WHERE rowid = ?", (rowid,)
    ).fetchone()
    if isinstance(data, int):
        data ^= 1 << bit % 32
    else:
        flipped = bytearray(data)
        flipped[bit // 8 % len(data)] ^= 1 << bit % 8
        data = bytes(flipped)
    connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (data, rowid))
    connection.commit()
    connection.close()


def rows_of(path: Path, table: str, column: str, instance: str) -> list[int]:
    connection = sqlite3.connect(path)
    owner = "id >> 20" if table == "activities" else "instance"
    found = connection.execute(
        f"SELECT rowid FROM {table} WHERE {column} IS NOT NULL AND {owner} ="
        " (SELECT id FROM instances WHERE instance_id = ?)",
        (instance,),
    ).fetchall()
    connection.close()
    return [row[0] for row in found]


def change(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


PLACES = [
    ("history", "data"),
    ("history", "checksum"),
    ("history", "position"),
    ("inbox", "data"),
    ("inbox", "checksum"),
    ("inbox", "at"),
    ("activities", "data"),
    ("activities", "checksum"),
    ("activities", "heartbeat"),
]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("table", "column"), PLACES)
def test_a_bit_that_flips_sets_its_instance_aside_and_no_other(
    path: Path, engine: SqliteEngine, table: str, column: str, seed: int
) -> None:
    fill(Party.join(engine))
    rng = random.Random(f"{table} {column} {seed}")
    row = rng.choice(rows_of(path, table, column, "a"))
    set_bit(path, table, column, row, rng.randrange(10_000))

    party = Party.join(engine)
    receipt = party.commit()
    assert [each.lease.instance_id for each in receipt.claimed if each.news] in (["b"], ["a", "b"])
    record = party.record("a")
    assert record.status is BLOCKED
    assert record.blocked is not None
    assert record.blocked.startswith("damaged: instance 'a'")
    assert str(path) in record.blocked and table in record.blocked
    healthy = next(each for each in receipt.claimed if each.lease.instance_id == "b")
    assert party.run(healthy).episodes == (None,)
    # It stays where it is, whatever definitions come, until somebody puts an end to it.
    other = Party.join(engine, claim=attrs.evolve(EVERYTHING, fingerprint="new"))
    receipt = other.commit(messages=[event("a"), Terminate(instance_id="a", reason="damaged")])
    assert receipt.claimed == ()
    assert receipt.ended == ("a",)


@pytest.mark.parametrize("name", ["a", "done"])
def test_damaged_history_is_never_shown(path: Path, engine: SqliteEngine, name: str) -> None:
    fill(Party.join(engine))
    history = engine.history(name)
    whole = engine.records((name,))[0]
    assert whole is not None
    for row in rows_of(path, "history", "data", name):
        for bit in random.Random(row).sample(range(4_000), 12):
            set_bit(path, "history", "data", row, bit)
            with pytest.raises(StoreError, match="damaged"):
                engine.history(name)
            record = engine.records((name,))[0]
            assert record is not None
            assert record == whole or (record.status is BLOCKED and record.output is None)
            set_bit(path, "history", "data", row, bit)
    assert engine.history(name) == history


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM history WHERE instance = 1 AND position = 0",
        "DELETE FROM history WHERE instance = 1 AND position > 0",
        "UPDATE history SET instance = 99 WHERE instance = 1 AND position > 2",
        "UPDATE instances SET length = 99 WHERE id = 1",
        "UPDATE instances SET execution_id = 'x' WHERE id = 1",
        "UPDATE instances SET definition = 2 WHERE id = 1",
        "UPDATE instances SET definition = 99 WHERE id = 1",
        "UPDATE history SET position = position + 1 WHERE instance = 1 AND position > 0",
    ],
)
def test_rows_that_do_not_fit_together_are_damage(
    path: Path, engine: SqliteEngine, statement: str
) -> None:
    fill(Party.join(engine))
    Party.join(engine).commit(creates=[create("other", name="unknown")], claims=False)
    change(path, statement)
    party = Party.join(engine)
    assert [each.lease.instance_id for each in party.commit().claimed] == ["b"]
    record = party.record("a")
    assert record.status is BLOCKED
    assert record.blocked is not None
    assert record.blocked.startswith("damaged")


def test_an_instance_under_another_id_is_damage(path: Path, engine: SqliteEngine) -> None:
    fill(Party.join(engine))
    change(path, "UPDATE instances SET instance_id = 'z' WHERE instance_id = 'a'")
    party = Party.join(engine)
    assert [each.lease.instance_id for each in party.commit().claimed] == ["b"]
    assert party.record("z").status is BLOCKED
    assert party.engine.records(("a",)) == (None,)


def test_whoever_waits_here_is_to_look_when_an_instance_is_set_aside(
    path: Path, engine: SqliteEngine
) -> None:
    fill(Party.join(engine))
    change(path, "DELETE FROM history WHERE instance = 1 AND position = 0")
    party = Party.join(engine)
    assert engine.changed()
    assert not engine.changed()
    party.commit()
    assert party.record("a").status is BLOCKED
    assert engine.changed()
    assert not engine.changed()


def test_an_instance_whose_news_is_gone_is_left_idle(path: Path, engine: SqliteEngine) -> None:
    fill(Party.join(engine))
    change(path, "DELETE FROM inbox WHERE instance = 1")
    party = Party.join(engine)
    assert [each.lease.instance_id for each in party.commit().claimed] == ["b"]
    assert party.record("a").status is RuntimeStatus.RUNNING
    assert the_only(party.commit(messages=[event("a")]).claimed).history is not None


def test_an_activity_whose_instance_is_gone_is_not_run(path: Path, engine: SqliteEngine) -> None:
    fill(Party.join(engine))
    change(path, "DELETE FROM instances WHERE instance_id = 'a'")
    tasks = Party.join(engine).commit().activities
    assert [task.lease.instance_id for task in tasks] == ["b"]


def test_an_activity_that_is_damaged_while_it_runs_is_found_when_it_is_lost(
    path: Path, engine: SqliteEngine
) -> None:
    party = Party.join(engine)
    party.run(party.start("a"), activity(0))
    set_bit(path, "activities", "data", rows_of(path, "activities", "data", "a")[0], 9)
    engine.lose_session(party.session)
    party = Party.join(engine)
    assert party.commit().activities == ()
    assert party.record("a").status is BLOCKED


def test_pages_that_sqlite_cannot_read_set_their_instance_aside(
    path: Path, engine: SqliteEngine
) -> None:
    marker = "4711" * 10_000
    party = Party.join(engine)
    party.commit(creates=[create("a", input=value(f'"{marker}"')), create("b")], claims=False)
    engine.close()
    data = bytearray(path.read_bytes())
    middle = data.index(marker[:100].encode(), data.index(marker[:100].encode()) + 20_000)
    page = middle // 4096 * 4096
    data[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    engine.open()
    party = Party.join(engine)
    assert [each.lease.instance_id for each in party.commit().claimed] == ["b"]
    record = party.record("a")
    assert record.status is BLOCKED
    assert record.blocked is not None
    assert "malformed" in record.blocked
    with pytest.raises(StoreError, match="damaged"):
        engine.history("a")


def test_the_status_of_an_ended_instance_must_be_that_of_its_history(
    path: Path, engine: SqliteEngine
) -> None:
    fill(Party.join(engine))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE instances SET status = 5 WHERE instance_id = 'done'")
    connection.commit()
    connection.close()
    record = engine.records(("done",))[0]
    assert record is not None
    assert (record.status, record.failure) == (BLOCKED, None)


def test_a_damaged_custom_status_or_failure_is_not_shown(path: Path, engine: SqliteEngine) -> None:
    fill(Party.join(engine))
    connection = sqlite3.connect(path)
    (instance,) = connection.execute("SELECT id FROM instances WHERE instance_id = 'a'").fetchone()
    connection.close()
    for table, column, row in [
        ("custom_statuses", "data", instance),
        ("activities", "failure", instance << 20),
    ]:
        set_bit(path, table, column, row, 77)
        record = engine.records(("a",))[0]
        assert record is not None
        assert (record.status, record.custom_status) == (BLOCKED, None)
        set_bit(path, table, column, row, 77)
    record = engine.records(("a",))[0]
    assert record is not None
    assert record.custom_status == value('"half"')


def test_a_damaged_instance_does_not_hide_the_others_in_a_list(
    path: Path, engine: SqliteEngine
) -> None:
    fill(Party.join(engine))
    set_bit(path, "history", "data", rows_of(path, "history", "data", "a")[0], 5)
    records = engine.page(InstanceQuery()).records
    assert [each.instance_id for each in records] == ["done", "b", "a"]
    assert [each.blocked is not None for each in records] == [False, False, True]


# ---- the file beneath ----------------------------------------------------------------------


def survey(path: Path) -> tuple[list[InstanceRecord], dict[str, object], Receipt | None]:
    """All that can be read of a file, by every way there is."""
    engine = SqliteEngine(str(path))
    engine.open()
    try:
        records = list(engine.page(InstanceQuery()).records)
        histories: dict[str, object] = {}
        for each in records:
            try:
                histories[each.instance_id] = engine.history(each.instance_id)
            except StoreError:
                histories[each.instance_id] = None
        try:
            receipt = Party.join(engine).commit()
        except StoreError:
            receipt = None
        return records, histories, receipt
    finally:
        try:
            engine.close()
        except StoreError:
            logging.getLogger(__name__).info("it could not be closed in order")


@pytest.mark.parametrize("seed", range(40))
def test_no_bit_anywhere_in_the_file_gives_a_value_that_was_not_stored(
    path: Path, engine: SqliteEngine, tmp_path: Path, seed: int
) -> None:
    fill(Party.join(engine))
    engine.close()
    _, histories, receipt = survey_copy(path, tmp_path / "whole.db")
    assert receipt is not None
    values = {value(text) for text in ("[]", "[0]", '"half"', '"result"', '"beat"')}
    damaged = bytearray(path.read_bytes())
    rng = random.Random(seed)
    if seed % 8 == 0:
        start = rng.randrange(1, len(damaged) // 4096) * 4096
        damaged[start : start + 4096] = bytes(4096)
    elif seed % 8 == 1:
        del damaged[rng.randrange(4096, len(damaged)) :]
    else:
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    broken = tmp_path / "broken.db"
    broken.write_bytes(damaged)
    try:
        found, read, claimed = survey(broken)
    except StoreError:
        return  # it says so
    for each in found:
        assert {each.input, each.custom_status, each.output} <= {*values, None, value()}
        assert read[each.instance_id] in (None, histories.get(each.instance_id))
    if claimed is not None:
        for one in claimed.claimed:
            assert one.history == histories[one.lease.instance_id]
        for task in claimed.activities:
            assert {task.input, task.heartbeat} <= values


def survey_copy(
    path: Path, copy: Path
) -> tuple[list[InstanceRecord], dict[str, object], Receipt | None]:
    shutil.copy(path, copy)
    return survey(copy)


# ---- a later release -----------------------------------------------------------------------


def rewrite(path: Path, instance: str, table: str, data: bytes) -> None:
    """Store something else, with a checksum that fits."""
    connection = sqlite3.connect(path)
    key, execution_id = connection.execute(
        "SELECT id, execution_id FROM instances WHERE instance_id = ?", (instance,)
    ).fetchone()
    if table == "history":
        connection.execute(
            "UPDATE history SET data = ?, checksum = ? WHERE instance = ? AND position = 0",
            (data, checksum(data, execution_id, 0), key),
        )
    else:
        connection.execute(
            "UPDATE activities SET data = ?, checksum = ? WHERE id = ?",
            (data, checksum(data, key << 20), key << 20),
        )
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("table", "data"),
    [
        ("history", b"\x93\x01\xc4\x01\xff\x91\x80"),  # an event of kind 255
        ("history", b"\x93\x02\xc4\x01\x01\x91\x80"),  # format 2
        ("activities", b"\x81\xa3new\x01"),
    ],
)
def test_what_a_later_release_wrote_is_left_for_it_and_said_once(
    path: Path,
    engine: SqliteEngine,
    caplog: pytest.LogCaptureFixture,
    table: str,
    data: bytes,
) -> None:
    fill(Party.join(engine))
    rewrite(path, "a", table, data)
    party = Party.join(engine)
    seen = []
    for _ in range(3):
        receipt = party.commit(creates=[create(f"new{len(seen)}")])
        seen += [each.lease.instance_id for each in receipt.claimed]
        seen += [task.lease.instance_id for task in receipt.activities]
        assert receipt.next_due is None
    assert caplog.text.count("instance 'a' is left alone") == 1
    assert {"b", "new0"} <= set(seen)
    assert seen.count("a") == 1  # its activity, or else itself
    connection = sqlite3.connect(path)
    (status,) = connection.execute(
        "SELECT status FROM instances WHERE instance_id = 'a'"
    ).fetchone()
    connection.close()
    assert status == 1  # RUNNING, as before
    assert [delivered(each) for each in receipt.claimed] == [[]]


# ---- what instances ask of one another -------------------------------------------------------


def set_bit_of(path: Path, table: str, column: str, bit: int) -> None:
    """Flip one bit of the only row."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        if table == "waiters":  # it has no rowid
            connection.execute("UPDATE waiters SET checksum = checksum + 1")
            connection.commit()
            return
        ((rowid,),) = connection.execute(f"SELECT rowid FROM {table}").fetchall()
    set_bit(path, table, column, rowid, bit)


def test_a_timer_at_another_time_is_damage(path: Path, engine: SqliteEngine) -> None:
    party = Party.join(engine)
    due = engine.now() + timedelta(days=1)
    party.run(party.start(), StartTimer(number=0, due=due))
    change(path, "UPDATE timers SET due = 1")
    change(path, "UPDATE instances SET ready_at = 1")
    assert party.commit().claimed == ()
    record = party.record()
    assert record.status is BLOCKED
    assert record.blocked is not None and "timers" in record.blocked


def test_who_waits_for_what_nobody_knows_any_more_is_set_aside(
    path: Path, engine: SqliteEngine
) -> None:
    party = Party.join(engine)
    born = the_only(party.run(party.start("p"), child()).claimed)
    set_bit_of(path, "waiters", "checksum", 3)
    receipt = party.run(born, ended=completed())
    assert receipt.episodes == (None,)
    assert receipt.claimed == ()
    assert party.record("p").status is BLOCKED
    assert party.record("c").status is RuntimeStatus.COMPLETED
    assert party.commit(messages=[Terminate(instance_id="p", reason="")]).ended == ("p",)


@pytest.mark.parametrize("column", ["data", "checksum", "at"])
def test_a_damaged_operation_fails_its_caller_and_holds_nobody_up(
    path: Path, engine: SqliteEngine, column: str, caplog: pytest.LogCaptureFixture
) -> None:
    caller = Party.join(engine, claim=attrs.evolve(EVERYTHING, max_entities=0))
    caller.run(caller.start(), call(0))
    set_bit_of(path, "operations", column, 2)
    engine.commit(Batch(messages=(signal(),)))
    claimed = the_only(Party.join(engine).commit().claimed_entities)
    assert [each.name for each in claimed.operations] == ["add"]
    (failed_call,) = delivered(the_only(caller.commit().claimed))
    assert isinstance(failed_call, CallFailed)
    assert "checksum" in failed_call.failure.message
    assert "an operation is dropped" in caplog.text


def test_a_damaged_state_sets_its_entity_aside_and_no_other(
    path: Path, engine: SqliteEngine, caplog: pytest.LogCaptureFixture
) -> None:
    party = Party.join(engine)
    claimed = the_only(party.commit(messages=[signal("a")]).claimed_entities)
    party.operate(claimed, state=value("1"))
    set_bit_of(path, "entities", "state", 77)
    receipt = party.commit(messages=[signal("a"), signal("b")])
    assert [each.lease.entity.key for each in receipt.claimed_entities] == ["b"]
    assert "entity 'counter' 'a' is set aside" in caplog.text
    with pytest.raises(StoreError, match="entities"):
        engine.entity(counter("a"))


def test_a_damaged_lock_sets_its_instance_aside_and_frees_the_others(
    path: Path, engine: SqliteEngine
) -> None:
    party = Party.join(engine)
    names = (EntityId(NAMED_LOCK, "m"), EntityId(NAMED_LOCK, "n"))
    holder = party.start("holder")
    receipt = party.run(holder, RequestLock(number=0, entities=names[:1]))
    woken = the_only(receipt.claimed)
    party.run(party.start("waits"), RequestLock(number=0, entities=names))
    change(path, "UPDATE locks SET data = zeroblob(20) WHERE granted = 0")
    party.run(woken, ReleaseLock(number=0))
    assert party.record("waits").status is BLOCKED
    assert engine.entity(names[0]) is None


def test_a_damaged_answer_is_told_of(path: Path, engine: SqliteEngine) -> None:
    party = Party.join(engine)
    party.run(party.start(), AnswerRequest(number=0, request_id="q", result=value("7")))
    set_bit_of(path, "answers", "data", 99)
    with pytest.raises(StoreError):
        engine.answer("q")


@pytest.mark.parametrize("column", ["status", "reason", "ready_at", "checksum"])
def test_what_was_suspended_and_is_damaged_is_set_aside(
    path: Path, engine: SqliteEngine, column: str
) -> None:
    party = Party.join(engine)
    party.run(party.start(), StartTimer(number=0, due=engine.now() + timedelta(days=1)))
    party.commit(messages=[Suspend(instance_id="i", reason="why")])
    new = "'other'" if column == "reason" else "7"
    change(path, f"UPDATE suspensions SET {column} = {new}")
    assert party.record().status is BLOCKED
    party.commit(messages=[Resume(instance_id="i")])
    assert party.record().status is BLOCKED
    assert party.commit(messages=[Terminate(instance_id="i", reason="")]).ended == ("i",)
