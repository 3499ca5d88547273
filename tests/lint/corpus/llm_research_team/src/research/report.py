"""Turns findings into a document."""

import io
import textwrap
from collections.abc import Sequence
from datetime import datetime
from string import Template

import durable_async as da

_PAGE = Template("# $goal\n\n_$date_\n\n$body\n")


def assemble(goal: str, topics: Sequence[str], notes: Sequence[str]) -> str:
    """Pure: the moment comes from the engine."""
    buffer = io.StringIO()
    buffer.write(", ".join(topics))
    buffer.write("\n\n")
    for number, note in enumerate(notes, start=1):
        buffer.write(textwrap.indent(note, f"{number}. "))
    return _PAGE.substitute(goal=goal, date=format_date(da.now()), body=buffer.getvalue())


def format_date(moment: datetime) -> str:
    return moment.strftime("%d %B %Y")


@da.activity
def publish(body: str) -> str:
    path = f"/srv/reports/{datetime.now():%Y%m%d}.md"
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(body)
    return path


def preview(goal: str, *, when: datetime = datetime.now()) -> str:
    return _PAGE.substitute(goal=goal, date=format_date(when), body="...")
