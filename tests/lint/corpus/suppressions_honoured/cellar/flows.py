"""Fills casks."""

import time

import durable_async as da

from . import casks, legacy


@da.activity
async def fill(name: str) -> float:
    return time.time()


@da.orchestrator
async def fill_cask(name: str) -> str:
    level = await fill(name) + casks.measured(name) + legacy.guess(name)
    if casks.present(name):
        level += time.time()  # expect: DUR101
    return casks.labelled(name) + str(level)
