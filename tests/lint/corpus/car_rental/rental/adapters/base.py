from __future__ import annotations

import abc
from typing import Any


class Adapters(abc.ABC):
    """What the saga needs of the outside world."""

    cities: set[str]

    @abc.abstractmethod
    async def find(self, city: str, car_class: str) -> str | None: ...

    @abc.abstractmethod
    async def archive(self, number: str, document: Any) -> None: ...
