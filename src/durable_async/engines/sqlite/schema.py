"""The tables, and how they came to be.

Invariant: a migration that was released is never changed; the next one has the next number. All of
them that a file lacks are applied in one transaction, by whichever process comes first.

Times are microseconds since 1970, UTC. What is stored as `data` is covered by `checksum`, together
with what names the row; where there is no such column, the checksum is its first four bytes. A
*lane* says in whose queue something stands: a session's (positive), or, as long as nobody holds
it, that of its definition or queue (negative). One index on (lane, time) so serves all claims, and
what nobody can take costs them nothing.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import attrs

from durable_async.errors import StoreError

__all__ = ["MIGRATIONS", "SCHEMA", "Migration", "migrate", "recognise"]

APPLICATION_ID: Final = 0x64757261
"""In the header of every file of ours: "dura". `file` and SQLite's own tools show it."""


@attrs.frozen
class Migration:
    """number: of the schema after it. oldest: the number of the oldest schema whose release runs on
    the new one as well, so that releases can be rolled forward and back one at a time."""

    number: int
    oldest: int
    sql: str


MIGRATIONS: Final = (
    Migration(
        number=1,
        oldest=1,
        sql="""
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE namespaces (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Orchestrators that were ever asked for.
CREATE TABLE definitions (
    id INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    name TEXT NOT NULL,
    version TEXT
) STRICT;
CREATE UNIQUE INDEX definitions_by_name
    ON definitions (namespace, name, ifnull(version, ''), version IS NULL);

-- Where activities wait: one for each name in each queue.
CREATE TABLE queues (
    id INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    queue TEXT NOT NULL,
    activity TEXT NOT NULL,
    UNIQUE (namespace, queue, activity)
) STRICT;

-- AUTOINCREMENT: the number of a session, or of an instance, is never used again.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace INTEGER NOT NULL,
    identity TEXT NOT NULL,
    renewed_at INTEGER NOT NULL
) STRICT;

-- ready_at: when there is, or was, something to do; NULL if nobody can know. It stays while a
-- session has it in hand, so that it is found again when that session dies.
-- blocked_under: fingerprint of the definitions it did not fit; NULL while others try.
CREATE TABLE instances (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace INTEGER NOT NULL,
    instance_id TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    definition INTEGER NOT NULL,
    status INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    length INTEGER NOT NULL,
    ready_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    completed_at INTEGER,
    idle INTEGER NOT NULL DEFAULT 0,
    blocked TEXT,
    blocked_under TEXT
) STRICT;
CREATE UNIQUE INDEX instances_by_id ON instances (namespace, instance_id);
CREATE INDEX instances_ready ON instances (lane, ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX instances_listed ON instances (definition, status, created_at);
CREATE INDEX instances_blocked ON instances (definition, blocked_under)
    WHERE blocked_under IS NOT NULL;

-- One row for all events of an episode; position: how many events come before them.
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    instance INTEGER NOT NULL,
    position INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX history_by_instance ON history (instance, position);

CREATE TABLE custom_statuses (
    instance INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;

CREATE TABLE tags (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    instance INTEGER NOT NULL,
    PRIMARY KEY (key, value, instance)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_by_instance ON tags (instance);

-- Messages and results that are not part of history yet.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    instance INTEGER NOT NULL,
    at INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_by_instance ON inbox (instance);

CREATE TABLE event_keys (
    instance INTEGER NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (instance, key)
) STRICT, WITHOUT ROWID;

-- Definitions, by fingerprint, that a blocked instance was tried on in vain.
CREATE TABLE tried (
    instance INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (instance, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE TABLE timers (
    instance INTEGER NOT NULL,
    number INTEGER NOT NULL,
    due INTEGER NOT NULL,
    PRIMARY KEY (instance, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_by_due ON timers (instance, due);

-- id: the instance's, shifted, with the activity's number in the low 20 bits.
-- due_at: when it may begin; while it runs NULL, or when it was asked to stop.
-- cancelling: 0 no, 1 its code went on, 2 its code waits, 3 its execution has ended.
CREATE TABLE activities (
    id INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    due_at INTEGER,
    queue INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    cancelling INTEGER NOT NULL,
    scheduled_at INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    failure BLOB,
    heartbeat BLOB
) STRICT;
CREATE INDEX activities_by_lane ON activities (lane, due_at);
""",
    ),
    Migration(
        number=2,
        # A release that knows schema 1 alone ends a child without telling its parent, and an
        # instance without releasing its locks.
        oldest=2,
        sql="""
-- A definition is one in one queue: each has a lane of its own.
ALTER TABLE definitions ADD COLUMN queue TEXT NOT NULL DEFAULT 'default';
DROP INDEX definitions_by_name;
CREATE UNIQUE INDEX definitions_by_name
    ON definitions (namespace, name, queue, ifnull(version, ''), version IS NULL);

-- fingerprint: of the definitions of its last claim.
ALTER TABLE sessions ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';

-- What each session would take on. kind: 0 the definition `what`, 1 any version of it, 2 the
-- activities of queue `what`, 3 the entities of type `what`. scope: the instance, with its
-- descendants, that alone it works for; '' for all.
CREATE TABLE offers (
    kind INTEGER NOT NULL,
    what INTEGER NOT NULL,
    scope TEXT NOT NULL,
    session INTEGER NOT NULL,
    PRIMARY KEY (kind, what, scope, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX offers_by_session ON offers (session);

-- serial: what the keys of its activities begin with; NULL for its id. Each execution but the first
-- has one of its own, as attempts of the one before may still run.
-- root: the topmost of its ancestors; NULL if it has no parent.
-- lost: how many sessions died in a row with an episode of it in hand.
-- anew: 1 if an episode is due whether or not there is news; 2 if none is before it has its locks
-- again.
-- era: how often it was rewound; epochs of activities begin with it.
ALTER TABLE instances ADD COLUMN serial INTEGER;
ALTER TABLE instances ADD COLUMN root INTEGER;
ALTER TABLE instances ADD COLUMN parent_id TEXT;
ALTER TABLE instances ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN anew INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN era INTEGER NOT NULL DEFAULT 0;
CREATE INDEX instances_of_root ON instances (root, ready_at)
    WHERE root IS NOT NULL AND ready_at IS NOT NULL;
CREATE INDEX instances_blocked_of_root ON instances (root)
    WHERE root IS NOT NULL AND blocked_under IS NOT NULL;
CREATE INDEX instances_by_parent ON instances (namespace, parent_id)
    WHERE parent_id IS NOT NULL;

-- instance: NULL if its id begins with it. root: of a child alone.
ALTER TABLE activities ADD COLUMN instance INTEGER;
ALTER TABLE activities ADD COLUMN root INTEGER;
CREATE INDEX activities_of_root ON activities (root, due_at) WHERE root IS NOT NULL;

-- NULL in rows of schema 1.
ALTER TABLE timers ADD COLUMN checksum INTEGER;

-- How an instance stood when it was suspended.
CREATE TABLE suspensions (
    instance INTEGER PRIMARY KEY,
    status INTEGER NOT NULL,
    ready_at INTEGER,
    blocked_under TEXT,
    reason TEXT NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

-- The command `number` of `instance` waits for the end of `target`, for as long as both live.
-- child: 0 it is no child of it, 1 its child, 2 its child, and nothing is to be told.
CREATE TABLE waiters (
    target INTEGER NOT NULL,
    instance INTEGER NOT NULL,
    number INTEGER NOT NULL,
    child INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (target, instance, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX waiters_by_instance ON waiters (instance, number);

CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    instance INTEGER NOT NULL,
    at INTEGER NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (namespace, request_id)
) STRICT;
CREATE INDEX answers_by_instance ON answers (instance);
CREATE INDEX answers_by_age ON answers (at);

-- epoch: the greatest that any entity of this type had that is gone.
CREATE TABLE entity_types (
    id INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    UNIQUE (namespace, name)
) STRICT;

-- An entity with a state, a queue or a lock. lane, ready_at, lost: as of instances.
CREATE TABLE entities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type INTEGER NOT NULL,
    key TEXT NOT NULL,
    lane INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    ready_at INTEGER,
    updated_at INTEGER NOT NULL,
    locked_by INTEGER,
    lost INTEGER NOT NULL DEFAULT 0,
    state BLOB,
    UNIQUE (type, key)
) STRICT;
CREATE INDEX entities_locked ON entities (locked_by) WHERE locked_by IS NOT NULL;
CREATE INDEX entities_ready ON entities (lane, ready_at) WHERE ready_at IS NOT NULL;

-- The queue of an entity, in order of (at, id). due: 1 if `at` is a time that somebody named.
-- instance, number: the command that waits; NULL if none does. lock: for which lock this is, or
-- whose call it is. data: NULL if it is a request for the lock. taken: in hand of a session.
CREATE TABLE operations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entity INTEGER NOT NULL,
    at INTEGER NOT NULL,
    due INTEGER NOT NULL,
    instance INTEGER,
    number INTEGER,
    lock INTEGER,
    taken INTEGER NOT NULL DEFAULT 0,
    data BLOB,
    checksum INTEGER NOT NULL
) STRICT;
CREATE INDEX operations_by_entity ON operations (entity, at);
CREATE INDEX operations_by_instance ON operations (instance, number) WHERE instance IS NOT NULL;
CREATE INDEX operations_by_lock ON operations (lock, entity, at) WHERE lock IS NOT NULL;

-- A critical section, asked for or entered. granted: how many of its entities are locked. regains:
-- 1 if its instance was inside it when it was rewound, and must have it before it goes on.
CREATE TABLE locks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance INTEGER NOT NULL,
    number INTEGER NOT NULL,
    granted INTEGER NOT NULL,
    regains INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE INDEX locks_by_instance ON locks (instance, number);
""",
    ),
)

