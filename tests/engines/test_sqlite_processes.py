"""Several processes on one file, and what is left when one is killed."""

import logging
import random
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engines.processes import heard, said, worker

from durable_async.engines.sqlite import SqliteEngine
from durable_async.engines.sqlite.database import has_wal_reset_defect
from durable_async.errors import LeaseLostError
from durable_async.model.history import ActivityCompleted, EventReceived
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    ActivityReport,
    AttemptSucceeded,
    Batch,
    Heartbeat,
    InstanceQuery,
    Terminate,
)
from durable_async.ports import Clock
from durable_async.testing.parties import (
    Party,
    SettableClock,
    activity,
    completed,
    create,
    delivered,
    event,
    the_only,
    value,
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "shop.db")


class Opened:
    """Engines on one file, closed at the end of the test."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._engines: list[SqliteEngine] = []

    def __call__(
        self, clock: Clock | None = None, *, lease: float = 10.0, namespace: str = "default"
    ) -> SqliteEngine:
        engine = SqliteEngine(self._path, clock=clock, lease=lease, namespace=namespace)
        engine.open()
        self._engines.append(engine)
        return engine

    def close(self) -> None:
        for engine in self._engines:
            engine.close()


@pytest.fixture
def opened(path: str) -> Iterator[Opened]:
    opened = Opened(path)
    yield opened
    opened.close()


# ---- killed --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_was_acknowledged_is_lost_when_the_process_is_killed(
    path: str, opened: Opened, seed: int
) -> None:
    lines = random.Random(seed).randint(1, 120)
    with worker("steps", path) as process:
        acknowledged = [heard(process) for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        process.wait()
        acknowledged += said(process)

    party = Party.join(opened())
    receipt = party.commit()
    told: dict[str, list[object]] = defaultdict(list)
    for claimed in receipt.claimed:
        told[claimed.lease.instance_id] += delivered(claimed)
    for word, name in acknowledged:
        record = party.record(name)
        known = [*party.history(name), *told[name]]
        number = name.removeprefix("i")
        match word:
            case "started":
                assert record.input == value('""')
            case "reported":
                assert ActivityCompleted(number=0, result=value(number)) in known
                assert record.activities == ()
            case "raised":
                ended = record.status is RuntimeStatus.COMPLETED
                assert ended or EventReceived(name="go", data=value('""')) in known
            case "ended":
                assert record.output == value(number)
            case _:
                pytest.fail(f"what is {word!r}?")
    assert {task.lease.instance_id for task in receipt.activities}.isdisjoint(
        name for word, name in acknowledged if word == "reported"
    )


def test_the_work_of_a_killed_process_is_taken_over_without_waiting_for_its_lease(
    path: str, opened: Opened
) -> None:
    engine = opened(lease=1e9)
    party = Party.join(engine)
    claimed = party.start()
    party.run(claimed, activity(0))
    party.commit(messages=[event()], claims=False)
    engine.close_session(party.session)
    party = Party.join(engine)
    with worker("hold", path) as process:
        assert heard(process) == ["held", "1", "1"]
        receipt = party.commit()
        assert (receipt.claimed, receipt.activities) == ((), ())
        process.send_signal(signal.SIGKILL)
        process.wait()
    engine.look_at_others()
    receipt = party.commit()
    assert the_only(receipt.claimed).news != ()
    assert the_only(receipt.activities).attempt == 1
    assert engine.changed()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_child_that_was_forked_off_delays_the_take_over(path: str, opened: Opened) -> None:
    engine = opened(lease=1e9)
    party = Party.join(engine)
    party.run(party.start(), activity(0))
    engine.close_session(party.session)
    party = Party.join(engine)
    with worker("fork", path) as process:
        assert heard(process) == ["held", "0", "1"]
        process.send_signal(signal.SIGKILL)
        process.wait()
        engine.look_at_others()
        assert party.commit().activities == ()  # the child holds the lock
        assert process.stdin is not None
        process.stdin.close()
        assert heard(process) == []  # it has ended as well
        engine.look_at_others()
        assert the_only(party.commit().activities).attempt == 1


# ---- at work together ----------------------------------------------------------------------


def test_four_processes_share_a_file_and_none_is_told_that_it_is_locked(
    path: str, opened: Opened
) -> None:
    opened()  # so that they are not the first
    with (
        worker("share", path, "a", 12) as a,
        worker("share", path, "b", 12) as b,
        worker("share", path, "c", 12) as c,
        worker("share", path, "d", 12) as d,
    ):
        assert [heard(each) for each in (a, b, c, d)] == [["done"]] * 4
        assert [each.wait() for each in (a, b, c, d)] == [0] * 4
    engine = opened()
    done = frozenset({RuntimeStatus.COMPLETED})
    records = engine.page(InstanceQuery(status=done, limit=100)).records
    assert len(records) == 48
    assert {each.output for each in records} == {value("3")}
    for each in records:
        results = [
            event.number
            for event in engine.history(each.instance_id)
            if isinstance(event, ActivityCompleted)
        ]
        assert results == [0, 1, 2]


def test_processes_that_open_a_new_file_at_once_agree_on_it(path: str, opened: Opened) -> None:
    with worker("hold", path) as a, worker("hold", path) as b, worker("hold", path) as c:
        assert [heard(each)[0] for each in (a, b, c)] == ["held"] * 3
    assert opened().count(InstanceQuery()) == 0


def test_what_one_engine_commits_the_others_notice_once(opened: Opened) -> None:
    first, second = opened(), opened()
    assert not second.changed()
    party = Party.join(first)
    assert second.changed()
    assert not second.changed()
    party.start()
    assert second.changed()
    assert not first.changed()


def test_a_commit_does_not_hide_what_others_did_before_it(opened: Opened) -> None:
    first, second = opened(), opened()
    party = Party.join(second)
    second.changed()
    Party.join(first)
    party.commit(creates=[create()])
    assert second.changed()


def test_a_claim_that_finds_nothing_wakes_nobody(opened: Opened) -> None:
    clock = SettableClock()
    first, second = opened(clock), opened(clock)
    idle = Party.join(second)
    idle.commit()
    busy = Party.join(first)
    busy.commit(creates=[create(name="unknown")])
    first.changed()
    for _ in range(3):
        assert idle.commit().claimed == ()
        assert not first.changed()
    clock.advance(second.renew_every)
    idle.commit()
    assert first.changed()  # it has renewed its lease


def test_an_instance_that_one_engine_holds_is_woken_by_anothers_message(opened: Opened) -> None:
    worker_side, client_side = opened(), opened()
    party, client = Party.join(worker_side), Party.join(client_side)
    party.run(party.start())
    client.commit(messages=[event()], claims=False)
    woken = the_only(party.commit().claimed)
    assert woken.history is None
    assert delivered(woken) == [EventReceived(name="go", data=value())]


def test_a_message_that_comes_during_an_episode_is_delivered_after_it(opened: Opened) -> None:
    party, client = Party.join(opened()), Party.join(opened())
    claimed = party.start()
    client.commit(messages=[event()], claims=False)
    receipt = party.run(claimed)
    assert receipt.episodes == (None,)
    assert delivered(the_only(receipt.claimed)) == [EventReceived(name="go", data=value())]


def test_whoever_terminates_from_another_process_stops_episode_and_activity(
    opened: Opened,
) -> None:
    party, client = Party.join(opened()), Party.join(opened())
    claimed = party.start()
    task = the_only(party.run(claimed, activity(0)).activities)
    party.commit(messages=[event()])
    client.commit(messages=[Terminate(instance_id="i", reason="")], claims=False)
    receipt = party.run(claimed, ended=completed())
    assert receipt.episodes != (None,)
    assert receipt.cancelled == (task.lease,)
    assert party.commit().cancelled == ()
    assert party.report(task, AttemptSucceeded(value())).reports == (None,)


def test_namespaces_in_one_file_know_nothing_of_each_other(opened: Opened) -> None:
    first, second = Party.join(opened(namespace="a")), Party.join(opened(namespace="b"))
    first.commit(creates=[create("i", input=value("1"))], claims=False)
    second.commit(creates=[create("i", input=value("2"))], claims=False)
    for party, number in ((first, "1"), (second, "2")):
        receipt = party.commit()
        assert the_only(receipt.claimed).lease.instance_id == "i"
        assert party.record().input == value(number)
        assert party.engine.count(InstanceQuery()) == 1
        assert len(party.engine.page(InstanceQuery()).records) == 1
        task = the_only(party.run(the_only(receipt.claimed), activity(0)).activities)
        assert task.input == value("[0]")


def test_a_session_of_another_namespace_is_cleared_away_too(opened: Opened) -> None:
    clock = SettableClock()
    first = opened(clock, namespace="a")
    party, other = Party.join(first), Party.join(opened(clock, namespace="b"))
    party.run(party.start(), activity(0, on_lost="fail"))
    first.lose_session(party.session)
    clock.advance(1)
    other.commit()
    assert the_only(Party.join(first).commit().claimed).news != ()


def test_a_silent_session_is_watched_before_it_is_taken_over(opened: Opened) -> None:
    clock = SettableClock()
    party = Party.join(opened(clock))
    party.run(party.start(), activity(0))
    clock.advance(86_400)  # the computer slept, or its clock was set
    other = Party.join(opened(clock))
    for _ in range(3):
        assert other.commit().activities == ()
        clock.advance(3)
    taken = []
    for _ in range(3):
        taken += other.commit().activities
        clock.advance(3)
    assert the_only(taken).attempt == 1


def test_a_process_that_was_stopped_itself_does_not_rob_the_others(opened: Opened) -> None:
    clock = SettableClock()
    party, other = Party.join(opened(clock)), Party.join(opened(clock))
    party.run(party.start(), activity(0))
    other.commit()
    clock.advance(100)  # both were
    assert other.commit().activities == ()
    assert the_only(party.record().activities).running


def test_a_session_that_comes_back_in_time_keeps_what_it_holds(opened: Opened) -> None:
    clock = SettableClock()
    engine = opened(clock)
    party, other = Party.join(opened(clock)), Party.join(engine)
    party.run(party.start(), activity(0))
    for _ in range(5):
        engine.changed()
        clock.advance(3)
    party.commit()
    assert other.commit().activities == ()
    assert the_only(party.record().activities).running


def test_two_processes_may_see_that_a_session_is_dead(opened: Opened) -> None:
    clock = SettableClock()
    engines = [opened(clock) for _ in range(3)]
    party, first, second = [Party.join(engine) for engine in engines]
    party.run(party.start(), activity(0))
    engines[0].lose_session(party.session)
    clock.advance(1)
    assert engines[1].changed()
    assert engines[2].changed()
    taken = [*first.commit().activities, *second.commit().activities]
    assert the_only(taken).attempt == 1
    assert the_only(first.record().activities).running


def test_what_was_taken_over_while_its_session_slept_is_refused(opened: Opened) -> None:
    clock = SettableClock()
    party, other = Party.join(opened(clock)), Party.join(opened(clock))
    task = the_only(party.run(party.start(), activity(0)).activities)
    taken = []
    for _ in range(8):
        taken += other.commit().activities
        clock.advance(2)
    receipt = party.commit(
        heartbeats=[Heartbeat(task.lease, None)],
        reports=[ActivityReport(task.lease, AttemptSucceeded(value()))],
    )
    assert isinstance(the_only(receipt.reports), LeaseLostError)
    assert isinstance(the_only(receipt.heartbeats), LeaseLostError)
    assert other.report(the_only(taken), AttemptSucceeded(value())).reports == (None,)


# ---- side files ----------------------------------------------------------------------------


def test_the_folder_of_sessions_is_there_only_while_one_is_open(path: str, opened: Opened) -> None:
    folder = Path(f"{path}.sessions")
    engine = opened()
    assert not folder.exists()
    session = engine.open_session("me")
    assert [each.name for each in folder.iterdir()] == [session]
    engine.close_session(session)
    assert not folder.exists()


def test_files_of_dead_sessions_are_cleared_away(path: str, opened: Opened) -> None:
    with worker("hold", path) as process:
        heard(process)
    folder = Path(f"{path}.sessions")
    assert len(list(folder.iterdir())) == 1
    engine = opened()
    party = Party.join(engine)
    party.commit()
    assert [each.name for each in folder.iterdir()] == [party.session]
    (folder / "12345").touch()  # of a session that the file knows nothing of
    engine.close_session(Party.join(engine).session)
    assert [each.name for each in folder.iterdir()] == [party.session]


def test_without_side_files_the_lease_time_counts(
    path: str, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    Path(f"{path}.sessions").touch()  # something is in the way
    clock = SettableClock()
    party, other = Party.join(opened(clock)), Party.join(opened(clock))
    assert "cannot be made" in caplog.text
    party.run(party.start(), activity(0))
    other.commit()
    for _ in range(8):
        assert other.commit(claims=False).activities == ()
        clock.advance(2)
    assert the_only(other.commit().activities).attempt == 1


# ---- the defect of SQLite ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "has_it"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_versions_of_sqlite_that_may_lose_pages_are_known(
    version: tuple[int, ...], has_it: bool
) -> None:
    assert has_wal_reset_defect(version) is has_it


def test_several_writers_on_a_defective_sqlite_are_warned_once(
    opened: Opened, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("durable_async.engines.sqlite.engine.has_wal_reset_defect", lambda: True)
    with caplog.at_level(logging.WARNING, "durable_async.engines"):
        first, second = Party.join(opened()), Party.join(opened())
        for number in range(3):
            first.commit(creates=[create(f"a{number}")])
            second.commit(creates=[create(f"b{number}")])
    assert caplog.text.count("walresetbug") == 2  # once for each of them


def test_only_who_works_on_the_store_is_warned_not_who_sends_a_command(
    opened: Opened, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("durable_async.engines.sqlite.engine.has_wal_reset_defect", lambda: True)
    worker = Party.join(opened())
    clients = [opened() for _ in range(3)]
    worker.commit(creates=[create("a")])
    for number, client in enumerate(clients):
        client.commit(Batch(creates=(create(f"b{number}"),)))
    assert "walresetbug" not in caplog.text
    worker.commit(creates=[create("c")])
    assert caplog.text.count("walresetbug") == 1


@pytest.mark.parametrize("then", ["deleted", "replaced"])
def test_a_file_that_was_taken_away_is_told_once_at_a_renewal(
    path: str, opened: Opened, caplog: pytest.LogCaptureFixture, then: str
) -> None:
    clock = SettableClock()
    party = Party.join(opened(clock))
    clock.advance(4)
    party.commit()
    assert caplog.text == ""
    Path(path).rename(f"{path}.old")
    if then == "replaced":
        Path(path).write_bytes(b"")
    for _ in range(3):
        clock.advance(4)
        party.commit()
    assert caplog.text.count(f"{path} was deleted or replaced") == 1
    Path(f"{path}.old").replace(path)
    clock.advance(4)
    party.commit()
    assert caplog.text.count("deleted or replaced") == 1


def test_a_single_writer_is_not_warned(
    opened: Opened, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("durable_async.engines.sqlite.engine.has_wal_reset_defect", lambda: True)
    party = Party.join(opened())
    party.run(party.start())
    assert caplog.text == ""
