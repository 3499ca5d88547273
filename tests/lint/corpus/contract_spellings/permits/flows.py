"""Building permits."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import IO, Optional, TextIO
from uuid import UUID

import durable_async as da
import requests


class Kind(Enum):
    HOUSE = "house"
    BARN = "barn"


@dataclass
class Plan:
    number: UUID
    kind: Kind
    area: Decimal
    filed: datetime
    notes: tuple[str, ...] = ()


@da.activity
async def inspect(plan: Plan) -> bool:
    return plan.area > 0


@da.activity
def read_plan(source: TextIO) -> str:  # expect: DUR152
    return source.read()


@da.activity
async def connect(number: str) -> socket.socket:  # expect: DUR152
    return socket.create_connection((number, 1))


@da.activity
async def lines(number: str) -> Generator[str, None, None]:  # expect: DUR152
    return (part for part in number)


@da.orchestrator
async def no_annotation(number) -> str:  # expect: DUR152
    return number


@da.orchestrator
async def no_result(number: str):  # expect: DUR152
    return number


@da.orchestrator
async def several_missing(
    number: str,
    owner,  # expect: DUR152
    *,
    urgent=False,  # expect: DUR152
) -> str:
    return f"{number}{owner}{urgent}"


@da.orchestrator
async def with_lock(lock: threading.Lock) -> None:  # expect: DUR152
    await asyncio.sleep(1)


@da.orchestrator
async def with_callback(
    plan: Plan,
    done: Callable[[str], None],  # expect: DUR152
) -> None:
    await inspect(plan)


@da.orchestrator
async def with_task(task: asyncio.Task[int]) -> int:  # expect: DUR152
    return await task


@da.orchestrator
async def with_session(session: Optional[requests.Session]) -> bool:  # expect: DUR152
    return session is None


@da.orchestrator
async def returns_file(number: str) -> IO[bytes]:  # expect: DUR152
    return io.BytesIO(number.encode())


@da.orchestrator
def synchronous(number: str) -> str:  # expect: DUR152
    return number


def make_flow(prefix: str):
    @da.orchestrator
    async def made(number: str) -> str:  # expect: DUR152
        return prefix + number

    return made


@da.orchestrator
async def approve_permit(plan: Plan) -> bool:
    return await inspect(plan)


@da.orchestrator
async def approve_permit(plan: Plan, strict: bool) -> bool:  # expect: DUR152
    return strict and await inspect(plan)


@da.orchestrator(version="1")
async def renew_permit(plan: Plan) -> bool:
    return await inspect(plan)


def unmarked(number, lock: threading.Lock, parts: Iterator[str]):
    return number, lock, parts
