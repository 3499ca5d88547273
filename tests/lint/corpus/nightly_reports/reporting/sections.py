"""Sections of the nightly report; each is a callable that adds rows."""

from __future__ import annotations

import locale
import random
import statistics
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import environ
from string import capwords
from typing import Any

Row = dict[str, Any]
Section = Callable[[list[Row]], list[Row]]

SECTIONS: dict[str, Section] = {}


def section(name: str) -> Callable[[Section], Section]:
    def register(function: Section) -> Section:
        SECTIONS[name] = function
        return function

    return register


@section("revenue")
def revenue(rows: list[Row]) -> list[Row]:
    total = sum(row["cents"] for row in rows)
    unit = environ.get("REPORT_UNIT", "EUR")  # expect: DUR124
    return [{"label": "revenue", "value": f"{total / 100:,.2f} {unit}"}]


@section("regions")
def regions(rows: list[Row]) -> list[Row]:
    names = {row["region"] for row in rows}
    counted = {name: sum(1 for row in rows if row["region"] == name) for name in sorted(names)}
    return [{"label": capwords(name), "value": str(n)} for name, n in counted.items()]


@section("sample")
def sample(rows: list[Row]) -> list[Row]:
    if len(rows) <= 5:
        return rows
    return random.sample(rows, 5)  # expect: DUR111


@section("outliers")
def outliers(rows: list[Row]) -> list[Row]:
    values = [row["cents"] for row in rows]
    if len(values) < 3:
        return []
    limit = statistics.mean(values) + 3 * statistics.stdev(values)
    found = frozenset(row["region"] for row in rows if row["cents"] > limit)
    return [{"label": region, "value": "outlier"} for region in found]  # expect: DUR134


@contextmanager
def number_locale(name: str):
    previous = locale.setlocale(locale.LC_NUMERIC)
    locale.setlocale(locale.LC_NUMERIC, name)
    try:
        yield
    finally:
        locale.setlocale(locale.LC_NUMERIC, previous)


@dataclass
class Layout:
    """Which sections a report has, in order."""

    names: list[str]
    options: dict[str, str] = field(default_factory=dict)

    def render(self, rows: list[Row]) -> list[Row]:
        out: list[Row] = []
        for name in self.names:
            out.append({"label": name, "value": self.options.get(name, "")})
            out.extend(SECTIONS[name](rows))
        return out


def export(rows: list[Row]) -> str:
    with number_locale("de_DE.UTF-8"):
        return "\n".join(locale.format_string("%s;%s", (row["label"], row["value"])) for row in rows)
