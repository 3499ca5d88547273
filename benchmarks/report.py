"""What the runs say. Invariant: every figure is a median with its minimum and maximum, and stands
beside its targets and beside what the machine can do, measured in the same runs.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import attrs

from targets import FIGURES, LIMITS, Figure

__all__ = ["Measured", "Runs", "as_json", "as_table", "machine", "summarise"]

Runs = Mapping[str, Sequence[Mapping[str, float]]]
"""Of each workload (and of "limits") the figures of each run, by name."""


@attrs.frozen
class Measured:
    """A median, and what it was taken from."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    def as_json(self) -> dict[str, Any]:
        return {
            "median": self.median,
            "min": min(self.runs),
            "max": max(self.runs),
            "runs": list(self.runs),
        }


def summarise(runs: Runs) -> dict[tuple[str, str], Measured]:
    """By workload and name of the figure."""
    return {
        (workload, name): Measured(tuple(figures[name] for figures in several))
        for workload, several in runs.items()
        for name in several[0]
    }


def machine() -> dict[str, Any]:
    """What the figures depend on, besides the code."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "durable_async": metadata.version("durable-async"),
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }


def as_json(found: Mapping[tuple[str, str], Measured], about: Mapping[str, Any]) -> dict[str, Any]:
    limits = {
        limit.name: {"meaning": limit.meaning, "unit": limit.unit}
        | found["limits", limit.name].as_json()
        for limit in LIMITS
        if ("limits", limit.name) in found
    }
    figures = [
        {
            "workload": figure.workload,
            "name": figure.name,
            "meaning": figure.meaning,
            "unit": figure.unit,
            "more_is_better": figure.more_is_better,
            "first_step": figure.first_step,
            "goal": figure.goal,
            "limit": figure.limit,
            "of_limit": of_limit(figure, found),
        }
        | found[figure.workload, figure.name].as_json()
        for figure in FIGURES
        if (figure.workload, figure.name) in found
    ]
    return {"machine": dict(about), "limits": limits, "figures": figures}


def of_limit(figure: Figure, found: Mapping[tuple[str, str], Measured]) -> float | None:
    """The figure's share of what the machine can do."""
    if figure.limit is None or ("limits", figure.limit) not in found:
        return None
    return found[figure.workload, figure.name].median / found["limits", figure.limit].median


def as_table(found: Mapping[tuple[str, str], Measured], about: Mapping[str, Any]) -> str:
    rows: list[tuple[str, ...]] = [
        ("", "", "median", "min", "max", "first step", "goal", "of raw limit")
    ]
    rows += [
        ("raw", limit.meaning, *_numbers(found["limits", limit.name], limit.unit), "", "", "")
        for limit in LIMITS
        if ("limits", limit.name) in found
    ]
    rows += [_row(figure, found) for figure in FIGURES if (figure.workload, figure.name) in found]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [", ".join(f"{key} {value}" for key, value in about.items()), ""]
    lines += ["  ".join(_padded(row, widths)).rstrip() for row in rows]
    return "\n".join(lines)


def _row(figure: Figure, found: Mapping[tuple[str, str], Measured]) -> tuple[str, ...]:
    measured = found[figure.workload, figure.name]
    share = of_limit(figure, found)
    return (
        figure.workload,
        figure.meaning,
        *_numbers(measured, figure.unit),
        _against(figure, measured.median, figure.first_step),
        _against(figure, measured.median, figure.goal),
        "" if share is None else f"{share:.3f} {figure.limit}",
    )


def _numbers(measured: Measured, unit: str) -> tuple[str, str, str]:
    return (
        f"{_number(measured.median)} {unit}".rstrip(),
        _number(min(measured.runs)),
        _number(max(measured.runs)),
    )


def _against(figure: Figure, value: float, target: float | None) -> str:
    if target is None:
        return ""
    return f"{_number(target)} {'reached' if figure.meets(value, target) else 'MISSED'}"


def _number(value: float) -> str:
    """Three digits are as many as a run repeats."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if column < 2 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
