"""Files that can be opened, and what is said of those that cannot."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from tests.engines.processes import worker

from durable_async.engines import open_engine
from durable_async.engines.memory import MemoryEngine
from durable_async.engines.sqlite import SqliteEngine
from durable_async.engines.sqlite.schema import APPLICATION_ID, MIGRATIONS, SCHEMA, Migration
from durable_async.errors import EngineLimitError, StoreError
from durable_async.model.commands import StartChild
from durable_async.model.history import EventReceived, TimerFired
from durable_async.model.identity import Caller
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import Batch, InstanceQuery
from durable_async.testing.parties import (
    Party,
    SettableClock,
    activity,
    create,
    delivered,
    event,
    succeeded,
    the_only,
    value,
)

IS_ROOT = sys.platform != "win32" and os.geteuid() == 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


_ENGINES: list[SqliteEngine] = []


@pytest.fixture(autouse=True)
def closes_what_it_opened() -> Iterator[None]:
    yield
    while _ENGINES:
        _ENGINES.pop().close()


def opened(path: Path, migrations: tuple[Migration, ...] = MIGRATIONS) -> SqliteEngine:
    engine = SqliteEngine(str(path), migrations=migrations)
    engine.open()
    _ENGINES.append(engine)
    return engine


def refusal(path: Path | str, migrations: tuple[Migration, ...] = MIGRATIONS) -> str:
    with pytest.raises(StoreError) as caught:
        opened(Path(path), migrations)
    return str(caught.value)


# ---- URLs ----------------------------------------------------------------------------------


def test_a_url_with_a_path_is_a_sqlite_file(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/my%20shop.db", namespace="n")
    engine.open()
    engine.close()
    assert (tmp_path / "my shop.db").exists()


def test_three_slashes_name_a_path_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = open_engine("sqlite:///shop.db", namespace="n")
    monkeypatch.chdir("/")  # whatever the working folder is later
    engine.open()
    engine.close()
    assert (tmp_path / "shop.db").exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_url_without_a_path_is_memory_that_nobody_else_sees(url: str) -> None:
    first, second = open_engine(url, namespace="n"), open_engine(url, namespace="n")
    assert isinstance(first, MemoryEngine)
    Party.join(first).start()
    assert second.count(InstanceQuery()) == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("shop.db", "'sqlite:///shop.db'"),
        ("", "'sqlite:///path.db'"),
        ("sqlite:shop.db", "'sqlite:///shop.db'"),
        ("sqlite:/srv/shop.db", "'sqlite:////srv/shop.db'"),
        ("sqlite:///", "names no file, as an empty setting does"),
        ("sqlite:///shop.db?timeout=5", "takes none"),
        ("sqlite://shop.db", "'sqlite:///shop.db'"),
        ("mysql://host/shop", "'mysql' is not 'sqlite'"),
        ("sqlite3:///shop.db", "'sqlite3' is not 'sqlite'"),
    ],
)
def test_a_url_that_names_no_engine_is_refused_with_one_that_does(url: str, said: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_engine(url, namespace="n")
    assert said in str(caught.value)


def test_engines_of_later_releases_are_said_to_be_missing() -> None:
    with pytest.raises(EngineLimitError, match=r"this release.+ 'temporal://"):
        open_engine("postgresql://host/db", namespace="n")


def test_a_cluster_is_no_store() -> None:
    with pytest.raises(EngineLimitError, match=r"da\.Client"):
        open_engine("temporal://host:7233/ns", namespace="n")


@pytest.mark.parametrize("namespace", ["", "a\nb", "\x00"])
def test_a_namespace_has_a_name(namespace: str) -> None:
    with pytest.raises(StoreError, match="namespace"):
        open_engine("sqlite://", namespace=namespace)


# ---- places --------------------------------------------------------------------------------


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    said = refusal(tmp_path / "new" / "shop.db")
    assert f"no folder '{tmp_path / 'new'}'" in said
    assert not (tmp_path / "new").exists()


def test_a_path_below_a_file_is_refused(path: Path) -> None:
    path.touch()
    assert "no folder" in refusal(path / "shop.db")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_a_pipe_is_no_file(path: Path) -> None:
    os.mkfifo(path)
    assert "no ordinary file" in refusal(path)


def test_a_path_that_no_system_takes_is_refused(tmp_path: Path) -> None:
    assert "path" in refusal(f"{tmp_path}/a\x00b")
    assert "path" in refusal(tmp_path / ("x" * 5_000))


def test_what_is_no_database_is_left_as_it_is(path: Path) -> None:
    text = b"name,amount\n" * 1_000
    path.write_bytes(text)
    assert "not a SQLite database" in refusal(path)
    assert path.read_bytes() == text


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    Party.join(opened(path)).start()


def test_a_database_of_another_program_is_left_as_it_is(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE instances (id)")
    other.close()
    assert "another program" in refusal(path)
    other = sqlite3.connect(path)
    assert other.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (1,)
    other.close()


def test_a_database_that_another_program_claims_is_left_alone(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("PRAGMA application_id = 1234")
    other.close()
    assert "another program" in refusal(path)


_OPENS_IT = """
import os, sys
from durable_async.engines.sqlite import SqliteEngine
from durable_async.errors import StoreError
if os.geteuid() == 0:  # nobody keeps root from reading anything
    os.setuid(int(sys.argv[2]))
