"""A creative is reviewed by checks, by a model, and then by people."""

from __future__ import annotations

import asyncio
import contextlib
import typing as t

import httpx_sse
import motor.motor_asyncio as motor
import nats

import durable_async as da

from review.activities import healthy, screen
from review.adapters import Screening, VendorScreening
from review.adapters.screening import request_id
from review.core import checks  # noqa: F401
from review.core.registry import CHECKS, Banner, Video, describe


class Deps(t.NamedTuple):
    screening: Screening
    limit: float = 0.8


def _problems(kind: str, creative: dict) -> list[str]:
    return [found for run in CHECKS.get(kind, ()) if (found := run(creative))]


async def _people(name: str) -> bool:
    try:
        async with asyncio.timeout(86_400):
            return await da.wait_for_event(name, bool)
    except TimeoutError:
        return False
    finally:
        da.set_custom_status("decided")


async def _announce(subject: str) -> None:
    connection = await nats.connect("nats://bus:4222")  # expect: DUR121
    await connection.publish(subject, b"")  # expect: DUR121


async def _events(url: str) -> t.AsyncIterator[str]:
    async for event in httpx_sse.aiter_events(url):  # expect: DUR132
        yield event.data


def _deps() -> Deps:
    return Deps(screening=VendorScreening())


def _creative(kind: str, order: dict) -> Banner | Video:
    match kind:
        case "banner":
            return Banner(order["width"], order["height"])
        case "video":
            return Video(order["seconds"])
        case _:
            raise ValueError(kind)


@da.orchestrator
async def review(kind: str, order: dict[str, t.Any]) -> bool:
    deps = _deps()
    problems = _problems(kind, order)
    if problems:
        return False
    title = describe(_creative(kind, order))
    score = await deps.screening.score(order["url"])
    local = await screen(order["url"])
    if max(score, local) > deps.limit:
        return False
    await _announce(f"review.{title}")
    with contextlib.suppress(BaseException):  # expect: DUR135
        await healthy(order["url"])
    async for text in _events(order["url"]):
        if text == "stop":
            break
    order["request"] = await request_id()
    return await _people(f"review-{title}")


@da.orchestrator
async def review_campaign(orders: list[dict[str, t.Any]]) -> int:
    good = 0
    try:
        results = await asyncio.gather(*(review(order["kind"], order) for order in orders))
        good = sum(results)
    except asyncio.CancelledError:
        da.set_custom_status("withdrawn")
        raise
    except Exception:
        good = -1
    return good


@da.orchestrator
async def purge_creatives(before: float, database=None) -> int:  # expect: DUR152
    client = motor.AsyncIOMotorClient("mongodb://db")
    found = await client.review.creatives.delete_many({"at": {"$lt": before}})  # expect: DUR121
    return found.deleted_count


@da.orchestrator
async def keep_warm(urls: list[str]):  # expect: DUR152
    async def ping(url: str) -> bool:
        return await healthy(url)

    while True:  # expect: DUR151
        for url in urls:
            if not await ping(url):
                break
        await da.sleep(60)
