"""Registration service: seats, waiting lists, confirmation letters."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

from exams import step, workflow
from exams.durable import STANDARD_RETRY, wait_for_event
from exams.models import Exam, ExamRecord, Registration
from exams.utils import academic_year, deadline_passed, reference, render_letter, short_token

from .base import Service

logger = logging.getLogger(__name__)


@step(retry=STANDARD_RETRY)
def load_exam(code: str) -> ExamRecord:
    exam = Exam.objects.get(code=code)
    students = list(Registration.objects.filter(exam=exam).values_list("student", flat=True))
    random.shuffle(students)
    return ExamRecord(exam.code, students, created=exam.starts_at.isoformat())


@step
def send_letter(student: str, text: str) -> None:
    print("would send", student, len(text))


@step
async def book_room(exam: str, faculty: str) -> str:
    await asyncio.sleep(0)
    return f"{exam}-{faculty}"


class RegistrationService(Service):
    name = "registration"

    async def seat(self, record: ExamRecord) -> list[str]:
        rooms: list[str] = []
        for faculty in record.faculties:  # expect: DUR134
            rooms.append(await book_room(record.code, faculty))
        return rooms

    async def confirm(self, record: ExamRecord) -> None:
        for student in record.students:
            text = render_letter("confirm", year=academic_year(), ref=reference(record.code, student))
            await send_letter(student, text)

    async def waitlisted(self, record: ExamRecord) -> str:
        late = self.store.find(record.code)
        return random.choice(record.students) if late else ""  # expect: DUR111

    def audit(self, record: ExamRecord) -> dict[str, Any]:
        """Shown on the admin page."""
        return {"seed": random.random(), "open": Exam.objects.filter(code=record.code).exists()}


@workflow
async def register(code: str, students: list[str]) -> dict[str, str]:
    service = RegistrationService()
    record = await load_exam(code)
    exam = Exam.objects.get(code=code)  # expect: DUR121
    if deadline_passed(exam.starts_at):
        return {}
    record.rooms = await service.seat(record)
    await service.confirm(record)
    service.log_line(f"registered {len(students)}")
    lucky = await service.waitlisted(record)
    await wait_for_event("exam-held", str)
    logger.info("held %s", code)
    return {student: short_token() for student in [*sorted(set(students)), lucky]}
