from __future__ import annotations

import uuid
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, computed_field, field_validator, model_validator

from kyc.clock import today


class Risk(Enum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    def __or__(self, other: Risk) -> Risk:
        return max(self, other, key=lambda risk: risk.value)


class Address(BaseModel):
    model_config = ConfigDict(frozen=True)

    street: str
    city: str
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class Application(BaseModel):
    id: str
    name: str
    born: date
    address: Address
    income: Decimal = Decimal(0)
    received_at: datetime = Field(default_factory=lambda: datetime.now(timezone.utc))

    @computed_field
    @property
    def initials(self) -> str:
        return "".join(part[0] for part in self.name.split())


class Passport(BaseModel):
    kind: Literal["passport"] = "passport"
    number: str
    country: str
    expires: date


class UtilityBill(BaseModel):
    kind: Literal["bill"] = "bill"
    supplier: str
    address: Address
    issued: date


class Selfie(BaseModel):
    kind: Literal["selfie"] = "selfie"
    url: str
    liveness: float


Document = Annotated[Passport | UtilityBill | Selfie, Field(discriminator="kind")]


class Finding(BaseModel):
    """One thing that a check has to say."""

    id: uuid.UUID = Field(default_factory=uuid.uuid4)  # expect: DUR112
    check: str
    risk: Risk
    detail: str = ""

    @field_validator("detail")
    @classmethod
    def short(cls, value: str) -> str:
        return value[:200]


class Verdict(BaseModel):
    application: str
    risk: Risk
    findings: list[Finding]
    valid_until: date

    @model_validator(mode="after")
    def in_future(self) -> Self:
        if self.valid_until < date.today():  # expect: DUR101
            raise ValueError("a verdict must not be born expired")
        return self


class Ticket(BaseModel):
    """Opened for humans, by an activity."""

    id: uuid.UUID = Field(default_factory=uuid.uuid1)
    opened: date = Field(default_factory=date.today)
    text: str


T = TypeVar("T", bound=BaseModel)


class Page(BaseModel, Generic[T]):
    items: list[T]
    cursor: str | None = None

    def first(self) -> T | None:
        return self.items[0] if self.items else None


def dump(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json") | {"as_of": today().isoformat()}
