from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import durable_async as da

from .activities import print_ticket, text_guest
from .menu import Course
from .models import Order

P = ParamSpec("P")
R = TypeVar("R")


def traced(label: str) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    def outer(fn: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        print("registering", label)

        @wraps(fn)
        async def inner(*args: P.args, **kwargs: P.kwargs) -> R:
            print(f"-> {label}")  # expect: DUR143
            return await fn(*args, **kwargs)

        return inner

    return outer


@traced("fire")
async def fire(order: Order, course: Course) -> str:
    text = f"{order.id} T{order.table}: {course.card()}"
    await print_ticket(course.station, text)
    return course.value


@contextlib.asynccontextmanager
async def station_open(name: str) -> AsyncIterator[asyncio.Queue[str]]:
    queue: asyncio.Queue[str] = asyncio.Queue()
    await print_ticket(name, "OPEN")
    try:
        yield queue
    finally:
        await print_ticket(name, "CLOSED")


async def warn_allergies(order: Order) -> None:
    for allergen in order.allergies:  # expect: DUR134
        await text_guest("chef", f"{order.table}: {allergen}")


async def allergy_sheet(order: Order) -> str:
    listed = order.allergies
    listed = sorted(listed)
    return ", ".join(listed) if listed else "none"


async def wait_ready(order_id: str) -> bool:
    try:
        return await da.wait_for_event(f"ready:{order_id}", bool)
    except BaseException:  # expect: DUR135
        return False


async def wait_cleared(order_id: str) -> bool:
    try:
        return await da.wait_for_event(f"cleared:{order_id}", bool)
    except asyncio.CancelledError:
        await text_guest("chef", f"{order_id} given up")
        raise
