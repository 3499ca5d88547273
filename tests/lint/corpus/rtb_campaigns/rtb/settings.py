"""Settings of the bidder, and switches that operations may flip."""

import os
import typing as t
from dataclasses import dataclass

from pydantic_settings import BaseSettings

REGION = os.getenv("RTB_REGION", "eu")
FLOOR_CENTS = 12
PAUSED: set[str] = set()


class Settings(BaseSettings):
    exchange: str = "https://exchange.example.org"
    qps: int = 500


@dataclass
class Switches:
    aggressive: bool = False
    shadow: bool = False


SWITCHES = Switches()


def settings() -> Settings:
    return Settings()  # expect: DUR124


def region() -> str:
    return os.environ.get("RTB_REGION", REGION)  # expect: DUR124


def pause(campaign: str) -> None:
    PAUSED.add(campaign)  # expect: DUR141


def is_paused(campaign: str) -> bool:
    return campaign in PAUSED  # expect: DUR141


def flags() -> dict[str, t.Any]:
    return {"floor": FLOOR_CENTS, "region": REGION}
