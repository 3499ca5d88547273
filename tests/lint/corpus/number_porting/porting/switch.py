"""What the network elements do; activities only, plus the (pure) command language."""

from __future__ import annotations

import asyncio
import os
import random
import select
import telnetlib3
from typing import Protocol

import aiohttp

import durable_async as da
from porting.messages import Operator, Rejected

CLEARING = os.getenv("CLEARING_URL", "https://clearing.internal")


class Gateway:
    """Connection to the clearing house; an instance is given to the worker."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @da.activity(retry=da.RetryPolicy(max_attempts=8, non_retryable=(Rejected,)))
    async def announce(self, number: str, donor: Operator, recipient: Operator) -> str:
        async with self._session.post(CLEARING, json={"n": number, "from": donor, "to": recipient}) as reply:
            if reply.status == 422:
                raise Rejected((await reply.json())["code"])
            return (await reply.json())["ticket"]

    @da.activity
    async def withdraw(self, ticket: str) -> None:
        await self._session.delete(f"{CLEARING}/{ticket}")


@da.activity(timeout=60)
async def route(number: str, operator: Operator) -> str:
    reader, writer = await telnetlib3.open_connection("switch.internal", 23)
    writer.write(command("ROUTE", number, operator))
    return (await reader.readline()).strip()


@da.activity
async def test_call(number: str) -> bool:
    await asyncio.sleep(random.random())
    return not number.endswith("00")


@da.activity
def wait_for_quiet(fd: int, seconds: float) -> bool:
    readable, _, _ = select.select([fd], [], [], seconds)
    return not readable


class Verb(Protocol):
    def __call__(self, *words: str) -> str: ...


def command(verb: str, *words: str) -> str:
    return f"{verb} {' '.join(words)};\r\n"
