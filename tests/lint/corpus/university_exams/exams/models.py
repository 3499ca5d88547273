"""Tables of the exam application. Rows are loaded in steps and passed on as plain records."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import models
from django.utils import timezone


class Exam(models.Model):
    code = models.CharField(max_length=20, unique=True)
    starts_at = models.DateTimeField(default=timezone.now)
    room = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["starts_at"]

    def is_over(self) -> bool:
        return self.starts_at < timezone.now()


class Registration(models.Model):
    exam = models.ForeignKey(Exam, on_delete=models.CASCADE)
    student = models.CharField(max_length=12)
    created_at = models.DateTimeField(auto_now_add=True)


@dataclass
class ExamRecord:
    code: str
    students: list[str]
    rooms: list[str] = field(default_factory=list)
    created: str = ""

    @property
    def faculties(self) -> set[str]:
        return {student[:2] for student in self.students}


@dataclass
class GradeSheet:
    exam: str
    points: dict[str, float] = field(default_factory=dict)
    examiners: set[str] = field(default_factory=set)

    def passed(self) -> list[str]:
        return [student for student, points in self.points.items() if points >= 50.0]
