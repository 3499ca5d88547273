"""The SQL of commits and claims, by name.

Invariant: each statement finds its rows through an index, whatever else is in the store; values
are bound, never pasted.

`STEP` is the statement of one more episode in a running instance. It touches no indexed column but
`ready_at`, so that it costs one small write; the others are for what happens once in a life.
"""

from __future__ import annotations

from typing import Final

from durable_async.engines.sqlite.database import by_length, sql

# Written into the statements, so that SQLite can see what they mean for its indexes.
PENDING, RUNNING, SUSPENDED, BLOCKED, COMPLETED, FAILED, CANCELLED, TERMINATED = range(8)

# ---- instances -----------------------------------------------------------------------------

CREATE: Final = """
INSERT INTO instances (
    namespace, instance_id, execution_id, definition, status, lane, epoch, length, ready_at,
    created_at, updated_at, root, parent_id, era
) VALUES (?, ?, ?, ?, 0, ?, ?, 1, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""

_FOUND: Final = """
SELECT id, instance_id, execution_id, definition, status, lane, epoch, length, completed_at,
    ifnull(serial, id), root, era
FROM instances
"""

FIND: Final = sql(_FOUND, "WHERE namespace = ? AND instance_id = ?")

FIND_KEY: Final = sql(_FOUND, "WHERE id = ?")

LOOK: Final = "SELECT lane, epoch FROM instances WHERE id = ?"

# When there is something to do: now if there is news in the inbox, else when a timer is due.
_READY: Final = """
CASE WHEN EXISTS (SELECT 1 FROM inbox WHERE instance = instances.id) THEN ?
ELSE (SELECT min(due) FROM timers WHERE instance = instances.id) END
"""

# Now also if an episode is due without news.
_READY_OR_ANEW: Final = """
CASE WHEN anew = 2 THEN NULL
WHEN anew = 1 OR EXISTS (SELECT 1 FROM inbox WHERE instance = instances.id) THEN ?
ELSE (SELECT min(due) FROM timers WHERE instance = instances.id) END
"""

_STEP: Final = """
UPDATE instances SET length = ?, updated_at = ?, idle = ?, lost = 0, anew = 0, ready_at =
"""

STEP: Final = sql(_STEP, _READY, "WHERE id = ?")

FIRST_STEP: Final = sql(
    _STEP, _READY, ", status = 1, blocked = NULL, blocked_under = NULL WHERE id = ?"
)

END: Final = """
UPDATE instances
SET status = ?, length = ?, updated_at = ?, completed_at = ?, idle = 0, ready_at = NULL,
    lane = -definition, epoch = epoch + 1, blocked = NULL, blocked_under = NULL, anew = 0
WHERE id = ?
"""

BLOCK: Final = """
UPDATE instances
SET status = 3, blocked = ?, blocked_under = ?, updated_at = ?, ready_at = NULL,
    lane = -definition, lost = 0
WHERE id = ?
"""

TRIED: Final = "INSERT INTO tried (instance, fingerprint) VALUES (?, ?) ON CONFLICT DO NOTHING"

FORGET_TRIED: Final = "DELETE FROM tried WHERE instance = ?"

# Under no fingerprint: no other definitions make it whole.
SET_ASIDE_INSTANCE: Final = """
UPDATE instances SET status = 3, blocked = ?, blocked_under = NULL, ready_at = NULL,
    lane = -definition
WHERE id = ?
"""

# The next execution: what follows the one that has continued as new.
CONTINUE: Final = """
UPDATE instances
SET execution_id = ?, serial = ?, definition = ?, status = 1, lane = -?, epoch = epoch + 1,
    length = 1, ready_at = ?, updated_at = ?, completed_at = NULL, idle = 0, blocked = NULL,
    blocked_under = NULL, lost = 0, anew = 1
