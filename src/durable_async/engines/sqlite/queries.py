"""The SQL of commits and claims, by name.

Invariant: each statement finds its rows through an index, whatever else is in the store; values
are bound, never pasted.

`STEP` is the statement of one more episode in a running instance. It touches no indexed column but
`ready_at`, so that it costs one small write; the others are for what happens once in a life.
"""

from __future__ import annotations

from typing import Final

from durable_async.engines.sqlite.database import sql

# Written into the statements, so that SQLite can see what they mean for its indexes.
PENDING, RUNNING, SUSPENDED, BLOCKED, COMPLETED, FAILED, CANCELLED, TERMINATED = range(8)

# ---- instances -----------------------------------------------------------------------------

CREATE: Final = """
INSERT INTO instances (
    namespace, instance_id, execution_id, definition, status, lane, epoch, length, ready_at,
    created_at, updated_at
) VALUES (?, ?, ?, ?, 0, ?, ?, 1, ?, ?, ?)
ON CONFLICT DO NOTHING
"""

FIND: Final = """
SELECT id, execution_id, definition, status, lane, epoch, length, completed_at
FROM instances WHERE namespace = ? AND instance_id = ?
"""

LOOK: Final = "SELECT lane, epoch FROM instances WHERE id = ?"

# When there is something to do: now if there is news in the inbox, else when a timer is due.
_READY: Final = """
CASE WHEN EXISTS (SELECT 1 FROM inbox WHERE instance = instances.id) THEN ?
ELSE (SELECT min(due) FROM timers WHERE instance = instances.id) END
"""

_STEP: Final = "UPDATE instances SET length = ?, updated_at = ?, idle = ?, ready_at ="

STEP: Final = sql(_STEP, _READY, "WHERE id = ?")

FIRST_STEP: Final = sql(
    _STEP, _READY, ", status = 1, blocked = NULL, blocked_under = NULL WHERE id = ?"
)

END: Final = """
UPDATE instances
SET status = ?, length = ?, updated_at = ?, completed_at = ?, idle = 0, ready_at = NULL,
    lane = -definition, epoch = epoch + 1, blocked = NULL, blocked_under = NULL
WHERE id = ?
"""

BLOCK: Final = """
UPDATE instances
SET status = 3, blocked = ?, blocked_under = ?, updated_at = ?, ready_at = NULL,
    lane = -definition
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

# A session that is gone holds nothing, though the instance may still stand in its lane: finding
# all of those when it goes would cost as much as it held.
NOTIFY: Final = """
UPDATE instances
SET ready_at = min(ifnull(ready_at, ?), ?),
    lane = CASE
        WHEN lane > 0 AND NOT EXISTS (SELECT 1 FROM sessions WHERE id = instances.lane)
        THEN -definition ELSE lane END
WHERE id = ? AND status = 1
"""

# It was ready for something that is gone.
SETTLE: Final = sql("UPDATE instances SET ready_at =", _READY, "WHERE id = ?")

RELEASE: Final = """
UPDATE instances SET lane = -definition WHERE id = ? AND lane = ? AND epoch = ?
"""

RELEASE_ALL: Final = """
UPDATE instances SET lane = -definition
WHERE id IN (
    SELECT id FROM instances WHERE lane = ? AND ready_at IS NOT NULL ORDER BY ready_at LIMIT ?
)
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
    "DELETE FROM history WHERE instance = ?",
    "DELETE FROM instances WHERE id = ?",
)

INSTANCE_ID: Final = "SELECT instance_id FROM instances WHERE id = ?"

# ---- claims --------------------------------------------------------------------------------

_LEASABLE: Final = """
SELECT id, instance_id, execution_id, definition, status, epoch, length, ready_at FROM instances
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
SELECT id, due_at, queue FROM activities
WHERE id BETWEEN ? AND ? AND lane < 0 AND due_at <= ?
"""

NEXT_QUEUED: Final = "SELECT min(due_at) FROM activities WHERE lane = ? AND due_at > ?"

NEXT_QUEUED_ONE: Final = """
SELECT min(due_at) FROM activities WHERE id BETWEEN ? AND ? AND lane < 0 AND due_at > ?
"""

# ---- what belongs to an instance -----------------------------------------------------------

