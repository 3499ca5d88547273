"""Calls to carriers, wrapped in too much care."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from asyncio import CancelledError
from concurrent.futures import CancelledError as FuturesCancelled

import durable_async as da

log = logging.getLogger(__name__)
IGNORED = (ValueError, asyncio.CancelledError)


@da.activity
async def book(parcel: str) -> str:
    try:
        await asyncio.sleep(1)
    except BaseException:
        return ""
    return parcel


async def bare(parcel: str) -> str | None:
    try:
        return await book(parcel)
    except:  # expect: DUR135
        log.warning("lost %s", parcel)


async def base(parcel: str) -> str:
    try:
        return await book(parcel)
    except BaseException:  # expect: DUR135
        return ""


async def cancelled(parcel: str) -> str:
    try:
        async with asyncio.timeout(5):
            return await book(parcel)
    except CancelledError:  # expect: DUR135
        return "cancelled"


async def in_tuple(parcel: str) -> str:
    try:
        return await book(parcel)
    except (ValueError, asyncio.CancelledError) as error:  # expect: DUR135
        return str(error)


async def sometimes(parcel: str, strict: bool) -> str:
    try:
        return await book(parcel)
    except asyncio.CancelledError:  # expect: DUR135
        if strict:
            raise
    return "ignored"


async def in_loop(parcels: list[str]) -> int:
    failed = 0
    for parcel in parcels:
        try:
            await book(parcel)
        except ValueError:
            failed += 1
        except BaseException:  # expect: DUR135
            continue
    return failed


async def suppressed(parcel: str) -> None:
    with contextlib.suppress(ValueError, asyncio.CancelledError):  # expect: DUR135
        await book(parcel)


async def leaves_finally(parcel: str) -> str:
    try:
        await book(parcel)
    finally:
        log.info("done")
        return parcel  # expect: DUR135


async def breaks_finally(parcels: list[str]) -> None:
    for parcel in parcels:
        try:
            await book(parcel)
        finally:
            if parcel == "last":
                break  # expect: DUR135


async def nested(parcel: str) -> str:
    try:
        try:
            return await book(parcel)
        except BaseException:
            await book(f"{parcel}-undo")
            raise
    except BaseException as error:  # expect: DUR135
        return type(error).__name__


async def waits_for_all(parcels: list[str]) -> list[str]:
    results = []
    try:
        async for result in stream(parcels):
            results.append(result)
    except asyncio.CancelledError:  # expect: DUR135
        pass
    return results


async def stream(parcels: list[str]):
    for parcel in parcels:
        yield await book(parcel)


@contextlib.asynccontextmanager
async def booking(parcel: str):
    try:
        yield await book(parcel)
    except BaseException:  # expect: DUR135
        await book(f"{parcel}-undo")


async def unused(parcel: str) -> str:
    try:
        return await book(parcel)
    except (BaseException, FuturesCancelled):
        return ""
