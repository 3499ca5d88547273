from __future__ import annotations

import abc
from typing import ClassVar


class Inspection(abc.ABC):
    kinds: ClassVar[dict[str, type[Inspection]]] = {}
    performed: ClassVar[list[str]] = []
    kind: ClassVar[str] = ""

    def __init_subclass__(cls, *, kind: str, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.kind = kind
        Inspection.kinds[kind] = cls

    def __init__(self, vin: str) -> None:
        self.vin = vin

    def run(self, mileage: int) -> list[str]:
        found = self.defects(mileage)
        Inspection.performed.append(self.vin)  # expect: DUR141
        return [f"{self.kind}: {item}" for item in found]

    @abc.abstractmethod
    def defects(self, mileage: int) -> list[str]: ...


def create(kind: str, vin: str) -> Inspection:
    return Inspection.kinds[kind](vin)


def inspected() -> int:
    return len(Inspection.performed)  # expect: DUR141
