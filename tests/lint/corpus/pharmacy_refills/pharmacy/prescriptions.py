import time
from datetime import date, timedelta

from .fields import Fingerprint, Identified, Logged, Prioritised, Stamp

CATALOGUE_ENDS = date(2027, 12, 31)


class Prescription(Identified, Prioritised):
    seen = Stamp()
    quantity: Logged[int] = Logged(1)

    def __init__(self, drug: str, days: int, urgency: int = 0) -> None:
        super().__init__()
        self.drug = drug
        self.days = days
        self.urgency = urgency
        self.valid_until = CATALOGUE_ENDS

    def __bool__(self) -> bool:
        return self.days > 0 and date.today() <= self.valid_until  # expect: DUR101

    def __await__(self):
        import asyncio

        yield from asyncio.sleep(self.days * 86_400).__await__()
        return self.code

    def __getattr__(self, name: str) -> str:
        if name == "leaflet":
            with open(f"/srv/leaflets/{self.drug}.txt") as file:  # expect: DUR122
                return file.read()
        raise AttributeError(name)

    def __matmul__(self, other: "Prescription") -> bool:
        """Do the two interact?"""
        return {self.drug, other.drug} in ({"warfarin", "aspirin"}, {"lithium", "ibuprofen"})

    @property
    def code(self) -> str:
        return Fingerprint[f"{self.drug}/{self.days}"]

    @staticmethod
    def next_due(start: date, days: int) -> date:
        return start + timedelta(days=days)

    def __reduce__(self):
        return Prescription, (self.drug, self.days), {"pickled": time.time()}


def most_urgent(prescriptions: list[Prescription]) -> list[Prescription]:
    return sorted(prescription for prescription in prescriptions if prescription)
