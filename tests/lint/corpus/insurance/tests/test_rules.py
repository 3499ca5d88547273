"""Unit tests of the rules; they use the clock and chance as they please."""

from __future__ import annotations

import datetime
import random
import tempfile
import time
import uuid
from decimal import Decimal
from pathlib import Path

import pytest

from underwriting.model import Application, Decision, Quote
from underwriting.persistence.repository import InMemoryRepository, PickleRepository
from underwriting.persistence.unit_of_work import MemoryUnitOfWork, Runner
from underwriting.rules.engine import AgeRule, SeededSampleRule, decide
from underwriting.rules.premium import MINIMUM, premium


@pytest.fixture
def application() -> Application:
    return Application(id=str(uuid.uuid4()), applicant="Ada", sums={"fire": Decimal(random.randint(1, 10))})


def test_old_people_are_declined(application: Application) -> None:
    application.born = datetime.date.today() - datetime.timedelta(days=80 * 366)
    verdict = decide(application, datetime.date.today(), [AgeRule(), SeededSampleRule()])
    assert verdict.decision is Decision.DECLINE


def test_minimum_premium(application: Application) -> None:
    assert premium(application, Decimal(0)) == MINIMUM
    assert Quote(premium=MINIMUM).made <= datetime.datetime.now()


def test_repositories_agree(application: Application) -> None:
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        archive = PickleRepository(Application)
        archive.root = Path(folder)
        archive.save(application)
        memory = InMemoryRepository(Application, {application.id: application})
        assert archive.load(application.id) == memory.load(application.id)
    assert time.perf_counter() - begun < 5


def test_memory_unit_of_work_commits(application: Application) -> None:
    with Runner(MemoryUnitOfWork)() as work:
        work.applications.save(application)
    assert work.commits == 1
    for name in {"fire", "water"}:
        print(name, hash(name))
