"""Shapes that travel between the agent, the model and the tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

import attrs

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
ToolFunction: TypeAlias = Callable[..., Awaitable[Any]]
Role = Literal["user", "assistant", "tool"]


class Message(TypedDict):
    role: Role
    content: str
    tool_call_id: NotRequired[str]


class ToolCall(TypedDict):
    id: str
    name: str
    arguments: dict[str, Any]


class Completion(TypedDict):
    text: str
    calls: list[ToolCall]
    stop: Literal["end", "tool_use", "length"]


@attrs.frozen
class ToolSpec:
    name: str
    description: str
    function: ToolFunction
    tags: frozenset[str] = frozenset()


@attrs.define
class Transcript:
    ticket: str
    messages: list[Message] = attrs.field(factory=list)
    tokens: int = 0

    def say(self, role: Role, content: str) -> None:
        self.messages.append({"role": role, "content": content})
        self.tokens += len(content) // 4

    def answer(self, call: ToolCall, content: str) -> None:
        self.messages.append({"role": "tool", "content": content, "tool_call_id": call["id"]})

    @property
    def last(self) -> str:
        return self.messages[-1]["content"] if self.messages else ""


@attrs.define
class Outcome:
    ticket: str
    reply: str
    labels: list[str]
    escalated: bool = False
