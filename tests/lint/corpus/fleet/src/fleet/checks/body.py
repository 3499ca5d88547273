from __future__ import annotations

import os
import re

from .base import Inspection

PAINT = re.compile(r"paint:(\w+)")


class _Located:
    @property
    def yard(self) -> str:
        return os.environ.get("FLEET_YARD", "north")  # expect: DUR124


class RustCheck(_Located, Inspection, kind="rust"):
    limit = 120_000

    def defects(self, mileage: int) -> list[str]:
        salted = self.yard in {"north", "coast"}
        return ["sill rust"] if salted and mileage > self.limit else []


class PaintCheck(RustCheck, kind="paint"):
    limit = 60_000

    def defects(self, mileage: int) -> list[str]:
        base = super().defects(mileage)
        return base + PAINT.findall(f"paint:{self.vin}")
