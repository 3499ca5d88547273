from __future__ import annotations

import multiprocessing as mp
import os
import shlex
import subprocess as sp
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property, partialmethod
from typing import ClassVar, Self


class Probe(ABC):
    binary: ClassVar[str] = "ffprobe"

    def __init__(self, clip: str) -> None:
        self.clip = clip

    @classmethod
    def of(cls, clip: str) -> Self:
        return cls(clip)

    def command(self, *flags: str) -> list[str]:
        return shlex.split(f"{self.binary} {' '.join(flags)} {shlex.quote(self.clip)}")

    @abstractmethod
    def streams(self) -> list[str]: ...


class ShellProbe(Probe):
    @cached_property
    def _raw(self) -> str:
        return sp.run(self.command("-show_streams"), capture_output=True, text=True).stdout  # expect: DUR123

    def streams(self) -> list[str]:
        return [line for line in self._raw.splitlines() if line]

    def _play(self, volume: int) -> None:
        os.system(f"ffplay -volume {volume} {self.clip}")  # expect: DUR123

    play_loud = partialmethod(_play, 100)

    def error(self) -> type[Exception]:
        return sp.CalledProcessError


class FakeProbe(Probe):
    def streams(self) -> list[str]:
        return ["video", "audio"]


class BatchProbe(Probe):
    def streams(self) -> list[str]:
        with mp.Pool(4) as pool:  # expect: DUR131
            return pool.map(str.upper, [self.clip])

    def _on_rig(self) -> list[str]:
        return sp.getoutput("lsblk").splitlines()


probes: dict[str, Callable[[str], Probe]] = {
    "shell": ShellProbe.of,
    "batch": BatchProbe,
}
