from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from ..model import Row
from .base import Renderer, Report

HERE = Path(__file__).parent
STYLE = (HERE / "report.css").read_text() if (HERE / "report.css").exists() else ""


class HtmlRenderer(Renderer):
    mime = "text/html"

    def __init__(self, skin: str = "plain") -> None:
        self.skin = skin
        self._template: Template | None = None

    @property
    def template(self) -> Template:
        if self._template is None:
            path = HERE / "skins" / f"{self.skin}.html"
            self._template = Template(path.read_text(encoding="utf-8"))  # expect: DUR122
        return self._template

    def head(self, report: Report) -> str:
        return self.template.safe_substitute(title=escape(report.title), style=STYLE)

    def line(self, row: Row) -> str:
        return f"<tr><td>{escape(row.campaign)}</td><td>{row.wins}</td><td>{self.money(row.micros)}</td></tr>"

    def foot(self, report: Report) -> str:
        items = "".join(f"<li>{escape(p)}</li>" for p in report.publishers)  # expect: DUR134
        notes = "".join(f"<li>{escape(n)}</li>" for n in report.notes)
        return f"<ul>{items}</ul><ul>{notes}</ul>{super().foot(report)}"
