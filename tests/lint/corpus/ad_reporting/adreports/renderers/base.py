from __future__ import annotations

import abc
import datetime
import locale
from dataclasses import dataclass, field

import durable_async as da

from ..model import Row


@dataclass
class Report:
    title: str
    rows: list[Row]
    publishers: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    made: datetime.datetime = field(default_factory=da.now)


class Renderer(abc.ABC):
    """Template method: subclasses fill in head, line and foot."""

    mime = "text/plain"
    count = 0

    def render(self, report: Report) -> str:
        parts = [self.head(report)]
        for row in report.rows:
            parts.append(self.line(row))
        parts.append(self.foot(report))
        Renderer.count += 1  # expect: DUR141
        return "\n".join(p for p in parts if p)

    def head(self, report: Report) -> str:
        return report.title

    @abc.abstractmethod
    def line(self, row: Row) -> str: ...

    def foot(self, report: Report) -> str:
        return f"made {report.made:%Y-%m-%d %H:%M}"

    def money(self, micros: int) -> str:
        return locale.currency(micros / 1_000_000, grouping=True)  # expect: DUR125
