"""State that outlives a single refill."""

import random
import socket
import time

import attrs
import durable_async as da

from .audit import Auditor


def _shelf_code(value: str) -> str:
    return value.strip().upper()


@attrs.define
class Base:
    revision: int = 0

    def touch(self) -> None:
        self.revision += 1
        Auditor.default().note("touch", str(self.revision))

    def _changed_at(self) -> float:
        return time.time()  # expect: DUR101


@da.entity
@attrs.define
class Shelf(Base):
    code: str = attrs.field(default="", converter=_shelf_code)
    units: dict[str, int] = attrs.field(factory=dict)
    alarms: set[str] = attrs.field(factory=set)

    def take(self, drug: str, count: int) -> int:
        left = self.units.get(drug, 0) - count
        if left < 0:
            self.alarms.add(drug)
            return 0
        self.units[drug] = left
        self.touch()
        return count

    def put(self, drug: str, count: int) -> float:
        self.units[drug] = self.units.get(drug, 0) + count
        self.alarms.discard(drug)
        return self._changed_at()

    def ring(self) -> list[str]:
        return [drug for drug in self.alarms]  # expect: DUR134

    def where(self) -> str:
        return f"{self.code}@{socket.gethostname()}"  # expect: DUR125


@da.entity(name="patient-v2")
@attrs.define
class Patient:
    name: str = ""
    consents: set[str] = attrs.field(factory=set)
    history: list[str] = attrs.field(factory=list)

    def consent(self, to: str) -> bool:
        known = to in self.consents
        self.consents.add(to)
        self.history.append(f"{da.now():%Y-%m-%d} {to}")
        return not known

    def lottery_ticket(self) -> int:
        return da.random("tickets").randint(1, 6)

    def forget(self) -> None:
        self.consents.clear()
        da.delete_entity()


@attrs.define
class LegacyPatient:
    """The rows of the old system, as the importer reads them."""

    name: str
    imported: float = attrs.field(factory=time.time)

    def ticket(self) -> int:
        return random.randint(1, 6)
