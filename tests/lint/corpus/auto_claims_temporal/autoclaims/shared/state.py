"""The states of a claim, and which one may follow which."""

import enum
import logging
import threading
import typing

logger = logging.getLogger(__name__)


class ClaimState(enum.Enum):
    REPORTED = "reported"
    INSPECTED = "inspected"
    PAID = "paid"
    CLOSED = "closed"


FOLLOWS: typing.Final = {
    ClaimState.REPORTED: {ClaimState.INSPECTED, ClaimState.CLOSED},
    ClaimState.INSPECTED: {ClaimState.PAID, ClaimState.CLOSED},
    ClaimState.PAID: {ClaimState.CLOSED},
    ClaimState.CLOSED: set(),
}
_transitions = 0
_guard = threading.RLock()


def transition(before: ClaimState, after: ClaimState) -> ClaimState:
    global _transitions
    if after not in FOLLOWS[before]:
        raise ValueError(f"{after} may not follow {before}")
    _transitions += 1  # expect: DUR141
    logger.debug("%s -> %s", before, after)
    return after


def possible(before: ClaimState) -> list[str]:
    return sorted(state.value for state in FOLLOWS[before])


def any_possible(before: ClaimState) -> ClaimState:
    return [*FOLLOWS[before]][0]  # expect: DUR134
