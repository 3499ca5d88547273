"""Beds in use, kept per process; was fine before the flows came."""

from __future__ import annotations

from typing import ClassVar

OCCUPIED: dict[str, str] = {}
CLOSED = {"B7": "leak"}
HISTORY: list[str] = []


class BedRegistry:
    total: ClassVar[int] = 40
    opened = 0
    names: ClassVar[tuple[str, ...]] = ("B1", "B2")

    def __init__(self) -> None:
        self.local: dict[str, str] = {}

    @classmethod
    def open_bed(cls) -> None:
        cls.opened += 1  # expect: DUR141

    def take(self, bed: str, patient: str) -> bool:
        if bed in CLOSED or bed in OCCUPIED:  # expect: DUR141
            return False
        OCCUPIED[bed] = patient  # expect: DUR141
        self.local[bed] = patient
        return True

    def free(self, bed: str) -> None:
        OCCUPIED.pop(bed, None)  # expect: DUR141
        self.local.pop(bed, None)

    @property
    def known(self) -> tuple[str, ...]:
        return self.names


def append_note(text: str, notes: list[str] = []) -> None:
    notes.append(text)  # expect: DUR141


def append_local(text: str, notes: list[str] | None = None) -> list[str]:
    notes = [] if notes is None else notes
    notes.append(text)
    return notes


def remember(text: str) -> None:
    """The console's."""
    HISTORY.append(text)


def history_size() -> int:
    return len(HISTORY)
