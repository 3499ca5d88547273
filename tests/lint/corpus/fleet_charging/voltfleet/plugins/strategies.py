"""Strategies decide which vehicle charges next."""

from __future__ import annotations

import heapq
import logging
import random
import time
from abc import ABC, abstractmethod
from pathlib import Path

from voltfleet.registry import strategies

logger = logging.getLogger(__name__)


class Strategy(ABC):
    seen: set[str] = set()
    spread = 3

    @abstractmethod
    def order(self, vehicles: dict[str, int]) -> list[str]: ...

    def remember(self, vehicle: str) -> bool:
        known = vehicle in Strategy.seen  # expect: DUR141
        Strategy.seen.add(vehicle)  # expect: DUR141
        return known

    def pause(self) -> None:
        logger.debug("no pause in %s", type(self).__name__)


@strategies.register("lowest-first")
class LowestFirst(Strategy):
    def order(self, vehicles: dict[str, int]) -> list[str]:
        heap = [(level, name) for name, level in vehicles.items()]
        heapq.heapify(heap)
        return [heapq.heappop(heap)[1] for _ in range(len(heap))]


@strategies.register("lottery")
class Lottery(Strategy):
    def __init__(self) -> None:
        self.generator = random.Random()  # expect: DUR111

    def order(self, vehicles: dict[str, int]) -> list[str]:
        names = sorted(vehicles)
        self.generator.shuffle(names)
        return names

    def pause(self) -> None:
        time.sleep(self.spread)  # expect: DUR102


@strategies.register("groups")
class Groups(Strategy):
    def order(self, vehicles: dict[str, int]) -> list[str]:
        depots = {name.split("/")[0] for name in vehicles}
        ordered: list[str] = []
        for depot in depots:  # expect: DUR134
            ordered.extend(name for name in sorted(vehicles) if name.startswith(depot))
        return ordered


@strategies.register("pinned")
class Pinned(LowestFirst):
    PINS = Path("/etc/voltfleet/pins")

    def order(self, vehicles: dict[str, int]) -> list[str]:
        pinned = self.PINS.read_text().split() if self.PINS.exists() else []  # expect: DUR122
        rest = super().order({name: level for name, level in vehicles.items() if name not in pinned})
        return pinned + rest


class Experimental(LowestFirst):
    """Not registered: the research group makes it in notebooks."""

    def __init__(self) -> None:
        self.weights = [random.random() for _ in range(8)]
