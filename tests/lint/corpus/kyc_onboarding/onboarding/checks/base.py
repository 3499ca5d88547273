"""The shape of a check and of what it finds."""

from __future__ import annotations

import abc
import enum
import logging
import uuid
from typing import ClassVar

from pydantic import BaseModel, Field

logger = logging.getLogger("kyc.checks")


class Severity(enum.IntEnum):
    CLEAR = 0
    REVIEW = 1
    REJECT = 2


class Finding(BaseModel):
    check: str
    severity: Severity
    detail: str = ""
    id: uuid.UUID = Field(default_factory=uuid.uuid4)  # expect: DUR112


class Applicant(BaseModel):
    applicant_id: str
    full_name: str
    country: str
    birth_year: int
    documents: list[str] = Field(default_factory=list)


class Check(abc.ABC):
    name: ClassVar[str]
    runs: ClassVar[int] = 0

    def __init__(self, applicant: Applicant) -> None:
        self.applicant = applicant

    async def __call__(self) -> list[Finding]:
        self.before()
        findings = [finding async for finding in self.findings()]
        logger.info("%s: %d findings", self.name, len(findings))
        return findings

    def before(self) -> None:
        """Hook of subclasses."""

    @abc.abstractmethod
    def findings(self): ...

    def finding(self, severity: Severity, detail: str = "") -> Finding:
        return Finding(check=self.name, severity=severity, detail=detail)


def worst(findings: list[Finding]) -> Severity:
    return max((finding.severity for finding in findings), default=Severity.CLEAR)