WHERE id = ?
"""

LEAVE_EXECUTION: Final = (
    "DELETE FROM history WHERE instance = ?",
    "DELETE FROM inbox WHERE instance = ?",
    "DELETE FROM timers WHERE instance = ?",
    "DELETE FROM custom_statuses WHERE instance = ?",
    "DELETE FROM tags WHERE instance = ?",
    "DELETE FROM tried WHERE instance = ?",
)

# A number that no instance and no execution has.
TAKE_SERIAL: Final = """
UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'instances' RETURNING seq
"""

# From before the failure.
GO_BACK: Final = """
UPDATE instances
SET status = 1, lane = -definition, length = ?, ready_at = NULL, updated_at = ?,
    completed_at = NULL, idle = 0, lost = 0, anew = ?, serial = ?, era = era + 1
WHERE id = ?
"""

AWAIT_LOCKS: Final = "UPDATE instances SET anew = 2, ready_at = NULL WHERE id = ?"

HAS_LOCKS: Final = "UPDATE instances SET anew = 0 WHERE id = ? AND anew = 2"

REGAINING: Final = "SELECT 1 FROM locks WHERE instance = ? AND regains"

REGAINED: Final = "UPDATE locks SET regains = 0 WHERE id = ?"

STANDING: Final = "SELECT status, ready_at, blocked_under FROM instances WHERE id = ?"

SUSPEND: Final = """
UPDATE instances
SET status = 2, ready_at = NULL, blocked_under = NULL, lane = -definition, epoch = epoch + 1,
    updated_at = ?
WHERE id = ?
"""

ADD_SUSPENSION: Final = """
INSERT OR REPLACE INTO suspensions (instance, status, ready_at, blocked_under, reason, checksum)
VALUES (?, ?, ?, ?, ?, ?)
"""

SUSPENSION: Final = """
SELECT status, ready_at, blocked_under, reason, checksum FROM suspensions WHERE instance = ?
"""

END_SUSPENSION: Final = "DELETE FROM suspensions WHERE instance = ?"

RESUME: Final = """
UPDATE instances SET status = ?, ready_at = ?, blocked_under = ?, updated_at = ? WHERE id = ?
"""

# A session that is gone holds nothing, though the instance may still stand in its lane: finding
# all of those when it goes would cost as much as it held.
NOTIFY: Final = """
UPDATE instances
SET ready_at = min(ifnull(ready_at, ?), ?),
    lane = CASE
        WHEN lane > 0 AND NOT EXISTS (SELECT 1 FROM sessions WHERE id = instances.lane)
        THEN -definition ELSE lane END
WHERE id = ? AND status = 1 AND anew < 2
"""

# It was ready for something that is gone.
SETTLE: Final = sql("UPDATE instances SET ready_at =", _READY_OR_ANEW, "WHERE id = ?")

RELEASE: Final = """
UPDATE instances SET lane = -definition WHERE id = ? AND lane = ? AND epoch = ?
"""

RELEASE_ALL: Final = """
UPDATE instances SET lane = -definition
WHERE id IN (
    SELECT id FROM instances WHERE lane = ? AND ready_at IS NOT NULL ORDER BY ready_at LIMIT ?
)
"""

# Those that were in hand of a session that died: what is ready later was not.
COUNT_LOST: Final = """
UPDATE instances SET lost = lost + 1 WHERE id IN (
    SELECT id FROM instances WHERE lane = ? AND ready_at <= ? ORDER BY ready_at LIMIT ?
)
"""

LOST_TOO_OFTEN: Final = """
SELECT id, instance_id, lost FROM instances
WHERE lane = ? AND ready_at <= ? AND lost >= ? ORDER BY ready_at LIMIT ?
"""

QUARANTINE: Final = """
UPDATE instances
SET status = 3, blocked = ?, blocked_under = ?, updated_at = ?, ready_at = NULL,
    lane = -definition
