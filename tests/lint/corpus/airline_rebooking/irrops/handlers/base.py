from __future__ import annotations

import abc
import time
from typing import Any, ClassVar

from ..activities import hold_seat
from ..exceptions import NoSeat


class BaseHandler(abc.ABC):
    """Template method: `run` calls the hooks in order."""

    cabin: ClassVar[str] = "Y"
    attempts: ClassVar[int] = 3

    def __init__(self, pnr: str, flight: str) -> None:
        self.pnr = pnr
        self.flight = flight
        self.began = time.monotonic()  # expect: DUR101
        self.notes: list[Any] = []

    async def run(self) -> str:
        self.before()
        for candidate in self.candidates():
            if await self.try_one(candidate):
                return candidate
        await self.after()
        raise NoSeat(self.flight, self.cabin)

    def before(self) -> None:
        """Hook; nothing by default."""

    async def after(self) -> None:
        """Hook; nothing by default."""

    @abc.abstractmethod
    def candidates(self) -> list[str]: ...

    async def try_one(self, candidate: str) -> bool:
        return await hold_seat(self.pnr, candidate) == "ok"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pnr} at {id(self):x}>"
