from __future__ import annotations

import asyncio
import hashlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, ClassVar, Generic, TypeVar

Row = dict[str, Any]
T = TypeVar("T")
U = TypeVar("U")


class Source(ABC):
    """Something that yields batches of object keys."""

    scheme: ClassVar[str]
    _schemes: ClassVar[dict[str, type[Source]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "scheme" in vars(cls):
            Source._schemes[cls.scheme] = cls

    def __init__(self, location: str) -> None:
        self.location = location

    @classmethod
    def scheme_names(cls) -> list[str]:
        return sorted(cls._schemes)

    @abstractmethod
    def batches(self, size: int) -> AsyncIterator[list[str]]: ...

    def fingerprint(self) -> str:
        return hashlib.md5(self.location.encode(), usedforsecurity=False).hexdigest()


class Pipe(Generic[T]):
    """A tiny operator chain over async iterators: ``Pipe(rows) | step | step``."""

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._items = items

    def __or__(self, step: Callable[[T], Awaitable[U]]) -> Pipe[U]:
        async def run() -> AsyncIterator[U]:
            async for item in self._items:
                yield await step(item)

        return Pipe(run())

    def __aiter__(self) -> AsyncIterator[T]:
        return self._items

    async def collect(self) -> list[T]:
        return [item async for item in self._items]


async def batched(items: Iterable[str], size: int) -> AsyncIterator[list[str]]:
    batch: list[str] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
            await asyncio.sleep(0)
    if batch:
        yield batch
