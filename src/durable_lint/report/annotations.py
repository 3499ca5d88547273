"""Annotations of GitHub Actions. Invariant: nothing of a finding can end its annotation early.

A workflow command is one line, `::error file=...::message`; what would end the line, a property or
the command is escaped as GitHub reads it.
"""

from collections.abc import Iterator

from durable_lint.model import Finding
from durable_lint.report.outcome import Outcome, relative

__all__ = ["render"]


def render(outcome: Outcome) -> Iterator[str]:
    """One annotation for each finding."""
    for finding in outcome.findings:
        yield _annotation(finding, outcome)


def _annotation(finding: Finding, outcome: Outcome) -> str:
    span = finding.span
    properties = {
        "title": f"{finding.code} {finding.category}",
        "file": relative(finding.path, outcome.directory),
        "line": str(span.line),
        "endLine": str(span.end_line),
    }
    if span.end_line == span.line:  # GitHub takes columns within one line only
        properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    head = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::error {head}::{_data(_message(finding, outcome))}"


def _message(finding: Finding, outcome: Outcome) -> str:
    if not finding.via:
        return finding.message
    links = [
        f"{step.function} ({relative(step.path, outcome.directory)}:{step.line})"
        for step in finding.via
    ]
    return f"{finding.message}\nReached by {' -> '.join([*links, finding.function])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