WHERE id = ?
"""

TAKE: Final = "UPDATE instances SET lane = ?, epoch = epoch + 1 WHERE id = ?"

TAKE_BLOCKED: Final = """
UPDATE instances SET lane = ?, epoch = epoch + 1, ready_at = ?, blocked_under = NULL WHERE id = ?
"""

# Its running activities are left to their sessions, who were told to stop them.
DELETE_INSTANCE: Final = (
    "DELETE FROM tags WHERE instance = ?",
    "DELETE FROM event_keys WHERE instance = ?",
    "DELETE FROM tried WHERE instance = ?",
    "DELETE FROM custom_statuses WHERE instance = ?",
    "DELETE FROM answers WHERE instance = ?",
    "DELETE FROM suspensions WHERE instance = ?",
    "DELETE FROM history WHERE instance = ?",
    "DELETE FROM instances WHERE id = ?",
)

INSTANCE_ID: Final = "SELECT instance_id FROM instances WHERE id = ?"

LINE: Final = "SELECT instance_id, parent_id FROM instances WHERE id = ?"

LINE_OF: Final = """
SELECT instance_id, parent_id FROM instances WHERE namespace = ? AND instance_id = ?
"""

ROOT: Final = "SELECT ifnull(root, id) FROM instances WHERE namespace = ? AND instance_id = ?"

SERIAL: Final = "SELECT ifnull(serial, id) FROM instances WHERE namespace = ? AND instance_id = ?"

CHILDREN_OF: Final = """
SELECT id, instance_id, status FROM instances WHERE namespace = ? AND parent_id = ?
"""

# ---- claims --------------------------------------------------------------------------------

_LEASABLE: Final = """
SELECT id, instance_id, execution_id, definition, status, epoch, length, ready_at,
    ifnull(serial, id), root, era, anew
