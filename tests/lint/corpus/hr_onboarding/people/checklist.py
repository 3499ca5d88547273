from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

    from .model import Equipment, Hire

    Process = subprocess.Popen[bytes]

LAPTOPS = {1: "air", 2: "pro", 3: "max"}


class Checklist:
    """Iterates over what is still to be done, a step a day."""

    def __init__(self, hire: Hire) -> None:
        self.hire = hire
        self._steps = ["contract", "tax", "badge"]

    def __aiter__(self) -> Checklist:
        self._position = time.time()  # expect: DUR101
        return self

    async def __anext__(self) -> str:
        if not self._steps:
            raise StopAsyncIteration
        await asyncio.sleep(86_400)
        step = self._steps.pop(0)
        text = self._template(step)
        return text.format(name=self.hire.name)

    def _template(self, step: str) -> str:
        with open(f"templates/{step}.json") as file:  # expect: DUR122
            return json.load(file)["text"]

    def run_hook(self, process: Process) -> int:
        return process.wait(timeout=time.monotonic())


def equipment_for(level: int) -> Equipment:
    from .model import Equipment

    equipment = Equipment(owner="it")
    equipment += LAPTOPS[level]
    if (screens := level) > 1:
        equipment += f"{screens} screens"
    return equipment
