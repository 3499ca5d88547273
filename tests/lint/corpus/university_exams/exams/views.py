"""HTTP views of the exam office. They start and question flows; they are no flows."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import uuid
from functools import lru_cache

import durable_async as da
from asgiref.sync import async_to_sync
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from exams.services.grading import grade, regrade
from exams.services.registration import RegistrationService, register
from exams.models import ExamRecord

_started: dict[str, dt.datetime] = {}


@lru_cache(maxsize=1)
def durable_url() -> str:
    return os.environ["DURABLE_URL"]


async def _start(code: str, students: list[str]) -> str:
    async with da.Client(durable_url()) as client:
        call = register(code, students)
        handle = await client.start(call, id=f"register-{code}-{uuid.uuid4()}")
        _started[handle.id] = timezone.now()
        return handle.id


async def _regrade(exam: str, examiners: set[str]) -> list[str]:
    async with da.Client(durable_url()) as client:
        ids = []
        for examiner in examiners:
            handle = await client.start(regrade(exam, [examiner, "chair"]))
            ids.append(handle.id)
        try:
            await client.start(grade(exam, list(examiners)), id=f"grade-{exam}")
        except BaseException:
            return ids
        await asyncio.sleep(random.random())
        return ids


def start(request: HttpRequest, code: str) -> JsonResponse:
    students = request.GET.getlist("student")
    return JsonResponse({"id": async_to_sync(_start)(code, students), "at": str(dt.datetime.now())})


def audit(request: HttpRequest, code: str) -> JsonResponse:
    print("audit", code, os.getpid())
    return JsonResponse(RegistrationService().audit(ExamRecord(code, [])))


def redo(request: HttpRequest, exam: str) -> JsonResponse:
    return JsonResponse({"ids": async_to_sync(_regrade)(exam, set(request.GET))})
