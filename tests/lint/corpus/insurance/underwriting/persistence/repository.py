"""Generic repositories."""

from __future__ import annotations

import abc
import pickle
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Engine, create_engine, text


class Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Identified)


class Repository(abc.ABC, Generic[T]):
    def __init__(self, kind: type[T]) -> None:
        self.kind = kind
        self.touched: set[str] = set()

    @abc.abstractmethod
    def load(self, key: str) -> T | None: ...

    @abc.abstractmethod
    def save(self, item: T) -> None: ...

    def fresh_key(self) -> str:
        return f"{self.kind.__name__}-{uuid.uuid4()}"  # expect: DUR112

    def first(self, keys: list[str], test: Callable[[T], bool]) -> T | None:
        loaded = filter(None, map(self.load, keys))
        return next(filter(test, loaded), None)

    def changed(self) -> list[str]:
        return list(self.touched)  # expect: DUR134

    def changed_sorted(self) -> list[str]:
        return sorted(self.touched)


class InMemoryRepository(Repository[T]):
    def __init__(self, kind: type[T], items: dict[str, T] | None = None) -> None:
        super().__init__(kind)
        self.items = dict(items or {})

    def load(self, key: str) -> T | None:
        return self.items.get(key)

    def save(self, item: T) -> None:
        self.items[item.id] = item
        self.touched.add(item.id)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items.values())


class SqlRepository(Repository[T]):
    def __init__(self, kind: type[T], url: str) -> None:
        super().__init__(kind)
        self.engine: Engine = create_engine(url)
        self.loaded_at = 0.0

    def load(self, key: str) -> T | None:
        self.loaded_at = time.time()  # expect: DUR101
        with self.engine.connect() as connection:  # expect: DUR121
            print("loading", self.kind.__name__, key)  # expect: DUR143
        return None if connection.closed else self.kind()

    def save(self, item: T) -> None:
        with self.engine.begin() as connection:  # expect: DUR121
            statement = text("update items set body = :body where id = :id")
            self.touched.add(str(statement) + item.id)
        self.touched.discard(str(connection))


class PickleRepository(Repository[T]):
    """Imports of the old system; the migration script uses it."""

    root = Path("/srv/import")

    def load(self, key: str) -> T | None:
        return pickle.loads((self.root / key).read_bytes())

    def save(self, item: T) -> None:
        (self.root / item.id).write_bytes(pickle.dumps(item))
