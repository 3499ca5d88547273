"""Tools by name, discovered with a decorator that takes arguments."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import random
from collections.abc import Callable
from typing import Any

import durable_async as da
import httpx
import search_sdk

from .contracts import Step

TOOLS: dict[str, Callable[[Step], Any]] = {}
USES: dict[str, int] = {}


def tool(name: str, *, limit: int = 3):
    """Registers at import time; the guard runs with every call."""
    TOOLS_BEFORE = len(TOOLS)

    def register(function: Callable[[Step], Any]) -> Callable[[Step], Any]:
        async def guarded(step: Step) -> Any:
            USES[name] = USES.get(name, TOOLS_BEFORE) + 1  # expect: DUR141
            result = function(step)
            return await result if inspect.isawaitable(result) else result

        TOOLS[name] = guarded
        return guarded

    return register


@da.activity
async def fetch_page(url: str) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).text


@tool("browse")
async def browse(step: Step) -> str:
    return await fetch_page(step.arguments["url"])


@tool("date", limit=1)
def today(step: Step) -> str:
    return datetime.datetime.today().strftime(step.arguments.get("format", "%F"))  # expect: DUR101


@tool("search")
async def search(step: Step) -> str:
    hits = await search_sdk.query(step.arguments["text"])  # expect: DUR132
    return str(hits[0])


@tool("wait")
async def wait(step: Step) -> str:
    await asyncio.sleep(float(step.arguments["seconds"]))
    return "waited"


@tool("dice")
def dice(step: Step) -> int:
    return random.randint(1, 6)  # expect: DUR111


def lucky() -> int:
    """Not a tool; the demo page's."""
    return random.randint(1, 6)
