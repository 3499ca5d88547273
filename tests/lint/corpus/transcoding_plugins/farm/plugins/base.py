from __future__ import annotations

import abc
import os.path
import shlex
import uuid
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class Segment:
    source: str
    index: int
    start_ms: int
    end_ms: int

    @property
    def stem(self) -> str:
        return os.path.splitext(os.path.basename(self.source))[0]


@dataclass
class Task:
    segment: Segment
    argv: list[str]
    target: str
    ticket: str = field(default_factory=lambda: uuid.uuid4().hex)  # expect: DUR112

    def __str__(self) -> str:
        return shlex.join(self.argv)


class EncoderPlugin(abc.ABC):
    name: ClassVar[str]
    container: ClassVar[str] = "mp4"
    ladder: ClassVar[tuple[int, ...]] = (1080, 720, 480)

    def plan(self, segment: Segment, out_dir: str) -> list[Task]:
        return [self.task(segment, height, out_dir) for height in self.rungs(segment)]

    def rungs(self, segment: Segment) -> list[int]:
        return list(self.ladder)

    def task(self, segment: Segment, height: int, out_dir: str) -> Task:
        target = os.path.join(out_dir, f"{segment.stem}-{segment.index:05d}-{height}.{self.container}")
        return Task(segment, [*self.command(segment, height), target], target)

    @abc.abstractmethod
    def command(self, segment: Segment, height: int) -> list[str]: ...