APPEND: Final = "INSERT INTO history (instance, position, data, checksum) VALUES (?, ?, ?, ?)"

HISTORY: Final = """
SELECT position, data, checksum FROM history WHERE instance = ? ORDER BY position
"""

FIRST_CHUNK: Final = "SELECT data, checksum FROM history WHERE instance = ? AND position = 0"

LAST_CHUNK: Final = """
SELECT position, data, checksum FROM history WHERE instance = ? ORDER BY position DESC LIMIT 1
"""

DELIVER: Final = "INSERT INTO inbox (instance, at, data, checksum) VALUES (?, ?, ?, ?)"

INBOX: Final = "SELECT id, at, data, checksum FROM inbox WHERE instance = ? ORDER BY id"

CONSUME: Final = "DELETE FROM inbox WHERE id = ? AND instance = ?"

EMPTY_INBOX: Final = "DELETE FROM inbox WHERE instance = ?"

HAS_KEY: Final = "SELECT 1 FROM event_keys WHERE instance = ? AND key = ?"

ADD_KEY: Final = "INSERT INTO event_keys (instance, key) VALUES (?, ?) ON CONFLICT DO NOTHING"

START_TIMER: Final = "INSERT INTO timers (instance, number, due) VALUES (?, ?, ?)"

END_TIMER: Final = "DELETE FROM timers WHERE instance = ? AND number = ?"

END_TIMERS: Final = "DELETE FROM timers WHERE instance = ?"

DUE_TIMERS: Final = "SELECT due, number FROM timers WHERE instance = ? AND due <= ?"

SET_CUSTOM_STATUS: Final = """
INSERT INTO custom_statuses (instance, data) VALUES (?, ?)
ON CONFLICT (instance) DO UPDATE SET data = excluded.data
"""

CLEAR_CUSTOM_STATUS: Final = "DELETE FROM custom_statuses WHERE instance = ?"

ADD_TAG: Final = "INSERT INTO tags (key, value, instance) VALUES (?, ?, ?)"

# ---- activities ----------------------------------------------------------------------------

SCHEDULE: Final = """
INSERT INTO activities (
    id, lane, due_at, queue, attempt, lost, epoch, cancelling, scheduled_at, data, checksum
) VALUES (?, ?, ?, ?, 1, 0, ?, 0, ?, ?, ?)
"""

ACTIVITY: Final = "SELECT attempt, lost, data, checksum FROM activities WHERE id = ?"

ACTIVITY_TO_RUN: Final = """
SELECT instance_id, execution_id, activities.epoch, attempt, scheduled_at, data, checksum, heartbeat
FROM activities LEFT JOIN instances ON instances.id = activities.id >> 20
WHERE activities.id = ?
"""

LOOK_AT_ACTIVITY: Final = "SELECT lane, epoch, cancelling FROM activities WHERE id = ?"

ACTIVITIES_OF: Final = """
SELECT id, lane, due_at, attempt, cancelling, data, checksum, failure
FROM activities WHERE id BETWEEN ? AND ? ORDER BY id
"""

ACTIVITY_KEYS: Final = "SELECT id FROM activities WHERE id BETWEEN ? AND ?"

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

# ---- sessions ------------------------------------------------------------------------------

OPEN_SESSION: Final = """
INSERT INTO sessions (namespace, identity, renewed_at) VALUES (?, ?, ?)
"""

RENEW: Final = """
INSERT INTO sessions (id, namespace, identity, renewed_at) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET renewed_at = excluded.renewed_at
"""

SESSIONS: Final = "SELECT id, renewed_at FROM sessions"

CLOSE_SESSION: Final = "DELETE FROM sessions WHERE id = ?"

# ---- a clock that was set back -------------------------------------------------------------

HASTEN_INSTANCES: Final = """
UPDATE instances SET ready_at = :now
WHERE ready_at > :now AND (
    (status = 0 AND ready_at = created_at) OR status = 3
    OR (status = 1 AND EXISTS (SELECT 1 FROM inbox WHERE instance = instances.id))
)
"""

HASTEN_ACTIVITIES: Final = """
UPDATE activities SET due_at = max(:now, due_at - :step) WHERE lane < 0 AND due_at > :now
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
