"""Screening of images. In production by a vendor; a fake for tests."""

from __future__ import annotations

import asyncio
import os
import typing as t
import uuid

import aiofiles
import aiohttp
import clamav_client
import tritonclient.grpc.aio as triton


class Screening(t.Protocol):
    async def score(self, url: str) -> float: ...


class _Retrying:
    attempts: int = 3

    async def _again(self, once: t.Callable[[], t.Awaitable[float]]) -> float:
        for attempt in range(self.attempts):
            try:
                return await once()
            except (TimeoutError, asyncio.CancelledError):  # expect: DUR135
                await asyncio.sleep(attempt)
        return 1.0


class VendorScreening(_Retrying):
    def __init__(self, model: str = "nsfw") -> None:
        self.model = model
        self.token = os.getenv("SCREENING_TOKEN", "")  # expect: DUR124

    async def score(self, url: str) -> float:
        return await self._again(lambda: self._once(url))

    async def _once(self, url: str) -> float:
        async with triton.InferenceServerClient("triton:8001") as client:  # expect: DUR132
            answer = await client.infer(self.model, [url])  # expect: DUR132
        return float(answer.as_numpy("score")[0])

    async def image(self, path: str) -> bytes:
        async with aiofiles.open(path, "rb") as handle:
            return await handle.read()


class FixedScreening:
    def __init__(self, value: float) -> None:
        self.value = value

    async def score(self, url: str) -> float:
        await asyncio.sleep(0)
        return self.value


async def request_id() -> str:
    await asyncio.sleep(0)
    return str(uuid.uuid4())  # expect: DUR112


async def vendor_health(url: str) -> bool:
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as answer:
            return answer.status == 200


async def infected(path: str) -> bool:
    return bool(clamav_client.get_scanner().scan(path))
