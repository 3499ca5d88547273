"""Settings of training jobs."""

import json
import os
import socket
import uuid
from functools import cache
from pathlib import Path

from attrs import Factory, define, field
from pydantic_settings import BaseSettings

SEARCH_SPACE = {"lr": (1e-4, 1e-1), "depth": (2, 12)}
DEVICE = "cuda" if os.environ.get("CUDA_VISIBLE_DEVICES") else "cpu"


class Settings(BaseSettings):
    registry: str = "s3://models"
    parallel: int = 8


@cache  # expect: DUR141
def settings() -> Settings:
    return Settings()  # expect: DUR124


@define
class RunSpec:
    dataset: str
    params: dict[str, float]
    run_id: uuid.UUID = field(factory=uuid.uuid4)  # expect: DUR112
    tags: list[str] = Factory(list)
    host: str = ""

    def __attrs_post_init__(self) -> None:
        self.host = self.host or socket.gethostname()  # expect: DUR125

    def key(self) -> str:
        return json.dumps(self.params, sort_keys=True)


def load_overrides(name: str) -> dict[str, float]:
    path = Path("conf") / f"{name}.json"
    if not path.is_file():  # expect: DUR122
        return {}
    with path.open() as handle:  # expect: DUR122
        return json.load(handle)


def write_overrides(name: str, values: dict[str, float]) -> None:
    (Path("conf") / f"{name}.json").write_text(json.dumps(values))
