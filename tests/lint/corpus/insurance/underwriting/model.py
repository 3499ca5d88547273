"""Applications, risks and policies (pydantic, so that they cross the durable boundary)."""

from __future__ import annotations

import enum
from datetime import date, datetime, timezone
from decimal import Decimal

from pydantic import BaseModel, Field, field_validator


class Decision(enum.StrEnum):
    ACCEPT = "accept"
    REFER = "refer"
    DECLINE = "decline"


class Application(BaseModel):
    id: str = ""
    applicant: str = ""
    born: date = date(1970, 1, 1)
    covers: set[str] = Field(default_factory=set)
    sums: dict[str, Decimal] = Field(default_factory=dict)

    @field_validator("covers")
    @classmethod
    def _known(cls, value: set[str]) -> set[str]:
        return {cover.lower() for cover in value}

    def age_on(self, day: date) -> int:
        before = (day.month, day.day) < (self.born.month, self.born.day)
        return day.year - self.born.year - int(before)


class Policy(BaseModel):
    id: str = ""
    application: str = ""
    premium: Decimal = Decimal(0)
    begins: date = date(2026, 1, 1)
    issued: datetime = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Quote(BaseModel):
    """Made by the public web form only."""

    premium: Decimal
    made: datetime = Field(default_factory=datetime.now)
    valid_on: date = Field(default_factory=date.today)
