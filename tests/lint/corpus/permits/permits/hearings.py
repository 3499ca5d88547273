from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import durable_async as da

from .acts import send_letter
from .context import note

Step: TypeAlias = Callable[[str], Awaitable[object]]


@dataclass(frozen=True)
class Neighbour:
    name: str
    address: str

    def reachable(self) -> bool:
        try:
            socket.create_connection((self.address, 25), timeout=1).close()  # expect: DUR121
        except OSError:
            return False
        return True


@asynccontextmanager
async def announced(parcel: str) -> AsyncIterator[None]:
    await send_letter("gazette", f"hearing {parcel}", "open")
    try:
        yield
    except BaseException as error:
        note("hearing broke", parcel=parcel, kind=type(error).__name__)
        raise
    await send_letter("gazette", f"hearing {parcel}", "closed")


async def objections(parcel: str, days: int) -> list[str]:
    heard: list[str] = []
    try:
        async with asyncio.timeout(days * 86_400):
            async for text in da.events(f"objection:{parcel}", str):
                heard.append(text)
    except (TimeoutError, asyncio.CancelledError):  # expect: DUR135
        note("closed", parcel=parcel)
    return heard


async def objections_until_closed(parcel: str) -> list[str]:
    heard: list[str] = []
    try:
        async for text in da.events(f"objection:{parcel}", str):
            heard.append(text)
            if text == "closed":
                break
    except Exception:
        note("lost", parcel=parcel)
    return heard


async def invite(everyone: frozenset[Neighbour], parcel: str) -> int:
    letters = [send_letter(n.name, "hearing", parcel) for n in everyone]  # expect: DUR134
    return len(await asyncio.gather(*letters))


async def retrying(step: Step, subject: str, times: int = 3) -> object:
    for attempt in range(times):
        try:
            return await step(subject)
        except:  # expect: DUR135
            if attempt == times - 1:
                raise
            await asyncio.sleep(2**attempt)
    return None


async def saga(parcel: str) -> None:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(partial(send_letter, "clerk", "undo", parcel))
        await send_letter("clerk", "do", parcel)
        stack.pop_all()
