import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from datetime import date
from typing import Any, Generic, NotRequired, Required, TypedDict, TypeVar

import attrs

T = TypeVar("T")


class ManifestRow(TypedDict, total=False):
    imo: Required[str]
    draught: Required[float]
    crew: dict[str, str]
    cargo: NotRequired[list[str]]


@attrs.define
class Manifest:
    imo: str
    draught: float
    crew: dict[str, date] = attrs.field(factory=dict)
    cargo: list[str] = attrs.field(factory=list)

    @classmethod
    def parse(cls, row: ManifestRow) -> "Manifest":
        crew = {name: date.fromisoformat(until) for name, until in row.get("crew", {}).items()}
        return cls(row["imo"], row["draught"], crew, row.get("cargo", []))

    def digest(self) -> str:
        return hashlib.sha256(json.dumps(attrs.asdict(self), default=str).encode()).hexdigest()

    def __hash__(self) -> int:
        return hash((self.imo, self.draught))


class Page(Generic[T]):
    def __init__(self, items: list[T], size: int) -> None:
        self._items, self._size = items, size

    def __iter__(self) -> Iterator[list[T]]:
        for start in range(0, len(self._items), self._size):
            yield self._items[start : start + self._size]


@contextmanager
def workspace(name: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix=name) as folder:  # expect: DUR122
        yield folder


@contextmanager
def in_memory() -> Iterator[zipfile.ZipFile]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        yield archive


def bundle(texts: Mapping[str, str]) -> int:
    with ExitStack() as stack:
        archive = stack.enter_context(in_memory())
        out = io.StringIO()
        stack.enter_context(redirect_stdout(out))
        folder = stack.enter_context(workspace("bundle"))
        for name in sorted(texts):
            archive.writestr(f"{folder}/{name}", texts[name])
        return len(archive.namelist())


def pretty(data: Any) -> str:
    return json.dumps(data, indent=2, sort_keys=True)
