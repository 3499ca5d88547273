"""Everything a converter takes."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Generic, Literal, NamedTuple, NewType, TypedDict, TypeVar

import attrs
import durable_async as da
import msgspec
import pydantic

T = TypeVar("T")
PermitId = NewType("PermitId", str)


class Size(NamedTuple):
    width: int
    height: int


class Options(TypedDict, total=False):
    urgent: bool


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Page(Generic[T]):
    items: list[T]


@attrs.define
class Owner:
    name: str


class Fee(msgspec.Struct):
    cents: int


class Letter(pydantic.BaseModel):
    text: str


@da.activity
async def weigh(owner: Owner, fee: Fee, letter: Letter) -> Level:
    return Level.HIGH if fee.cents else Level.LOW


@da.orchestrator
async def file_permit(permit: PermitId, size: Size, options: Options, level: Level) -> Page[str]:
    return Page([permit, str(size), str(options), str(level)])


@da.orchestrator
async def check_owner(owner: Owner, fee: Fee, letter: Letter, mode: Literal["fast", "slow"]) -> Level:
    await da.sleep(timedelta(seconds=1))
    return await weigh(owner, fee, letter)


@da.orchestrator
async def plan_visits(days: list[date], names: dict[str, int], tags: set[str], limit: Annotated[int, "max"]) -> bytes:
    return bytes(len(days) + len(names) + len(tags) + limit)


@da.orchestrator(name="visit-site", version="3")
async def visit_site(day: date | None = None, *, note: str = "") -> dict[str, list[int]] | None:
    return None if day is None else {note: [day.year]}


def outer(number, callback):
    async def inner(value):
        return callback(value)

    return inner(number)


class Desk:
    @da.activity
    async def stamp(self, text: str, copies: int = 1) -> list[str]:
        return [text] * copies


@da.entity
@attrs.define
class Quota:
    used: int = 0

    def use(self, amount: int) -> int:
        self.used += amount
        return self.used
