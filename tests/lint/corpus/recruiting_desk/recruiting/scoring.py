from __future__ import annotations

import builtins
import enum
import runpy
import subprocess
from collections.abc import Callable, Mapping
from string import Template
from types import MappingProxyType
from typing import Any

import openai
from shortuuid import ShortUUID

from .core import Measured

WEIGHTS: Mapping[str, float] = MappingProxyType({"python": 2.0, "sql": 1.0})


class Verdict(enum.Enum):
    YES = enum.auto()
    MAYBE = enum.auto()
    NO = enum.auto()

    @classmethod
    def _missing_(cls, value: object) -> Verdict:
        print("unknown verdict", value)  # expect: DUR143
        return cls.MAYBE

    @property
    def ticket(self) -> str:
        return ShortUUID().random(8)  # expect: DUR112


class Formula:
    def __init__(self, source: str, **names: Any) -> None:
        self.source = source
        self.names = names

    def __matmul__(self, words: list[str]) -> float:
        return float(builtins.eval(self.source, {"words": words, **self.names}))  # expect: DUR142

    def eval(self, words: list[str]) -> float:
        return sum(WEIGHTS.get(word, 0.0) for word in words)


class Script(Formula):
    def __matmul__(self, words: list[str]) -> float:
        scope = runpy.run_path(self.source)  # expect: DUR142
        return scope["score"](words)


@Measured
def weighted(words: list[str]) -> float:
    return Formula("0").eval(words)


def plain(words: list[str], *, scale: float = 1.0) -> float:
    return len(words) * scale


def embedded(words: list[str]) -> float:
    client = openai.OpenAI()
    reply = client.embeddings.create(model="tiny", input=words)  # expect: DUR121
    return float(reply.data[0].embedding[0])


def external(words: list[str]) -> float:
    return float(subprocess.Popen(["score", *words], stdout=subprocess.PIPE).pid)  # expect: DUR123


SCORERS: dict[str, Callable[[list[str]], float]] = {
    "weighted": weighted,
    "plain": plain,
    "embedded": embedded,
    "external": external,
}


def letter(name: str) -> str:
    return Template("Dear $name").substitute(name=name)
