from datetime import datetime, timezone
from typing import Annotated, Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Address(BaseModel):
    street: str
    city: str
    postcode: str = Field(pattern=r"\d{5}")


class Listing(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: UUID
    address: Address
    price: Annotated[int, Field(gt=0)]
    photos: list[str] = Field(default_factory=list)
    status: Literal["draft", "live", "sold"] = "draft"


class Viewing(BaseModel):
    listing: UUID
    visitor: str
    token: UUID = Field(default_factory=uuid4)  # expect: DUR112
    booked_at: datetime = Field(default_factory=lambda: datetime.now(timezone.utc))  # expect: DUR101

    @field_validator("visitor")
    @classmethod
    def _trimmed(cls, value: str) -> str:
        return value.strip()


class ApiError(BaseModel):
    """Only the HTTP layer makes these."""

    trace: UUID = Field(default_factory=uuid4)
    at: datetime = Field(default_factory=datetime.now)
    detail: str
