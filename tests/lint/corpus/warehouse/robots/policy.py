"""What may interrupt what."""
from __future__ import annotations

import asyncio
import contextlib
import os
import warnings
from collections.abc import AsyncIterator
from functools import lru_cache

from temporalio import workflow

from robots.tasks import FAST, report

PRIORITY = {"human": 0, "fire": 1, "order": 2}


@contextlib.asynccontextmanager
async def zone_held(zone: str) -> AsyncIterator[str]:
    await workflow.execute_activity(report, args=[zone, "held"], **FAST)
    try:
        yield zone
    except asyncio.CancelledError:
        await workflow.execute_activity(report, args=[zone, "cancelled"], **FAST)
        raise
    finally:
        await workflow.execute_activity(report, args=[zone, "free"], **FAST)


class Quiet(contextlib.AbstractAsyncContextManager["Quiet"]):
    async def __aexit__(self, kind, exc, tb) -> bool:
        os.kill(os.getppid(), 0)  # expect: DUR123, DUR125
        return isinstance(exc, ValueError)


@lru_cache(None)  # expect: DUR141
def rank(kind: str) -> int:
    return PRIORITY.get(kind, len(PRIORITY))


def rank_of_order() -> int:
    warnings.warn("use rank", DeprecationWarning, stacklevel=2)
    return PRIORITY["order"]


async def or_nothing(condition: asyncio.Event) -> bool:
    try:
        await condition.wait()
    except BaseException as error:  # expect: DUR135
        if not isinstance(error, ValueError):
            return False
        raise
    return True


async def or_raise(condition: asyncio.Event) -> bool:
    try:
        await condition.wait()
    except BaseException as error:
        if isinstance(error, ValueError):
            raise RuntimeError("bad condition") from error
        raise
    return True
