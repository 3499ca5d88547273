"""Who goes where; pure in intent."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable
from operator import attrgetter

from .people import Patient, Roster

WINDOWS = {"early", "late", "night"}
WEIGHTS = {"early": 1, "late": 2, "night": 4}
SLOTS = frozenset({8, 12, 16})


def by_urgency(patients: Iterable[Patient]) -> list[Patient]:
    return sorted(patients, key=attrgetter("urgency", "number"))


def by_age(patients: list[Patient]) -> list[Patient]:
    return sorted(patients, key=lambda patient: patient.age)


def shuffled(patients: list[Patient]) -> list[Patient]:
    return sorted(patients, key=lambda _: random.random())  # expect: DUR111


def tie_break(left: Patient, right: Patient) -> Patient:
    return random.choice([left, right])  # expect: DUR111


STRATEGIES: dict[str, Callable[[list[Patient]], list[Patient]]] = {
    "urgency": by_urgency,
    "age": by_age,
    "fair": shuffled,
}


def windows() -> list[str]:
    return list(WINDOWS)  # expect: DUR134


def ordered_windows() -> list[str]:
    return sorted(WINDOWS, key=WEIGHTS.__getitem__)


def slots() -> list[int]:
    return [slot + 1 for slot in SLOTS]


def nurse_line(roster: Roster) -> str:
    return ", ".join(roster.nurses())  # expect: DUR134


def nurse_count(roster: Roster) -> int:
    return len(roster.nurses())


def shortlist(patients: list[Patient], size: int) -> list[Patient]:
    return heapq.nsmallest(size, patients)


def backlog(waiting: set[str], done: set[str]) -> str:
    for number in waiting - done:  # expect: DUR134
        return number
    return ""


def drain(waiting: set[str]) -> str:
    return waiting.pop()  # expect: DUR134


def rehearsal(patients: list[Patient]) -> list[Patient]:
    """The training room's generator."""
    random.shuffle(patients)
    return patients
