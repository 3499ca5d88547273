"""Aisles and shelves."""

import abc
import functools
import os
from pathlib import Path

__all__ = ["Shelf", "Aisle"]


class Place(abc.ABC):
    def __init__(self, code: object) -> None:
        self.code = str(code)

    @property
    @abc.abstractmethod
    def marker(self) -> Path: ...

    def touch(self) -> None:
        self.marker.touch()  # expect: DUR122

    def remove(self) -> None:
        self.marker.unlink(missing_ok=True)


class Shelf(Place):
    @property
    def marker(self) -> Path:
        return Path("/run/wms", self.code)


class Aisle(Place):
    @property
    def marker(self) -> Path:
        return Path("/run/wms/aisles") / self.code

    def __str__(self) -> str:
        return f"aisle {self.code} ({os.stat(self.marker).st_size})"  # expect: DUR122


@functools.cache
def route(start: int, end: int) -> list[int]:
    return list(range(start, end + 1))
