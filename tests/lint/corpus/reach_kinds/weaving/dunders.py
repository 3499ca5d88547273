"""Operators and protocols that call code behind one's back."""

from __future__ import annotations

import random
import secrets
import time
import uuid
from collections.abc import Iterator

from .wrapping import lazily


class Bolt:
    def __init__(self, name: str, length: int) -> None:
        self.name = name
        self.length = length

    def __add__(self, other: "Bolt") -> "Bolt":
        return Bolt(uuid.uuid4().hex, self.length + other.length)  # expect: DUR112

    def __radd__(self, other: int) -> int:
        return other + self.length

    def __eq__(self, other: object) -> bool:
        return secrets.randbelow(2) == 0  # expect: DUR111

    def __hash__(self) -> int:
        return hash(self.name)

    def __bool__(self) -> bool:
        return time.time() > self.length  # expect: DUR101

    def __len__(self) -> int:
        return random.randint(1, 9)  # expect: DUR111

    def __getitem__(self, index: int) -> str:
        return open(f"{self.name}.{index}").read()  # expect: DUR122

    def __setitem__(self, index: int, value: str) -> None:
        print(index, value)  # expect: DUR143

    def __contains__(self, thread: str) -> bool:
        return thread in input()  # expect: DUR102

    def __iter__(self) -> Iterator[int]:
        yield time.time_ns()  # expect: DUR101

    def __str__(self) -> str:
        return time.strftime("%j")  # expect: DUR101

    def __repr__(self) -> str:
        return f"Bolt at {time.time()}"

    def __format__(self, spec: str) -> str:
        return str(time.perf_counter())  # expect: DUR101

    def __lt__(self, other: "Bolt") -> bool:
        return random.random() < 0.5  # expect: DUR111

    def __getattr__(self, name: str) -> int:
        return uuid.getnode()  # expect: DUR112

    def __neg__(self) -> float:
        return time.time()

    @lazily
    def weight(self) -> int:
        return self.length * 2