FROM instances
"""

READY: Final = sql(_LEASABLE, "WHERE lane = ? AND ready_at <= ? ORDER BY ready_at LIMIT ?")

_UNTRIED: Final = """
AND NOT EXISTS (SELECT 1 FROM tried WHERE tried.instance = instances.id AND fingerprint = ?)
"""

READY_ONE: Final = sql(
    _LEASABLE,
    "WHERE namespace = ? AND instance_id = ? AND lane < 0",
    "AND (ready_at <= ? OR (blocked_under IS NOT NULL",
    _UNTRIED,
    "))",
)

READY_OF_ROOT: Final = sql(_LEASABLE, "WHERE root = ? AND ready_at <= ? AND lane < 0")

BLOCKED_OF_ROOT: Final = sql(_LEASABLE, "WHERE root = ? AND blocked_under IS NOT NULL", _UNTRIED)

NEXT_READY_OF_ROOT: Final = """
SELECT min(ready_at) FROM instances WHERE root = ? AND ready_at > ? AND lane < 0
"""

NEXT_READY: Final = "SELECT min(ready_at) FROM instances WHERE lane = ? AND ready_at > ?"

NEXT_READY_ONE: Final = """
SELECT ready_at FROM instances
WHERE namespace = ? AND instance_id = ? AND lane < 0 AND ready_at > ?
"""

# Two ranges of the index: those blocked under these definitions are not even looked at.
BLOCKED_BELOW: Final = sql(
    _LEASABLE, "WHERE definition = ? AND blocked_under < ?", _UNTRIED, "LIMIT ?"
)

BLOCKED_ABOVE: Final = sql(
    _LEASABLE, "WHERE definition = ? AND blocked_under > ?", _UNTRIED, "LIMIT ?"
)

QUEUED: Final = """
SELECT id, due_at FROM activities WHERE lane = ? AND due_at <= ? ORDER BY due_at LIMIT ?
"""

QUEUED_ONE: Final = """
SELECT id, due_at, queue, ifnull(instance, id >> 20) FROM activities
WHERE id BETWEEN ? AND ? AND lane < 0 AND due_at <= ?
"""

QUEUED_OF_ROOT: Final = """
SELECT id, due_at, queue, ifnull(instance, id >> 20)
FROM activities WHERE root = ? AND lane < 0 AND due_at <= ?
"""

NEXT_QUEUED_OF_ROOT: Final = """
SELECT min(due_at) FROM activities WHERE root = ? AND lane < 0 AND due_at > ?
"""

NEXT_QUEUED: Final = "SELECT min(due_at) FROM activities WHERE lane = ? AND due_at > ?"

NEXT_QUEUED_ONE: Final = """
SELECT min(due_at) FROM activities WHERE id BETWEEN ? AND ? AND lane < 0 AND due_at > ?
"""

# ---- what belongs to an instance -----------------------------------------------------------

APPEND: Final = by_length(
    "INSERT INTO history (instance, position, data, checksum) VALUES", "(?, ?, ?, ?)"
)

HISTORY: Final = """
SELECT position, data, checksum FROM history WHERE instance = ? ORDER BY position
"""

FIRST_CHUNK: Final = "SELECT data, checksum FROM history WHERE instance = ? AND position = 0"

LAST_CHUNK: Final = """
SELECT position, data, checksum FROM history WHERE instance = ? ORDER BY position DESC LIMIT 1
"""

DELIVER: Final = by_length(
    "INSERT INTO inbox (instance, at, data, checksum) VALUES", "(?, ?, ?, ?)"
)

INBOX: Final = "SELECT id, at, data, checksum FROM inbox WHERE instance = ? ORDER BY id"

LAST_CHUNK_BEFORE: Final = """
SELECT position, data, checksum FROM history
WHERE instance = ? AND position < ? ORDER BY position DESC LIMIT 1
"""

CUT_HISTORY: Final = "DELETE FROM history WHERE instance = ? AND position >= ?"

EARLIER_NEWS: Final = "SELECT id FROM inbox WHERE instance = ? AND at < ?"

CONSUME: Final = "DELETE FROM inbox WHERE id = ? AND instance = ?"

EMPTY_INBOXES: Final = by_length("DELETE FROM inbox WHERE instance IN (", "?", ")")

HAS_KEY: Final = "SELECT 1 FROM event_keys WHERE instance = ? AND key = ?"

ADD_KEY: Final = "INSERT INTO event_keys (instance, key) VALUES (?, ?) ON CONFLICT DO NOTHING"

START_TIMER: Final = by_length(
    "INSERT INTO timers (instance, number, due, checksum) VALUES", "(?, ?, ?, ?)"
)

END_TIMER: Final = "DELETE FROM timers WHERE instance = ? AND number = ?"

END_TIMERS: Final = by_length("DELETE FROM timers WHERE instance IN (", "?", ")")

DUE_TIMERS: Final = """
SELECT due, number, checksum FROM timers WHERE instance = ? AND due <= ?
"""

SET_CUSTOM_STATUS: Final = """
INSERT INTO custom_statuses (instance, data) VALUES (?, ?)
ON CONFLICT (instance) DO UPDATE SET data = excluded.data
"""

CLEAR_CUSTOM_STATUS: Final = "DELETE FROM custom_statuses WHERE instance = ?"

ADD_TAG: Final = by_length("INSERT INTO tags (key, value, instance) VALUES", "(?, ?, ?)")

# ---- activities ----------------------------------------------------------------------------

SCHEDULE: Final = by_length(
    """
INSERT INTO activities (
    id, lane, due_at, queue, attempt, lost, epoch, cancelling, scheduled_at, data, checksum,
    instance, root
) VALUES
""",
    "(?, ?, ?, ?, 1, 0, ?, 0, ?, ?, ?, ?, ?)",
)

ACTIVITY: Final = """
SELECT attempt, lost, data, checksum, ifnull(instance, id >> 20) FROM activities WHERE id = ?
"""

INSTANCE_OF: Final = "SELECT ifnull(instance, id >> 20) FROM activities WHERE id = ?"

ACTIVITY_TO_RUN: Final = """
SELECT instance_id, execution_id, activities.epoch, attempt, scheduled_at, data, checksum,
    heartbeat, instances.id
