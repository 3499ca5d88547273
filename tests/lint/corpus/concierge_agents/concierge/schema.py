from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, Field, field_validator, model_validator


class ToolCall(BaseModel):
    name: str
    arguments: dict[str, Any] = {}
    call_id: str = Field(default_factory=lambda: str(uuid4()))  # expect: DUR112


class Message(BaseModel):
    role: Literal["system", "user", "assistant", "tool"]
    content: str
    at: Annotated[float, Field(default_factory=time.time)]  # expect: DUR101

    @field_validator("content")
    @classmethod
    def _strip(cls, value: str) -> str:
        return value.strip()


class Transcript(BaseModel):
    messages: list[Message] = []
    budget: int = 20

    def add(self, role: str, content: str) -> Transcript:
        self.messages.append(Message(role=role, content=content))
        return self

    def last(self) -> Message:
        return self.messages[-1]

    @property
    def tokens(self) -> int:
        return sum(len(m.content) // 4 for m in self.messages)


class Reservation(BaseModel):
    venue: str
    when: datetime

    @model_validator(mode="after")
    def _not_in_the_past(self) -> Reservation:
        if self.when < datetime.now(self.when.tzinfo):  # expect: DUR101
            raise ValueError("in the past")
        return self


class UsageReport(BaseModel):
    """What the billing job writes; nothing durable makes one."""

    run_id: str = Field(default_factory=lambda: uuid4().hex)
    made_at: datetime = Field(default_factory=datetime.utcnow)
