from __future__ import annotations

import os
import time
import uuid
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings

PROCESS_TAG = uuid.uuid4().hex[:6]
STARTED = datetime.now(timezone.utc)
STARTED_LABEL = f"run-{STARTED:%Y%m%d-%H%M}"
ARTIFACTS = Path(os.environ.get("ARTIFACTS", "/mnt/artifacts"))
EPOCH_ZERO = datetime.fromtimestamp(0, timezone.utc)
DEFAULT_SEED = 20_240_117


class Device(str, Enum):
    CPU = "cpu"
    CUDA = "cuda"


class Platform(BaseSettings):
    """Where the job runs; from the environment."""

    region: str = "eu-west-1"
    bucket: str = "ranking-models"
    gpu_quota: int = 8


platform_settings = Platform()


class HyperParams(BaseModel):
    learning_rate: float = 1e-3
    batch_size: int = 512
    depth: int = 6
    loss: Literal["bce", "focal"] = "bce"
    extra: dict[str, Any] = Field(default_factory=dict)

    def key(self) -> str:
        return f"lr{self.learning_rate:g}-b{self.batch_size}-d{self.depth}-{self.loss}"


class Trial(BaseModel):
    id: str = Field(default_factory=lambda: uuid.uuid4().hex)  # expect: DUR112
    params: HyperParams
    seed: int = DEFAULT_SEED
    score: float | None = None


class Checkpoint(BaseModel):
    trial_id: str
    step: int
    saved_at: float = Field(default_factory=time.time)


class Report(BaseModel):
    best: Trial
    trials: int
    label: str
    reference: datetime = EPOCH_ZERO
