from __future__ import annotations

import platform
import subprocess
from random import gauss, Random
from typing import Any

from .base import Inspection


class Measured:
    """A value with the noise of the sensor on top."""

    def __init__(self, mean: float) -> None:
        self.mean = mean

    def __get__(self, instance: Any, owner: type | None = None) -> float:
        return gauss(self.mean, 0.1)  # expect: DUR111


class Modelled:
    def __init__(self, mean: float) -> None:
        self.mean = mean

    def __get__(self, instance: Any, owner: type | None = None) -> float:
        return Random(self.mean).gauss(self.mean, 0.1)


class OilCheck(Inspection, kind="oil"):
    viscosity = Measured(11.5)
    pressure = Modelled(2.5)

    def defects(self, mileage: int) -> list[str]:
        out = []
        if self.viscosity < 11.3:
            out.append("oil thin")
        if self.pressure < 2.0:
            out.append("pressure low")
        return out


class ObdCheck(Inspection, kind="obd"):
    def defects(self, mileage: int) -> list[str]:
        dump = subprocess.check_output(["obd-dump", self.vin], text=True)  # expect: DUR123
        return [line for line in dump.splitlines() if line.startswith("P0")]


class RigSelfTest:
    """Not an inspection: what a technician starts by hand at the rig."""

    def defects(self, mileage: int) -> list[str]:
        return [platform.node(), subprocess.getoutput("obd-dump --self")]
