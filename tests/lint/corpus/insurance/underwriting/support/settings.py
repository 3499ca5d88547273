"""Settings and feature switches."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import tomllib
from dotenv import load_dotenv
from pydantic_settings import BaseSettings

load_dotenv()
DATA = Path(os.environ.get("UW_DATA", "/srv/uw"))


class UnderwritingSettings(BaseSettings):
    letter_days: int = 14
    max_sum: int = 5_000_000
    modules: list[str] = []


@functools.cache  # expect: DUR141
def settings() -> UnderwritingSettings:
    return UnderwritingSettings()  # expect: DUR124


class Switches:
    _instance: Switches | None = None

    def __init__(self) -> None:
        self.values = tomllib.loads((DATA / "switches.toml").read_text())  # expect: DUR122

    @classmethod
    def get(cls) -> Switches:
        if cls._instance is None:  # expect: DUR141
            cls._instance = cls()  # expect: DUR141
        return cls._instance  # expect: DUR141

    def on(self, name: str) -> bool:
        return bool(self.values.get(name, False))


def dump_settings() -> str:
    """python -m underwriting.support.settings"""
    return UnderwritingSettings(letter_days=int(os.environ["DAYS"])).model_dump_json()


if __name__ == "__main__":
    print(dump_settings())
