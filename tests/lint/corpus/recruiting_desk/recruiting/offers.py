"""Offer letters. Two versions are live until the spring intake has ended."""
from __future__ import annotations

import asyncio
import contextlib
import enum
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal

import aiojobs
import durable_async as da
from bson import ObjectId
from pydantic import BaseModel, Field

from . import calendars
from .acts import invite


class Grade(enum.StrEnum):
    JUNIOR = "junior"
    SENIOR = "senior"

    def raise_for(self, years: int) -> int:
        return {Grade.JUNIOR: 1_000, Grade.SENIOR: 2_500}[self] * years


class Terms(BaseModel):
    salary: Annotated[int, Field(gt=0)]
    perks: set[str] = Field(default_factory=set)
    reference: str = Field(default_factory=lambda: str(ObjectId()))  # expect: DUR112

    @property
    def perk_lines(self) -> list[str]:
        return [f"- {perk}" for perk in self.perks]  # expect: DUR134

    @property
    def perk_count(self) -> int:
        return len([perk for perk in sorted(self.perks) if perk])


@dataclass(frozen=True)
class Deadline:
    at: date
    grace: int = 0

    def extended(self, days: int) -> Deadline:
        return replace(self, grace=self.grace + days)

    def __sub__(self, other: date) -> timedelta:
        return self.at + timedelta(days=self.grace) - other


GRADES: Final = {grade.value: grade for grade in Grade}
_withdrawn: set[str] = set()
Hook = Callable[[str], Awaitable[Any]]


async def after(hooks: list[Hook], candidate: str) -> None:
    scheduler = await aiojobs.create_scheduler()  # expect: DUR132
    for hook in hooks:
        await hook(candidate)
    await scheduler.close()  # missed: DUR132


async def until_signed(candidate: str, days: int) -> Literal["signed", "lapsed"]:
    waiting = asyncio.create_task(da.wait_for_event(f"signed:{candidate}", bool))
    done, pending = await asyncio.wait([waiting], timeout=days * 86_400)
    for task in pending:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return "signed" if done else "lapsed"


def withdraw(candidate: str) -> None:
    _withdrawn.add(candidate)  # expect: DUR141


def is_withdrawn(candidate: str) -> bool:
    return candidate in _withdrawn  # expect: DUR141


@da.orchestrator(name="offer", version="1")
async def offer_v1(candidate: str, salary: int) -> str:
    return await until_signed(candidate, 14)


@da.orchestrator(name="offer", version="2")
async def offer(candidate: str, salary: int, grade: Grade, perks: set[str]) -> list[str]:
    terms = Terms(salary=salary + GRADES[grade].raise_for(1), perks=perks)
    limit = Deadline(date(2026, 3, 1)).extended(terms.perk_count)
    outcome = await until_signed(candidate, (limit - da.now().date()).days)
    if outcome == "lapsed" or is_withdrawn(candidate):
        withdraw(candidate)
        return []
    await after([lambda name: invite(name, terms.reference), calendars.Calendar().hold], candidate)
    return terms.perk_lines


@da.orchestrator
async def relocate(candidate: str, line: socket.socket) -> None:  # expect: DUR152
    try:
        await invite(candidate, "visa")
    finally:
        if candidate:
            await invite(candidate, "flat")


@da.orchestrator
async def counter_offer(candidate: str, round_number: int = 0) -> int:
    while True:
        async with asyncio.timeout(86_400) as limit:
            answer = await da.wait_for_event("counter", int)
        if limit.expired() or answer > 3:
            return round_number
        round_number += 1
