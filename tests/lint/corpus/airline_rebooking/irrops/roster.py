from __future__ import annotations

import abc
import os
import tempfile
import uuid
from collections.abc import Iterator


class Roster(abc.ABC):
    def __init__(self, base: str) -> None:
        self.base = base
        self.turn = 0

    @abc.abstractmethod
    def available(self) -> list[str]: ...

    def rotate(self) -> None:
        self.turn += 1

    def __len__(self) -> int:
        return len(self.available())

    def __iter__(self) -> Iterator[str]:
        for name in os.listdir(f"/rosters/{self.base}"):  # expect: DUR122
            yield name


class StandbyRoster(Roster):
    def available(self) -> list[str]:
        return [name for name in self if not name.startswith(".")]

    def rotate(self) -> None:
        super().rotate()
        self.token = uuid.uuid1(clock_seq=self.turn)  # expect: DUR112


class PaperRoster(Roster):
    def available(self) -> list[str]:
        with tempfile.TemporaryFile() as sheet:
            return sheet.read().decode().split()


def on_duty(roster: StandbyRoster) -> list[str]:
    return [name for name in roster.available() if hash(name) % 3]  # expect: DUR125
