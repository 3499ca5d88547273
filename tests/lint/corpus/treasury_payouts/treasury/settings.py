"""Settings and switches, shared by every module here."""

import os
from dataclasses import dataclass

from pydantic_settings import BaseSettings

REGION = os.environ.get("REGION", "eu-central-1")
CUTOFF_HOUR = 16
HOLIDAYS = frozenset({"12-25", "12-26", "01-01"})
LIMITS = {"EUR": 5_000_000, "USD": 4_500_000}

paused = False
attempts: dict[str, int] = {}
last_batch = ""


class BankSettings(BaseSettings):
    host: str = "bank.example"
    port: int = 8443


@dataclass(frozen=True)
class Fees:
    percent: float = 0.2
    minimum: int = 25

    @classmethod
    def default(cls) -> "Fees":
        return cls()

    def of(self, cents: int) -> int:
        return max(self.minimum, round(cents * self.percent / 100))


def pause() -> None:
    """The operator's switch (HTTP)."""
    global paused
    paused = True
    os.environ["TREASURY_PAUSED"] = "1"
