"""Units of work bundle repositories and commit them together."""

from __future__ import annotations

import logging
import os
import threading
from types import TracebackType
from typing import Generic, Self, TypeVar

from underwriting.model import Application, Policy

from .repository import InMemoryRepository, Repository, SqlRepository

R = TypeVar("R", bound="UnitOfWork")
log = logging.getLogger(__name__)


class UnitOfWork:
    applications: Repository[Application]
    policies: Repository[Policy]
    opened = 0

    def __enter__(self) -> Self:
        UnitOfWork.opened += 1  # expect: DUR141
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.commit()
        log.info("unit of work %s closed", UnitOfWork.opened)  # expect: DUR141

    def commit(self) -> None:
        raise NotImplementedError


class SqlUnitOfWork(UnitOfWork):
    def __init__(self) -> None:
        url = os.environ.get("UNDERWRITING_DB", "sqlite://")  # expect: DUR124
        self.applications = SqlRepository(Application, url)
        self.policies = SqlRepository(Policy, url)
        self.mutex = threading.Lock()  # expect: DUR131

    def commit(self) -> None:
        with open("/var/log/underwriting/commits", "a") as journal:  # expect: DUR122
            journal.writelines(self.policies.changed())


class MemoryUnitOfWork(UnitOfWork):
    def __init__(self) -> None:
        self.applications = InMemoryRepository(Application)
        self.policies = InMemoryRepository(Policy)
        self.commits = 0

    def commit(self) -> None:
        self.commits += 1


class Runner(Generic[R]):
    def __init__(self, factory: type[R]) -> None:
        self.factory = factory

    def __call__(self) -> R:
        return self.factory()