FROM activities
LEFT JOIN instances ON instances.id = ifnull(activities.instance, activities.id >> 20)
WHERE activities.id = ?
"""

LOOK_AT_ACTIVITY: Final = "SELECT lane, epoch, cancelling FROM activities WHERE id = ?"

ACTIVITIES_OF: Final = """
SELECT id, lane, due_at, attempt, cancelling, data, checksum, failure, queue
FROM activities WHERE id BETWEEN ? AND ? ORDER BY id
"""

# What an execution leaves behind, in one look: its activities (0), who waits for its end (1), its
# children, and the instances that it waits for (2), its critical sections (3), its operations (4).
LEFT_BEHIND: Final = """
SELECT 0, id, 0, 0, 0, 0 FROM activities WHERE id BETWEEN ? AND ?
UNION ALL SELECT 1, target, instance, number, child, checksum FROM waiters WHERE target = ?
UNION ALL SELECT 2, target, instance, number, child, checksum FROM waiters WHERE instance = ?
UNION ALL SELECT 3, id, 0, number, 0, 0 FROM locks WHERE instance = ?
UNION ALL SELECT 4, id, entity, number, taken, 0 FROM operations WHERE instance = ?
"""

# Those of whom something is left behind. Of most, nothing is.
HAVE_LEFT: Final = by_length(
    "SELECT column1 FROM (VALUES",
    "(?, ?, ?)",
    """)
WHERE EXISTS (SELECT 1 FROM activities WHERE id BETWEEN column2 AND column3)
    OR EXISTS (SELECT 1 FROM waiters WHERE target = column1)
    OR EXISTS (SELECT 1 FROM waiters WHERE instance = column1)
    OR EXISTS (SELECT 1 FROM locks WHERE instance = column1)
    OR EXISTS (SELECT 1 FROM operations WHERE instance = column1)
""",
)

HELD_BY: Final = "SELECT id, cancelling FROM activities WHERE lane = ?"

ASKED_TO_STOP: Final = """
SELECT id, cancelling FROM activities WHERE lane = ? AND due_at IS NOT NULL
"""

BEGIN_ATTEMPT: Final = """
UPDATE activities SET lane = ?, due_at = NULL, epoch = epoch + 1 WHERE id = ?
"""

ENQUEUE: Final = "UPDATE activities SET lane = -queue, due_at = ?, lost = lost + ? WHERE id = ?"

RETRY: Final = """
UPDATE activities SET lane = -queue, due_at = ?, attempt = attempt + 1, failure = ? WHERE id = ?
"""

SET_ASIDE: Final = "UPDATE activities SET due_at = NULL WHERE id = ?"

BEAT: Final = "UPDATE activities SET heartbeat = ? WHERE id = ?"

ASK_TO_STOP: Final = "UPDATE activities SET cancelling = ?, due_at = ? WHERE id = ?"

END_ACTIVITY: Final = "DELETE FROM activities WHERE id = ?"

# ---- who waits for whom ----------------------------------------------------------------------

ADD_WAITER: Final = """
INSERT INTO waiters (target, instance, number, child, checksum) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""

END_WAITER: Final = "DELETE FROM waiters WHERE target = ? AND instance = ? AND number = ?"

STOP_WAITING: Final = "DELETE FROM waiters WHERE instance = ? AND number = ? AND child = 0"

LET_GO: Final = "UPDATE waiters SET child = 2 WHERE instance = ? AND number = ? AND child = 1"

HAS_CHILDREN: Final = "SELECT 1 FROM waiters WHERE instance = ? AND child > 0"

CHILD: Final = "SELECT target FROM waiters WHERE instance = ? AND number = ? AND child = 1"

