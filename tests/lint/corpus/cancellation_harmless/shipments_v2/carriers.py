"""The same, after the review."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging

import durable_async as da

log = logging.getLogger(__name__)


class CancelledError(Exception):
    """The carrier cancelled the booking; not asyncio's."""


@da.activity
async def book(parcel: str) -> str:
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        log.info("given up")
    return parcel


async def plain(parcel: str) -> str:
    try:
        return await book(parcel)
    except Exception:
        return ""


async def carrier_cancelled(parcel: str) -> str:
    try:
        return await book(parcel)
    except CancelledError:
        return "by carrier"


async def undone(parcel: str) -> str:
    try:
        return await book(parcel)
    except BaseException:
        await book(f"{parcel}-undo")
        raise


async def both_paths(parcel: str, loud: bool) -> str:
    try:
        return await book(parcel)
    except asyncio.CancelledError:
        if loud:
            log.error("cancelled %s", parcel)
            raise
        else:
            raise


def parsed(text: str) -> dict[str, str]:
    try:
        return json.loads(text)
    except BaseException:
        return {}


def first_line(text: str) -> str:
    try:
        return text.splitlines()[0]
    except:
        return ""


async def timed(parcel: str) -> str:
    try:
        return await asyncio.wait_for(book(parcel), 10)
    except (TimeoutError, ValueError):
        return "late"


async def abandon(parcel: str) -> None:
    task = asyncio.create_task(book(parcel))
    await asyncio.sleep(1)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def missing_key(values: dict[str, str]) -> str:
    with contextlib.suppress(KeyError, ValueError):
        return await book(values["parcel"])
    return ""


async def cleaned(parcel: str) -> str:
    try:
        return await book(parcel)
    finally:
        await book(f"{parcel}-clean")


async def renamed(parcel: str) -> str:
    try:
        return await book(parcel)
    except asyncio.CancelledError as error:
        log.info("%s", error)
        raise error


async def grouped(parcels: list[str]) -> int:
    try:
        async with asyncio.TaskGroup() as group:
            for parcel in parcels:
                group.create_task(book(parcel))
    except* ValueError as problems:
        return len(problems.exceptions)
    return 0
