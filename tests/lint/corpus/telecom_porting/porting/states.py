"""The state machine of a porting. Each state is a class with `enter`."""

import asyncio
import contextlib
import inspect
import os
import random
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from typing import ClassVar, Self

import durable_async as da


class PortingState(ABC):
    timeout: ClassVar[float] = 3600.0
    visited: ClassVar[list[str]] = []

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.loaded = datetime.now(timezone.utc)  # type: ignore[attr-defined]

    def __init__(self, number: str) -> None:
        self.number = number
        self.visited.append(type(self).__name__)  # expect: DUR141

    @abstractmethod
    async def enter(self) -> "PortingState | None":
        """The next state, or None at the end."""

    async def run(self) -> "PortingState | None":
        async with self.guard():
            return await self.enter()

    @contextlib.asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.timeout):
                yield
        except TimeoutError:
            self.on_timeout()

    def on_timeout(self) -> None:
        da.get_logger(__name__).warning("%s timed out", self)

    def to(self, kind: type["PortingState"]) -> "PortingState":
        return kind(self.number)


class Requested(PortingState):
    async def enter(self) -> PortingState:
        await da.wait_for_event("donor_answer", str)
        return Accepted(self.number) if self.number.startswith("+49") else self.to(Rejected)


class Accepted(PortingState):
    timeout = 86_400.0

    async def enter(self) -> PortingState | None:
        await asyncio.sleep(random.uniform(1, 5))  # expect: DUR111
        return Switching(self.number)

    def on_timeout(self) -> None:
        super().on_timeout()
        subprocess.run(["page", "noc", self.number])  # expect: DUR123


class Switching(Accepted):
    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.window = Window.current()

    async def enter(self) -> PortingState | None:
        while not self.window.open:
            await da.sleep(60)
        time.sleep(0.1)  # expect: DUR102
        return None


class Rejected(PortingState):
    async def enter(self) -> None:
        self._lock = threading.RLock()  # expect: DUR131
        return None


class Window:
    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end

    @classmethod
    def current(cls) -> Self:
        return cls(2, 5)

    @property
    def open(self) -> bool:
        return self.start <= datetime.now().hour < self.end  # expect: DUR101


def diagram() -> str:
    """dot source for the manual."""
    names = [cls.__name__ for cls in PortingState.__subclasses__()]
    print(len(inspect.getsource(PortingState)), os.getcwd())
    return " -> ".join(names)
