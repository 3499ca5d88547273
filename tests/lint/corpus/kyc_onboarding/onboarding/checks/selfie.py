"""Compares the selfie with the photo in the document."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import AsyncIterator

import durable_async as da
from asgiref.sync import sync_to_async
from openai import AsyncOpenAI

from onboarding.checks.base import Applicant, Check, Finding, Severity

GESTURES = ("blink", "smile", "turn left", "turn right")
_local = threading.local()


@da.activity(timeout=90)
async def face_distance(applicant_id: str, gesture: str) -> float:
    _local.calls = getattr(_local, "calls", 0) + 1
    await asyncio.sleep(random.random())
    return 0.2 if gesture else time.time() % 1


def pick_gesture(applicant_id: str) -> str:
    return da.random("gesture").choice(GESTURES)


class SelfieCheck(Check):
    name = "selfie"

    def __init__(self, applicant: Applicant) -> None:
        super().__init__(applicant)
        self.model = AsyncOpenAI(api_key="internal", base_url="http://models.internal")

    def challenge(self, attempt: int) -> str:
        if attempt == 0:
            return pick_gesture(self.applicant.applicant_id)
        return random.choice(GESTURES)  # expect: DUR111

    async def findings(self) -> AsyncIterator[Finding]:
        for attempt in range(3):
            gesture = self.challenge(attempt)
            try:
                distance = await asyncio.wait_for(face_distance(self.applicant.applicant_id, gesture), 120)
            except TimeoutError:
                continue
            if distance < 0.4:
                return
            await self.note(attempt, distance)
        yield self.finding(Severity.REVIEW, await self.describe())

    async def note(self, attempt: int, distance: float) -> None:
        await sync_to_async(self._record)(attempt, distance)  # expect: DUR131

    def _record(self, attempt: int, distance: float) -> None:
        self.last = (attempt, round(distance, 3))

    async def describe(self) -> str:
        answer = await self.model.responses.create(model="small", input="Why do they differ?")  # expect: DUR121
        return answer.output_text


def demo_gestures(count: int) -> list[str]:
    return random.choices(GESTURES, k=count)
