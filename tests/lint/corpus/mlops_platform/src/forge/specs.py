"""Specs as msgspec structs and pydantic models."""

from __future__ import annotations

import socket
from datetime import datetime
from uuid import uuid4

import msgspec
from pydantic import BaseModel, Field


class TrainSpec(msgspec.Struct):
    dataset: str
    epochs: int = 10
    learning_rate: float = 1e-3
    seed: int | None = None


class RunInfo(BaseModel):
    name: str
    run_id: str = Field(default_factory=lambda: str(uuid4()))  # expect: DUR112
    host: str = Field(default_factory=socket.gethostname)  # expect: DUR125
    created: datetime = Field(default_factory=datetime.now)  # expect: DUR101
    tags: set[str] = Field(default_factory=set)


class Metrics(BaseModel):
    loss: float
    accuracy: float
    labels: dict[str, float] = Field(default_factory=dict)

    def better_than(self, other: "Metrics") -> bool:
        return self.accuracy > other.accuracy


class AdhocRun(BaseModel):
    """Built by the notebook extension."""

    run_id: str = Field(default_factory=lambda: str(uuid4()))
    created: datetime = Field(default_factory=datetime.now)