SCHEMA: Final = MIGRATIONS[-1].number
"""The number of the schema that this release writes."""


def migrate(
    connection: sqlite3.Connection, path: str, migrations: tuple[Migration, ...] = MIGRATIONS
) -> None:
    """Bring the file up to date. To be called inside a transaction that may write.

    Raises: StoreError if the file belongs to another program, or to a later release.
    """
    version = recognise(connection, path)
    newest = migrations[-1].number
    if version > newest:
        _check_newer(connection, path, version, newest)
        return
    for migration in migrations:
        if migration.number > version:
            _apply(connection, migration)


def recognise(connection: sqlite3.Connection, path: str) -> int:
    """The number of the file's schema; 0 if it is empty. Writes nothing.

    Raises: StoreError if the file belongs to another program.
    """
    # In this order: another process may be making the tables, and it marks them as ours at once.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application == APPLICATION_ID:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)
    if tables or application:
        raise StoreError(
            f"{path!r} is a SQLite database of another program. Give durable_async a file of its "
            f"own: it makes one where there is none"
        )
    return 0


def _check_newer(connection: sqlite3.Connection, path: str, version: int, newest: int) -> None:
    (oldest,) = connection.execute("SELECT value FROM meta WHERE key = 'oldest_reader'").fetchone()
    if int(oldest) > newest:
        raise StoreError(
            f"{path!r} has schema {version}, and this release of durable_async knows schemas up "
            f"to {newest}: a newer release has worked on it. Upgrade durable-async here; schemas "
            f"are never taken back"
        )


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    for statement in _statements(migration.sql):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {migration.number}")
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('oldest_reader', ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (str(migration.oldest),),
    )


def _statements(sql: str) -> list[str]:
    """One by one: `executescript` would commit the transaction that is open."""
    statements: list[str] = []
    collected = ""
    for line in sql.splitlines(keepends=True):
        collected += line
        if sqlite3.complete_statement(collected):
            statements.append(collected)
            collected = ""
    if collected.strip():
        raise ValueError(f"a migration ends in the middle of a statement: {collected!r}")
    return statements
