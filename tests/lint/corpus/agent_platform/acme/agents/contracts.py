"""What agents, tools and memories look like to each other (a namespace package: there is no acme/__init__)."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

S = TypeVar("S", bound="Step")


class Role(enum.StrEnum):
    USER = "user"
    TOOL = "tool"

    @classmethod
    def parse(cls, text: str) -> "Role":
        return cls(text.lower())


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    text: str


@dataclass
class Step:
    tool: str
    arguments: dict[str, str] = field(default_factory=dict)
    cost: int = 0

    def merged(self: S, other: S) -> S:
        self.arguments.update(other.arguments)
        return self


class Memory(Protocol):
    async def recall(self, key: str) -> list[str]: ...

    def remember(self, key: str, text: str) -> None: ...


class Tool(Protocol):
    name: str

    async def __call__(self, step: Step) -> str: ...


Planner = Callable[[list[Message]], AsyncIterator[Step]]
Settings = dict[str, Any]
