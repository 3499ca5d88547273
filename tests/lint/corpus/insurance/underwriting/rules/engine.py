"""Rules are small classes; the engine runs every subclass it was given."""

from __future__ import annotations

import platform
import random
import secrets
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Generic, TypeVar

import requests
from underwriting.model import Application, Decision

A = TypeVar("A", bound=Application)


@dataclass(frozen=True)
class Verdict:
    decision: Decision
    reason: str
    loading: Decimal = Decimal(0)


class Rule(Generic[A]):
    weight: ClassVar[int] = 1
    hits: ClassVar[dict[str, int]] = {}

    def check(self, application: A, on: date) -> Verdict:
        raise NotImplementedError

    def __call__(self, application: A, on: date) -> Verdict:
        verdict = self.check(application, on)
        self.hits[type(self).__name__] = self.hits.get(type(self).__name__, 0) + 1  # expect: DUR141
        return verdict


class AgeRule(Rule[Application]):
    def check(self, application: Application, on: date) -> Verdict:
        age = application.age_on(on)
        return Verdict(Decision.DECLINE if age > 75 else Decision.ACCEPT, f"age {age}")


class StaleRule(Rule[Application]):
    def check(self, application: Application, on: date) -> Verdict:
        days = (datetime.today().date() - on).days  # expect: DUR101
        return Verdict(Decision.REFER if days > 30 else Decision.ACCEPT, f"{days} days old")


class SampleRule(Rule[Application]):
    """Refers one application in fifty to a human."""

    def check(self, application: Application, on: date) -> Verdict:
        picked = random.random() < 0.02 or secrets.randbelow(1000) == 0  # expect: DUR111
        return Verdict(Decision.REFER if picked else Decision.ACCEPT, "sample")


class SanctionsRule(Rule[Application]):
    weight = 5

    def check(self, application: Application, on: date) -> Verdict:
        reply = requests.post("https://sanctions.example.com", json={"name": application.applicant})  # expect: DUR121
        return Verdict(Decision.DECLINE if reply.json()["hit"] else Decision.ACCEPT, "sanctions")


class ModelRule(Rule[Application]):
    def check(self, application: Application, on: date) -> Verdict:
        scored = subprocess.getoutput(f"riskmodel --id {application.id}")  # expect: DUR123
        return Verdict(Decision.ACCEPT, f"{platform.machine()}:{scored}")  # expect: DUR125


class SeededSampleRule(SampleRule):
    def check(self, application: Application, on: date) -> Verdict:
        picked = random.Random(application.id).random() < 0.02
        return Verdict(Decision.REFER if picked else Decision.ACCEPT, "seeded sample")


RULES: tuple[Rule[Application], ...] = (
    AgeRule(),
    StaleRule(),
    SampleRule(),
    SanctionsRule(),
    ModelRule(),
    SeededSampleRule(),
)


def decide(application: Application, on: date, rules: Iterable[Rule[Application]] = RULES) -> Verdict:
    verdicts = [rule(application, on) for rule in rules]
    return max(verdicts, key=lambda verdict: list(Decision).index(verdict.decision))
