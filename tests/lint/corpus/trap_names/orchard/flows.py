"""Tends trees."""

from __future__ import annotations

import asyncio

import durable_async as da

from . import tools
from .tools import Path, Requests, random


def activity(function):
    """Not the library's."""
    return function


@activity
async def measure(tree: str) -> int:
    import os

    return len(tree) + os.getpid()  # expect: DUR125


def orchestrator(function):
    """Not the library's either."""
    return function


@orchestrator
async def not_a_flow(tree: str) -> str:
    import time

    time.sleep(1)
    return f"{tree}{time.time()}"


@da.orchestrator
async def tend_tree(tree: str, limit: int) -> str:
    requests = Requests({})
    requests.post("tree", random.choice([tree]))
    path = Path(1, 2).open()
    if not path.exists():
        return requests.get("tree")
    time = 3.0
    await asyncio.sleep(time)
    id = da.uuid4().hex
    rng = da.random("pruning")
    delay = rng.uniform(0, limit) + tools.numbers(limit)
    text = tools.parameters(delay, {"environ": "x"}, [], id) + path.read_text() + tools.open(tree).read()
    text += f"{tools.eval('1')}{tools.shuffled([1, 2], 3)}{tools.pure_paths('a', tree)}{tools.statement(tree)}"
    text += tools.address(tree) + tools.status(200) + tools.identified(tree) + tools.logged(tree) + random.uuid4()
    if tools.is_timeout(ValueError()) or tools.compiled("a", text):
        text += str(await measure(tree))
    return text