# ---- answers -------------------------------------------------------------------------------

ADD_ANSWER: Final = """
INSERT INTO answers (namespace, request_id, instance, at, data) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""

ANSWER: Final = """
SELECT data FROM answers WHERE namespace = ? AND request_id = ? AND at > ?
"""

FORGET_ANSWER: Final = "DELETE FROM answers WHERE namespace = ? AND request_id = ?"

FORGET_OLD_ANSWERS: Final = "DELETE FROM answers WHERE at < ?"

# ---- entities ------------------------------------------------------------------------------

ENTITY: Final = """
SELECT id, lane, epoch, locked_by, state, updated_at FROM entities WHERE type = ? AND key = ?
"""

ADD_ENTITY: Final = """
INSERT INTO entities (type, key, lane, epoch, updated_at)
SELECT id, ?, -id, epoch, ? FROM entity_types WHERE id = ?
"""

ENTITY_BY_ID: Final = """
SELECT entities.id, type, name, key, lane, entities.epoch, ready_at, locked_by, state, lost
FROM entities JOIN entity_types ON entity_types.id = type WHERE entities.id = ?
"""

SET_ENTITY: Final = """
UPDATE entities SET state = ?, updated_at = ?, lane = -type, lost = 0 WHERE id = ?
"""

LOCK_ENTITY: Final = "UPDATE entities SET locked_by = ? WHERE id = ?"

END_ENTITY: Final = """
DELETE FROM entities WHERE id = ? AND state IS NULL AND locked_by IS NULL AND lane < 0
"""

KEEP_EPOCH: Final = "UPDATE entity_types SET epoch = max(epoch, ?) WHERE id = ?"

ENTITY_READY: Final = "UPDATE entities SET ready_at = ? WHERE id = ?"

ENTITIES_READY: Final = """
SELECT id, ready_at FROM entities WHERE lane = ? AND ready_at <= ? ORDER BY ready_at LIMIT ?
"""

NEXT_ENTITY_READY: Final = "SELECT min(ready_at) FROM entities WHERE lane = ? AND ready_at > ?"

TAKE_ENTITY: Final = "UPDATE entities SET lane = ?, epoch = epoch + 1 WHERE id = ?"

LOSE_ENTITY: Final = "UPDATE entities SET lane = -type, lost = ? WHERE id = ?"

OPERATIONS_IN_HAND: Final = sql(
    "SELECT id, at, instance, number, lock, data, checksum FROM operations",
    "WHERE entity = ? AND taken = 1 ORDER BY at, id",
)

SET_ASIDE_ENTITY: Final = "UPDATE entities SET ready_at = NULL, lane = -type WHERE id = ?"

RELEASE_ENTITY: Final = """
UPDATE entities SET lane = -type WHERE id = ? AND lane = ? AND epoch = ?
"""

ENTITIES_HELD_BY: Final = """
SELECT id, lost FROM entities WHERE lane = ? AND ready_at IS NOT NULL LIMIT ?
"""

ADD_OPERATION: Final = """
INSERT INTO operations (entity, at, due, instance, number, lock, data, checksum)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""

_OPERATION: Final = """
SELECT id, at, instance, number, lock, data, checksum, taken FROM operations
"""

FIRST_OPERATION: Final = sql(_OPERATION, "WHERE entity = ? ORDER BY at, id LIMIT 1")

QUEUED_OPERATIONS: Final = sql(_OPERATION, "WHERE entity = ? AND at <= ? ORDER BY at, id LIMIT ?")

OPERATIONS_OF_LOCK: Final = sql(
    _OPERATION, "WHERE lock = ? AND entity = ? AND data IS NOT NULL ORDER BY at, id LIMIT ?"
)

OPERATION_OF: Final = """
SELECT id, entity, taken FROM operations WHERE instance = ? AND number = ? AND data IS NOT NULL
"""

