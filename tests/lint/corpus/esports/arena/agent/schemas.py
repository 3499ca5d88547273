"""Schemas of the caster and referee agents."""

from __future__ import annotations

import json
import random
import time
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, computed_field, model_validator


class ToolCall(BaseModel):
    name: str
    arguments: dict[str, Any] = {}
    id: str = Field(default_factory=lambda: f"call_{uuid.uuid4().hex}")  # missed: DUR112


class Message(BaseModel):
    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    calls: list[ToolCall] = []
    at: float = Field(default_factory=time.time)  # expect: DUR101

    @classmethod
    def user(cls, text: str) -> Message:
        return cls(role="user", content=text)

    @classmethod
    def tool(cls, result: Any) -> Message:
        return cls(role="tool", content=json.dumps(result, default=str, sort_keys=True))


class Transcript(BaseModel):
    messages: list[Message] = []
    topics: set[str] = set()

    @computed_field
    @property
    def length(self) -> int:
        return sum(len(message.content) for message in self.messages)

    def last(self) -> Message:
        return self.messages[-1]

    def outline(self) -> str:
        return "\n".join(f"- {topic}" for topic in self.topics)  # expect: DUR134


class Ruling(BaseModel):
    match: str
    penalty: Annotated[int, Field(ge=0, le=10)] = 0
    text: str = ""

    @model_validator(mode="after")
    def _short(self) -> Ruling:
        self.text = self.text[:280]
        return self


class Viewer(BaseModel):
    """Only made by the chat gateway."""

    nick: str = Field(default_factory=lambda: f"guest{random.randint(1, 9999)}")
    joined: datetime = Field(default_factory=lambda: datetime.now(UTC))
