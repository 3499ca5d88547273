"""What all flows share: a journal, approvals, and how they end."""

from __future__ import annotations

import asyncio
import socket
import typing as t

import anyio

import durable_async as da

from ..render import banner, echo

T = t.TypeVar("T")


class Journal:
    shared: t.ClassVar[dict[str, int]] = {}
    LIMIT: t.ClassVar[int] = 200

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __iadd__(self, line: str) -> "Journal":
        self.lines.append(f"{da.now():%H:%M} {line}")
        return self

    def __enter__(self) -> "Journal":
        echo(banner())
        return self

    def __exit__(self, *exc: object) -> None:
        Journal.shared[socket.gethostname()] = len(self.lines)  # expect: DUR125, DUR141

    def __len__(self) -> int:
        return min(len(self.lines), self.LIMIT)


async def approval(name: str, days: float = 5) -> bool:
    with anyio.move_on_after(days * 86_400):
        return await da.wait_for_event(name, bool)
    return False


async def first_of(*waits: t.Awaitable[T]) -> T:
    tasks = {asyncio.ensure_future(wait) for wait in waits}
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return next(iter(done)).result()


async def patiently(wait: t.Awaitable[T], otherwise: T) -> T:
    try:
        return await wait
    except:  # expect: DUR135
        return otherwise


async def politely(wait: t.Awaitable[T]) -> T | None:
    task = asyncio.ensure_future(wait)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        raise


async def quietly(wait: t.Awaitable[object]) -> None:
    try:
        await wait
    finally:
        return  # expect: DUR135
