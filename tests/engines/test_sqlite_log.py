"""The write-ahead log of a store that somebody is about to work on."""

import sqlite3
from pathlib import Path

from durable_async.engines.sqlite import SqliteEngine
from durable_async.engines.sqlite.database import CHECKPOINT_PAGES
from durable_async.model.work import InstanceQuery

FULL = CHECKPOINT_PAGES * 4_096


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def test_who_only_looks_leaves_the_log_short(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    engine = SqliteEngine(str(path))
    engine.open()
    try:
        assert engine.count(InstanceQuery()) == 0
        assert log_of(path).stat().st_size < FULL / 4
    finally:
        engine.close()


def test_a_session_finds_a_log_that_need_not_grow_and_nothing_stored_in_it(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    engine = SqliteEngine(str(path))
    engine.open()
    try:
        engine.open_session("a")
        size = log_of(path).stat().st_size
        assert size >= FULL
        engine.open_session("b")
        assert log_of(path).stat().st_size == size
        other = sqlite3.connect(path)
        assert other.execute("SELECT count(*) FROM history").fetchone() == (0,)
        assert other.execute("PRAGMA page_count").fetchone()[0] < 100
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        other.close()
    finally:
        engine.close()
    assert path.stat().st_size < FULL / 4


def test_a_session_begins_though_the_log_cannot_be_lengthened(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    engine = SqliteEngine(str(path))
    engine.open()
    try:
        engine._database.execute("PRAGMA max_page_count = 60")
        session = engine.open_session("a")
        assert log_of(path).stat().st_size < FULL
        engine.close_session(session)
    finally:
        engine.close()
