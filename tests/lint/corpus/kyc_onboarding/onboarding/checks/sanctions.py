"""Sanction and PEP lists."""

from __future__ import annotations

import csv
import io
import os
import runpy
import unicodedata
from collections.abc import AsyncIterator
from difflib import SequenceMatcher
from typing import Any

import durable_async as da
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from onboarding.checks.base import Applicant, Check, Finding, Severity

THRESHOLD = 0.86
_index: dict[str, list[str]] = {}


@da.activity
def download_list(name: str) -> str:
    with open(os.path.join(os.environ["LISTS"], name), encoding="utf-8") as source:
        return source.read()


def fold(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def index_names(body: str) -> dict[str, list[str]]:
    for row in csv.reader(io.StringIO(body)):
        _index.setdefault(fold(row[0])[:2], []).append(row[0])  # expect: DUR141
    return _index  # expect: DUR141


def candidates(names: list[str], applicant: Applicant) -> list[str]:
    tokens = {fold(token) for token in applicant.full_name.split()}
    best: list[str] = []
    for token in tokens:  # expect: DUR134
        for name in names:
            if SequenceMatcher(None, token, fold(name)).ratio() > THRESHOLD:
                best.append(name)
    return best


async def earlier_hits(session: AsyncSession, applicant_id: str) -> int:
    rows = await session.execute(select(text("hits")).where(text("id = :id")), {"id": applicant_id})  # expect: DUR121
    return len(rows.all())


class SanctionsCheck(Check):
    name = "sanctions"
    lists = ("eu.csv", "un.csv")

    async def findings(self) -> AsyncIterator[Finding]:
        for name in self.lists:
            index = index_names(await download_list(name))
            names = index.get(fold(self.applicant.full_name)[:2], [])
            for hit in candidates(names, self.applicant):
                yield self.finding(Severity.REVIEW, f"{name}: {hit}")
        if self.local_rules()["strict"]:
            yield self.finding(Severity.REVIEW, "strict country")

    def local_rules(self) -> dict[str, Any]:
        return runpy.run_path(f"/etc/kyc/{self.applicant.country}.py")  # expect: DUR142


def rebuild(bodies: list[str]) -> int:
    _index.clear()
    for body in bodies:
        index_names(body)
    return len(_index)
