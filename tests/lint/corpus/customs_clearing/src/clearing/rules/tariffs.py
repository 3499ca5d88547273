from __future__ import annotations

import functools
import json
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath

_BOOK = Path(__file__).with_name("tariffs.json")
_OVERRIDES: dict[str, Decimal] = {}
SURCHARGE = Decimal("0.02")


@dataclass
class Tariff:
    code: str
    rate: Decimal
    valid_until: date | None = None
    looked_up: float = field(default_factory=time.time)  # expect: DUR101

    @property
    def expired(self) -> bool:
        return self.valid_until is not None and self.valid_until < date.today()  # expect: DUR101

    def valid_on(self, day: date) -> bool:
        return self.valid_until is None or day <= self.valid_until

    def folder(self) -> PurePosixPath:
        return PurePosixPath("/tariffs") / self.code[:2] / self.code


def _book() -> dict[str, str]:
    return json.loads(_BOOK.read_text(encoding="utf-8"))  # expect: DUR122


@functools.lru_cache(maxsize=512)  # expect: DUR141
def rate_of(code: str) -> Decimal:
    return Decimal(_book().get(code, "0"))


def override(code: str, rate: Decimal) -> None:
    """For the console only."""
    _OVERRIDES[code] = rate


def duty_for(code: str, value: Decimal, declared: str) -> Decimal:
    tariff = Tariff(code, rate_of(code))
    if tariff.expired:
        return value * SURCHARGE
    day = datetime.strptime(declared, "%Y-%m-%d").date()
    if not tariff.valid_on(day):
        return Decimal(0)
    return (value * tariff.rate).quantize(Decimal("0.01"))
