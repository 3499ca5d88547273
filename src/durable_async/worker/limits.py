"""Every limit that a worker keeps. Invariant: no number of this layer stands anywhere else.

Durations are in seconds.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ANSWER_TIME",
    "BATCH_TIME",
    "CANCEL_GRACE",
    "CODEC_RETRY",
    "ENTITIES_PER_TURN",
    "EPISODES_PER_TURN",
    "FIRST_SURVEY",
    "HEARTBEAT_INTERVAL",
    "HOLD_UP",
    "HURRIED_ANSWER_TIME",
    "NOTICES_KEPT",
    "SURVEY_INTERVAL",
    "TURN_TIME",
]

EPISODES_PER_TURN: Final = 256
"""How many instances a worker takes on at once: one turn is one transaction, and everybody who
waits for an answer waits for the whole of it."""

ENTITIES_PER_TURN: Final = 256
"""How many entities a worker takes on at once, each with the operations that wait for it."""

BATCH_TIME: Final = 0.1
"""After how long the rest of an entity's operations is left to another batch, behind others."""

TURN_TIME: Final = 0.2
"""After how long a turn leaves the rest of its episodes to the next one: long replays must not
keep a worker from renewing its leases."""

HEARTBEAT_INTERVAL: Final = 1.0
"""At most one heartbeat of an attempt is stored in this time, or in a third of its
`heartbeat_timeout` if that is shorter: the newest details win."""

CANCEL_GRACE: Final = 10.0
"""How long an async activity may go on after its timeout has cancelled it. Then its failure is
reported all the same; what it still does is dropped, and it keeps its place among
`max_activities` until it ends."""

ANSWER_TIME: Final = 2.0
HURRIED_ANSWER_TIME: Final = 0.2
"""How long activities that are handed back at a worker's end have to see their cancellation; the
second when there is a hurry."""

FIRST_SURVEY: Final = 1.0
SURVEY_INTERVAL: Final = 10.0
"""How long after its start, and then how often, a worker looks for instances that wait for a
definition it does not have."""

NOTICES_KEPT: Final = 10_000
"""How many warnings a worker remembers, so as to give each of them once."""

HOLD_UP: Final = 0.25
"""How long an episode may take, and an async activity keep its event loop, before the watchdog
tells of it."""

CODEC_RETRY: Final = 30.0
"""After how long an activity whose arguments the codec could not decode is tried again, whatever
its policy: its body has not begun."""
