from __future__ import annotations

import abc
import hashlib
import os.path
import pathlib
import subprocess
import typing
from functools import cached_property, singledispatchmethod

if typing.TYPE_CHECKING:
    import av


class Package(abc.ABC):
    suffix: typing.ClassVar[str] = ".bin"
    _known: typing.ClassVar[dict[str, type[Package]]] = {}

    def __init_subclass__(cls, *, kind: str, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls._known[kind] = cls

    def __init__(self, title: str) -> None:
        self.title = title

    @classmethod
    def of(cls, kind: str, title: str) -> Package:
        return cls._known[kind](title)

    @cached_property
    def path(self) -> pathlib.PurePosixPath:
        return pathlib.PurePosixPath("/masters", self.title).with_suffix(self.suffix)

    def checksum(self) -> str:
        return hashlib.blake2b(bytes(self)).hexdigest()

    @abc.abstractmethod
    def __bytes__(self) -> bytes: ...

    @singledispatchmethod
    def describe(self, detail: object) -> str:
        return repr(detail)

    @describe.register
    def _(self, detail: int) -> str:
        return f"{detail} bytes in {os.path.dirname(str(self.path))}"


class Cinema(Package, kind="dcp"):
    suffix = ".mxf"

    def __bytes__(self) -> bytes:
        return pathlib.Path(self.path).read_bytes()  # expect: DUR122

    def describe(self, detail: object) -> str:
        size = os.path.getsize(self.path)  # expect: DUR122
        return f"{super().describe(detail)} ({size})"


class Stream(Package, kind="imf"):
    suffix = ".imf"

    def __bytes__(self) -> bytes:
        return subprocess.run(["imf", "cat", str(self.path)], capture_output=True).stdout  # expect: DUR123


class Trailer(Package, kind="trailer"):
    def __bytes__(self) -> bytes:
        return self.title.encode()


def frames(path: str) -> int:
    import av

    with av.open(path) as container:
        return container.streams.video[0].frames