try:
    SqliteEngine(sys.argv[1]).open()
except StoreError as error:
    print(error)
"""

NOBODY = 65534


@pytest.mark.skipif(sys.platform == "win32", reason="permissions differ")
@pytest.mark.parametrize(
    ("file_mode", "folder_mode"), [(0o444, 0o755), (0o000, 0o755), (0o644, 0o555)]
)
def test_what_may_not_be_written_is_refused_saying_so(file_mode: int, folder_mode: int) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's folders are closed to others
        folder, path = Path(name), Path(name) / "shop.db"
        opened(path).close()
        if IS_ROOT:
            os.chown(path, NOBODY, NOBODY)
            os.chown(folder, NOBODY, NOBODY)
        path.chmod(file_mode)
        folder.chmod(folder_mode)
        answer = subprocess.run(
            [sys.executable, "-c", _OPENS_IT, str(path), str(NOBODY)],
            capture_output=True,
            text=True,
            check=False,
            # Coverage could not write down what this user does.
            env={key: its for key, its in os.environ.items() if "COVERAGE" not in key},
        )
        folder.chmod(0o755)
    assert answer.stderr == ""
    assert "this user" in answer.stdout


def test_a_place_without_a_write_ahead_log_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As SQLite answers on a file system that cannot share memory.
    monkeypatch.setattr("durable_async.engines.sqlite.database._fetch", lambda *_: ("delete",))
    assert "local disk" in refusal(path)


def test_an_engine_that_is_not_open_says_so(path: Path) -> None:
    engine = SqliteEngine(str(path))
    with pytest.raises(StoreError, match="open"):
        engine.count(InstanceQuery())
    engine.open()
    engine.open()  # once more does no harm
    engine.close()
    engine.close()
    with pytest.raises(StoreError, match="open"):
        engine.open_session("me")


def test_closing_an_engine_closes_its_sessions(path: Path) -> None:
    engine = opened(path)
    party = Party.join(engine)
    party.run(party.start(), activity(0, on_lost="fail"))
    engine.close()
    assert the_only(Party.join(opened(path)).commit().activities).attempt == 1


def test_a_file_that_another_program_holds_is_waited_for_and_then_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("durable_async.engines.sqlite.database.BUSY_TIMEOUT", 0.0)
    monkeypatch.setattr("durable_async.engines.sqlite.database.PATIENCE", 0.05)
    engine = opened(path)
    party = Party.join(engine)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process has held"):
        party.start()
    assert "another process has held" in refusal(path)
    other.execute("COMMIT")
    other.close()
    assert party.start().lease.instance_id == "i"


# ---- schemas -------------------------------------------------------------------------------

NEXT = Migration(number=SCHEMA + 1, oldest=SCHEMA + 1, sql="CREATE TABLE later (x INTEGER) STRICT;")
"""As a later release might bring it, which this one cannot work with."""


def test_the_header_says_whose_file_it_is_and_of_which_schema(path: Path) -> None:
    opened(path).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    assert [each.number for each in MIGRATIONS] == list(range(1, SCHEMA + 1))
    assert all(1 <= each.oldest <= each.number for each in MIGRATIONS)


STORES = Path(__file__).parent / "stores"
"""A store of each earlier schema, as its release left it. Never changed."""


def restore(path: Path, schema: int) -> None:
    connection = sqlite3.connect(path)
    connection.executescript((STORES / f"schema_{schema}.sql").read_text())
    connection.close()


def test_there_is_a_store_of_each_earlier_schema() -> None:
    assert sorted(each.name for each in STORES.iterdir()) == [
        f"schema_{number}.sql" for number in range(1, SCHEMA)
    ]


def test_a_store_of_schema_1_goes_on(path: Path) -> None:
    restore(path, 1)
    clock = SettableClock()
    engine = SqliteEngine(str(path), clock=clock)
    engine.open()
    _ENGINES.append(engine)
    party = Party.join(engine)
    statuses = {each.instance_id: each.status for each in engine.page(InstanceQuery()).records}
    assert statuses == {
        "works": RuntimeStatus.RUNNING,
        "waits": RuntimeStatus.RUNNING,
        "sleeps": RuntimeStatus.RUNNING,
        "done": RuntimeStatus.COMPLETED,
        "tries": RuntimeStatus.RUNNING,
        "misfits": RuntimeStatus.BLOCKED,
        "later": RuntimeStatus.PENDING,
        "shows": RuntimeStatus.RUNNING,
    }
    assert party.record("done").output == value('"result"')
    assert party.record("shows").custom_status == value('"half"')
    assert party.record("later").queue == "default"
    assert engine.page(InstanceQuery(tags={"kind": "tries"})).records == (party.record("tries"),)

    receipt = party.commit()
    tasks = {each.lease.instance_id: each for each in receipt.activities}
    assert [each.lease.instance_id for each in receipt.claimed] == ["waits"]
    assert delivered(receipt.claimed[0]) == [
        EventReceived(name="go", data=value('"yes"'), key="first")
    ]
    child = create("child", parent=Caller("waits", "waits-1", 1))
    receipt = party.run(receipt.claimed[0], StartChild(number=1, request=child))
    assert the_only(receipt.claimed).lease.instance_id == "child"
    assert party.commit(messages=[event("waits", key="first")]).sent == (0,)
    clock.advance(5)
    tasks |= {each.lease.instance_id: each for each in party.commit().activities}
    assert tasks["tries"].attempt == 2
    assert tasks["tries"].heartbeat == value('"beat"')
    woken = the_only(party.commit(reports=[succeeded(tasks["works"])]).claimed)
    assert woken.lease.instance_id == "works"
    clock.advance(3600)
    fired = {each.lease.instance_id: delivered(each) for each in party.commit().claimed}
    assert fired["sleeps"] == [TimerFired(number=0)]
    changed = attrs.evolve(party.claim, fingerprint="other")
    tried = Party.join(engine, claim=changed).commit().claimed
    assert [each.lease.instance_id for each in tried] == ["misfits"]


@pytest.mark.parametrize("schema", range(SCHEMA, SCHEMA + 1))
def test_what_this_release_writes_is_read_by_the_next_one(path: Path, schema: int) -> None:
    engine = opened(path, MIGRATIONS[:schema])
    party = Party.join(engine)
    party.run(party.start(), activity(0))
    history = party.history()
    engine.close()
    engine = opened(path, (*MIGRATIONS, NEXT))
    party = Party.join(engine)
    assert the_only(party.commit().activities).input == value("[0]")
    assert party.history() == history
    engine.close()


def test_a_newer_schema_is_refused_naming_both_numbers(path: Path) -> None:
    opened(path, (*MIGRATIONS, NEXT)).close()
    said = refusal(path)
    assert f"schema {SCHEMA + 1}" in said
    assert f"up to {SCHEMA}" in said
    assert "Upgrade durable-async" in said


def test_the_release_before_works_on_a_schema_that_allows_it(path: Path) -> None:
    gentle = attrs.evolve(NEXT, oldest=SCHEMA)
    opened(path, (*MIGRATIONS, gentle)).close()
    engine = opened(path)
    Party.join(engine).start()
    engine.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA + 1,)
    connection.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    engine = opened(path)
    engine.commit(Batch(creates=(create(),)))
    engine.close()
    broken = attrs.evolve(NEXT, sql=f"{NEXT.sql}\nCREATE TABLE instances (x);")
    assert "instances" in refusal(path, (*MIGRATIONS, broken))
    engine = opened(path)
    assert engine.count(InstanceQuery()) == 1
    engine.close()


def test_a_migration_consists_of_whole_statements(path: Path) -> None:
    broken = attrs.evolve(NEXT, sql="CREATE TABLE x (y INTEGER)")
    with pytest.raises(ValueError, match="statement"):
        opened(path, (*MIGRATIONS, broken))


def test_what_one_python_writes_another_process_reads(path: Path) -> None:
    engine = opened(path)
    engine.commit(Batch(creates=(create(),)))
    engine.close()
    with worker("hold", path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held 1 0\n"
