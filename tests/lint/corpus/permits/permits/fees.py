from __future__ import annotations

import decimal
import locale
import os
from dataclasses import dataclass
from operator import itemgetter
from os import environ as env
from os.path import expandvars
from typing import Final

RATES: Final[dict[str, int]] = {"fence": 4_000, "garage": 22_000, "pool": 31_000}
ZONES = {"A": 1.0, "B": 1.25}
REGION: Final = env.get("PERMIT_REGION", "east")


@dataclass
class Totals:
    asked: int = 0
    waived: int = 0


TOTALS = Totals()


def rate(kind: str) -> int:
    if "PERMIT_FREE" in env:  # expect: DUR124
        return 0
    return RATES.get(kind, 10_000)


def collect_lines(kind: str, lines: list[str] = []) -> list[str]:
    lines.append(kind)  # expect: DUR141
    return lines


def described(kinds: list[str], prefix: list[str] = []) -> list[str]:
    return [*prefix, *kinds]


def shown(cents: int) -> str:
    return locale.currency(cents / 100, grouping=True)  # expect: DUR125


def shown_plain(cents: int) -> str:
    with decimal.localcontext() as ctx:
        ctx.prec = 12
        return str(decimal.Decimal(cents) / 100)


def zone_factor(parcel: str) -> float:
    match parcel.split("-"):
        case [zone, *_] if zone in ZONES:
            return ZONES[zone]
        case ["X", number] if number.isdigit():
            return float(os.getenv("ZONE_X", "2"))  # expect: DUR124
        case _:
            return 1.5


def template(name: str) -> str:
    return expandvars(f"$PERMIT_TEMPLATES/{name}.txt")  # expect: DUR124


def waive(cents: int) -> int:
    TOTALS.waived += cents  # expect: DUR141
    return 0


def dearest(kinds: list[str]) -> tuple[str, int]:
    return max(((kind, RATES[kind]) for kind in kinds), key=itemgetter(1))


def region() -> str:
    return REGION
