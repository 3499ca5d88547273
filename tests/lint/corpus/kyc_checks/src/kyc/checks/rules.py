from __future__ import annotations

import functools
import re
import unicodedata
from datetime import timedelta
from typing import assert_never

import requests

from kyc.clock import today
from kyc.models import Application, Finding, Passport, Risk, Selfie, UtilityBill

HIGH_RISK_COUNTRIES = frozenset({"KP", "IR"})
_CACHE: dict[str, int] = {}


@functools.singledispatch
def assess(document: object, application: Application) -> Finding:
    raise TypeError(f"no rule for {type(document).__name__}")


@assess.register
def _passport(document: Passport, application: Application) -> Finding:
    if document.country in HIGH_RISK_COUNTRIES:
        return Finding(check="passport", risk=Risk.HIGH, detail=document.country)
    if document.expires < today():
        return Finding(check="passport", risk=Risk.MEDIUM, detail="expired")
    return Finding(check="passport", risk=Risk.LOW)


@assess.register
def _bill(document: UtilityBill, application: Application) -> Finding:
    fresh = today() - document.issued < timedelta(days=90)
    known = requests.head(f"https://suppliers.internal/{document.supplier}", timeout=5).ok  # expect: DUR121
    same = document.address == application.address
    return Finding(check="bill", risk=Risk.LOW if fresh and known and same else Risk.MEDIUM)


@assess.register
def _selfie(document: Selfie, application: Application) -> Finding:
    return Finding(check="selfie", risk=Risk.HIGH if document.liveness < 0.6 else Risk.LOW)


def normalized(name: str) -> str:
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z ]", "", text.lower())


def combine(findings: list[Finding]) -> Risk:
    return functools.reduce(lambda risk, finding: risk | finding.risk, findings, Risk.LOW)


def severity_of(risk: Risk) -> int:
    match risk:
        case Risk.LOW:
            return 0
        case Risk.MEDIUM:
            return 5
        case Risk.HIGH:
            return 10
        case _:
            assert_never(risk)


def supplier_rank(name: str) -> int:
    if name not in _CACHE:
        _CACHE[name] = len(_CACHE)
    return _CACHE[name]
