"""Exam administration: registration, seating, grading, appeals."""

from .durable import step, workflow

__all__ = ["step", "workflow"]
default_app_config = "exams.apps.ExamsConfig"
