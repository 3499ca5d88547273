"""Grading: collect points from examiners, publish, handle appeals."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import durable_async as da
import trio
from aiocache import Cache

from exams import step, workflow
from exams.models import GradeSheet
from exams.utils import local_day, term_of

from .plugins import scale_by_name

scales = Cache(Cache.MEMORY)


@step
async def ask_examiner(examiner: str, exam: str) -> dict[str, float]:
    return {f"{examiner}-{exam}": 61.5}


@step
async def publish(exam: str, sheet: GradeSheet) -> None:
    await scales.set(exam, sheet)


async def cached_scale(exam: str) -> str:
    return await scales.get(exam) or "linear"  # expect: DUR132


async def settle() -> None:
    await trio.sleep(5)  # expect: DUR132


@workflow
async def grade(exam: str, examiners: list[str]) -> GradeSheet:
    sheet = GradeSheet(exam, examiners=set(examiners))
    answers = await asyncio.gather(*(ask_examiner(who, exam) for who in examiners))
    for answer in answers:
        sheet.points.update(answer)
    curve = scale_by_name(await cached_scale(exam))
    sheet.points = {student: curve(points) for student, points in sheet.points.items()}
    await settle()
    ask_examiner(examiners[0], exam)  # expect: DUR133
    await publish(exam, sheet)
    chair = sheet.examiners.pop()  # expect: DUR134
    label = f"{exam}/{term_of(da.now())}/{local_day(da.now().timestamp())}"
    return GradeSheet(f"{label}/{chair}", sheet.points)


@workflow
async def appeals(exam: str, notify: Callable[[str], None]) -> int:  # expect: DUR152
    handled = 0
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(14 * 86_400):
                await da.wait_for_event("appeal", str)
                handled += 1
                continue
        notify(exam)
        return handled


@workflow
async def regrade(exam: str, examiners: list[str]) -> float:
    first = await ask_examiner(examiners[0], exam)
    with contextlib.suppress(asyncio.CancelledError):  # expect: DUR135
        await asyncio.sleep(3600)
    second = ask_examiner(examiners[1], exam)["points"]  # expect: DUR133
    return max(*first.values(), second)


def make_resit(days: int):
    @workflow
    async def resit(exam: str) -> bool:  # expect: DUR152
        await asyncio.sleep(days * 86_400)
        return bool(exam)

    return resit
