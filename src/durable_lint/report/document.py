"""The format for programs. Invariant: within version 1 no key changes its meaning or goes away.

Keys may be added. The document is ASCII, whatever the encoding of the terminal.
"""

import json
from typing import Any

from durable_lint.model import Finding, Unresolved
from durable_lint.report.outcome import Outcome, relative

__all__ = ["document", "render", "render_counts"]


def render(outcome: Outcome, *, unresolved: bool = False) -> str:
    """One JSON document. unresolved: with the calls of which nobody can say where they lead."""
    return json.dumps(document(outcome, unresolved=unresolved), indent=2)


def document(outcome: Outcome, *, unresolved: bool = False) -> dict[str, Any]:
    """What the document says, as plain data."""
    written: dict[str, Any] = {
        "version": 1,
        "findings": [_finding(finding, outcome.directory) for finding in outcome.findings],
        "files": outcome.files,
        "unresolved": len(outcome.unresolved),
        "run": {
            "reached": outcome.reached,
            "baseline": outcome.known,
            "fixed": outcome.fixed,
            "errors": list(outcome.errors),
        },
    }
    if unresolved:
        written["unresolved_calls"] = [
            _unresolved(call, outcome.directory) for call in outcome.unresolved
        ]
    return written


def render_counts(outcome: Outcome) -> str:
    """One JSON document with the number of findings of each code."""
    counts: dict[str, dict[str, Any]] = {}
    for finding in outcome.findings:
        count = counts.setdefault(
            finding.code,
            {"code": finding.code, "category": finding.category, "findings": 0, "fixable": 0},
        )
        count["findings"] += 1
        count["fixable"] += finding.fixable
    statistics = [counts[code] for code in sorted(counts)]
    written = {"version": 1, "statistics": statistics, "files": outcome.files}
    return json.dumps(written, indent=2)


def _finding(finding: Finding, directory: str) -> dict[str, Any]:
    return {
        "path": relative(finding.path, directory),
        "line": finding.span.line,
        "column": finding.span.column,
        "end_line": finding.span.end_line,
        "end_column": finding.span.end_column,
        "code": finding.code,
        "category": finding.category,
        "message": finding.message,
        "function": finding.function,
        "via": [
            {
                "path": relative(step.path, directory),
                "line": step.line,
                "function": step.function,
            }
            for step in finding.via
        ],
        "fixable": finding.fixable,
    }


def _unresolved(call: Unresolved, directory: str) -> dict[str, Any]:
    return {
        "path": relative(call.path, directory),
        "line": call.span.line,
        "column": call.span.column,
        "expression": call.expression,
        "function": call.function,
    }