COUNT_OPERATIONS: Final = """
SELECT count(*) FROM operations WHERE entity = ? AND data IS NOT NULL
"""

TAKE_OPERATION: Final = "UPDATE operations SET taken = 1 WHERE id = ?"

PUT_BACK_OPERATIONS: Final = "UPDATE operations SET taken = 0 WHERE entity = ? AND taken = 1"

LET_OPERATION_GO: Final = "UPDATE operations SET instance = NULL, number = NULL WHERE id = ?"

END_OPERATION: Final = "DELETE FROM operations WHERE id = ?"

ADD_LOCK: Final = """
INSERT INTO locks (instance, number, granted, regains, data) VALUES (?, ?, 0, ?, ?)
"""

LOCK: Final = "SELECT instance, number, granted, regains, data FROM locks WHERE id = ?"

LOCK_OF: Final = "SELECT id FROM locks WHERE instance = ? AND number = ?"

GRANT: Final = "UPDATE locks SET granted = granted + 1 WHERE id = ?"

END_LOCK: Final = "DELETE FROM locks WHERE id = ?"

LOCK_REQUESTS: Final = """
SELECT id, entity FROM operations WHERE lock = ? AND data IS NULL
"""

LOCKED_BY: Final = "SELECT id FROM entities WHERE locked_by = ?"

# ---- offers --------------------------------------------------------------------------------

OFFER: Final = "INSERT INTO offers (kind, what, scope, session) VALUES (?, ?, ?, ?)"

WITHDRAW_OFFERS: Final = "DELETE FROM offers WHERE session = ?"

OFFERED: Final = "SELECT session, scope FROM offers WHERE kind = ? AND what = ?"

SET_FINGERPRINT: Final = "UPDATE sessions SET fingerprint = ? WHERE id = ?"

FINGERPRINT: Final = "SELECT fingerprint FROM sessions WHERE id = ?"

# ---- sessions ------------------------------------------------------------------------------

OPEN_SESSION: Final = """
INSERT INTO sessions (namespace, identity, renewed_at) VALUES (?, ?, ?)
"""

RENEW: Final = """
INSERT INTO sessions (id, namespace, identity, renewed_at, fingerprint) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET renewed_at = excluded.renewed_at
"""

SESSIONS: Final = "SELECT id, renewed_at FROM sessions"

CLOSE_SESSION: Final = "DELETE FROM sessions WHERE id = ?"

# ---- a clock that was set back -------------------------------------------------------------

HASTEN_INSTANCES: Final = """
UPDATE instances SET ready_at = :now
WHERE ready_at > :now AND (
    (status = 0 AND ready_at = created_at) OR status = 3
    OR (status = 1 AND (anew = 1 OR EXISTS (SELECT 1 FROM inbox WHERE instance = instances.id)))
)
"""

HASTEN_ACTIVITIES: Final = """
UPDATE activities SET due_at = max(:now, due_at - :step) WHERE lane < 0 AND due_at > :now
"""

OPERATIONS_AHEAD: Final = "SELECT id, entity, lock, data FROM operations WHERE at > ? AND due = 0"

HASTEN_OPERATION: Final = "UPDATE operations SET at = ?, checksum = ? WHERE id = ?"

HASTEN_ENTITIES: Final = """
UPDATE entities SET ready_at = (SELECT min(at) FROM operations WHERE entity = entities.id)
WHERE ready_at > :now
"""

SET_BACK_AT: Final = "SELECT value FROM meta WHERE key = 'set_back_at'"

SET_BACK: Final = """
INSERT INTO meta (key, value) VALUES ('set_back_at', ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""

# Some stamp that is not much older than the newest of all.
NEWEST: Final = """
SELECT max(at) FROM (
    SELECT max(renewed_at) AS at FROM sessions
    UNION ALL
    SELECT updated_at FROM (SELECT updated_at FROM instances ORDER BY id DESC LIMIT 1)
)
"""
