"""Passports, identity cards and proofs of address."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import PurePath

import durable_async as da

from onboarding.checks.base import Check, Finding, Severity

MRZ = re.compile(r"[A-Z0-9<]{30,44}")
ACCEPTED = (".jpg", ".png", ".pdf")


@da.activity(retry=da.RetryPolicy(max_attempts=3), timeout=60)
def read_document(path: str) -> str:
    done = subprocess.run(["tesseract", path, "-"], capture_output=True, text=True, check=True)
    return done.stdout


def check_digit(text: str) -> int:
    weights = (7, 3, 1)
    values = (int(c, 36) if c.isalnum() else 0 for c in text)
    return sum(value * weights[i % 3] for i, value in enumerate(values)) % 10


class DocumentCheck(Check):
    name = "documents"

    def before(self) -> None:
        missing = [path for path in self.applicant.documents if not os.access(path, os.R_OK)]  # expect: DUR122
        if missing:
            self.applicant.documents = [p for p in self.applicant.documents if p not in missing]

    async def findings(self) -> AsyncIterator[Finding]:
        for path in self.applicant.documents:
            if PurePath(path).suffix not in ACCEPTED:
                yield self.finding(Severity.REVIEW, f"unreadable {os.path.basename(path)}")
                continue
            text = await read_document(path)
            lines = MRZ.findall(text)
            if not lines:
                yield self.finding(Severity.REVIEW, "no machine-readable zone")
            elif check_digit(lines[-1][:9]) != int(lines[-1][9:10] or 0):
                yield self.finding(Severity.REJECT, "check digit")
            elif self.too_young():
                yield self.finding(Severity.REJECT, "under age")

    def too_young(self) -> bool:
        return time.localtime().tm_year - self.applicant.birth_year < 18  # expect: DUR101

    def scanned_year(self, seconds: float) -> int:
        return time.localtime(seconds).tm_year
