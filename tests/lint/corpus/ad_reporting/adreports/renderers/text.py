from __future__ import annotations

import csv
import io
import sys

from ..model import Row
from .base import Renderer, Report

WIDTH = 72


class TextRenderer(Renderer):
    def head(self, report: Report) -> str:
        return f"{report.title}\n{'=' * min(WIDTH, len(report.title))}"

    def line(self, row: Row) -> str:
        return f"{row.campaign:<40}{row.wins:>8}{row.win_rate:>8.1%}{self.money(row.micros):>16}"

    def foot(self, report: Report) -> str:
        names = ", ".join(sorted(report.publishers)[:5])
        return f"{super().foot(report)}\nPublishers: {names}"


class CsvRenderer(Renderer):
    mime = "text/csv"

    def render(self, report: Report) -> str:
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=";")
        writer.writerow(["campaign", "bids", "wins", "micros"])
        writer.writerows((r.campaign, r.bids, r.wins, r.micros) for r in report.rows)
        return out.getvalue()

    def line(self, row: Row) -> str:
        return ";".join(map(str, (row.campaign, row.bids, row.wins, row.micros)))


def preview(report: Report) -> None:
    """For the console."""
    sys.stdout.write(TextRenderer().render(report) + "\n")
