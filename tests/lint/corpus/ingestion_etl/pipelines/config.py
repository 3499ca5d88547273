"""Settings of the pipelines, by file and environment."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from dotenv import load_dotenv
from pydantic_settings import BaseSettings

CONFIG_DIR = Path(os.environ.get("PIPELINES_CONFIG", "/etc/pipelines"))
DEFAULT_BATCH = 5_000


class WarehouseSettings(BaseSettings):
    dsn: str = "postgresql://warehouse"
    schema_name: str = "raw"
    batch: int = DEFAULT_BATCH


@dataclass(frozen=True)
class SourceConfig:
    name: str
    kind: str
    tables: tuple[str, ...]
    batch: int = DEFAULT_BATCH

    def with_batch(self, batch: int) -> SourceConfig:
        return replace(self, batch=batch)


def load_source(name: str) -> SourceConfig:
    with open(CONFIG_DIR / f"{name}.toml", "rb") as source:  # expect: DUR122
        raw = tomllib.load(source)
    return SourceConfig(name, raw["kind"], tuple(raw["tables"]), raw.get("batch", DEFAULT_BATCH))


def warehouse() -> WarehouseSettings:
    return WarehouseSettings()  # expect: DUR124


def parse_source(name: str, text: str) -> SourceConfig:
    raw = tomllib.loads(text)
    return SourceConfig(name, raw["kind"], tuple(raw["tables"]))


def bootstrap() -> None:
    load_dotenv(CONFIG_DIR / ".env")
    os.environ.setdefault("TZ", "UTC")
