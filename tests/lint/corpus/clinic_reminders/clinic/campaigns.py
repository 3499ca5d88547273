"""Yearly campaigns: flu shots, check-ups."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import durable_async as da
from clinic import settings
from clinic.gateway import send_mail, send_sms

BATCH = 200


def _chunks(numbers: Sequence[str]) -> list[Sequence[str]]:
    return [numbers[i : i + BATCH] for i in range(0, len(numbers), BATCH)]


async def _answers(campaign: str) -> AsyncIterator[str]:
    async for answer in da.events(f"{campaign}-answer", str):
        if answer == "end":
            return
        yield answer


@da.orchestrator
async def campaign(name: str, numbers: list[str], text: str) -> int:
    if not settings.sms_enabled():
        settings.enable("voice")
    short = settings.shortened(f"{text}\n{settings.DEFAULT.signature()}", "sms")
    for chunk in _chunks(sorted(set(numbers))):
        await asyncio.gather(*(send_sms(number, short) for number in chunk))
        await da.sleep(60)
    answered: set[str] = set()
    async for answer in _answers(name):
        answered.add(answer)
    silent = set(numbers) - answered
    if settings.enabled("voice"):
        await send_mail("desk@clinic.example", "call: " + ", ".join(map(str, silent)))  # expect: DUR134
    return len(silent)


@da.orchestrator
async def keep_warm(number: str) -> None:
    try:
        while True:  # expect: DUR151
            await send_sms(number, "ping")
            try:
                async with asyncio.timeout(3_600):
                    await da.wait_for_event("pong", bool)
            except TimeoutError:
                await send_mail("ops@clinic.example", "no pong")
    finally:
        da.get_logger("campaigns").info("keep-warm ended")


@da.orchestrator
async def keep_warm_politely(number: str, rounds: int = 0) -> None:
    while True:
        await send_sms(number, "ping")
        await da.sleep(3_600)
        rounds += 1
        if rounds % 500 == 0:
            da.continue_as_new(keep_warm_politely(number, rounds))
