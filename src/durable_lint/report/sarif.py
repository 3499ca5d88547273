"""SARIF 2.1.0, which code scanning services read. Invariant: the log is the same on every machine.

It names no absolute path of a file below the working directory, no time and no user; so two logs
can be compared, and a result is known again by its fingerprint after lines have moved.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from durable_lint import __version__
from durable_lint.model import Finding, Span
from durable_lint.report.outcome import Outcome, relative

__all__ = ["Described", "log", "render"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT: Final = "%SRCROOT%"


class Described(NamedTuple):
    """What a log says of a rule; `help` is Markdown."""

    code: str
    category: str
    summary: str
    help: str


def render(outcome: Outcome, rules: Iterable[Described], fingerprints: Sequence[str]) -> str:
    """One SARIF document, in ASCII.

    rules: at least those of the findings. fingerprints: one for each finding, in its place.
    """
    return json.dumps(log(outcome, rules, fingerprints), indent=2)


def log(
    outcome: Outcome, rules: Iterable[Described], fingerprints: Sequence[str]
) -> dict[str, Any]:
    """What the document says, as plain data."""
    described = sorted(rules)
    numbers = {rule.code: number for number, rule in enumerate(described)}
    results = [
        _result(finding, fingerprint, numbers, outcome.directory)
        for finding, fingerprint in zip(outcome.findings, fingerprints, strict=True)
    ]
    run = {
        "tool": {
            "driver": {
                "name": "durable-lint",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in described],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The directory in which durable-lint ran."}}
        },
        "invocations": [_invocation(outcome.errors)],
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Described) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.category.split("_")),
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.help, "markdown": rule.help},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["determinism", rule.category]},
    }


def _invocation(errors: Sequence[str]) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": True}
    if errors:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": error}} for error in errors
        ]
    return invocation


def _result(
    finding: Finding, fingerprint: str, numbers: Mapping[str, int], directory: str
) -> dict[str, Any]:
    location = _location(finding.path, _region(finding.span), directory)
    location["logicalLocations"] = [{"fullyQualifiedName": finding.function, "kind": "function"}]
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": "error",
        "message": {"text": finding.message},
        "locations": [location],
        "partialFingerprints": {"durableLint/v1": fingerprint},
    }
    if finding.code in numbers:
        result["ruleIndex"] = numbers[finding.code]
    if finding.via:
        result["codeFlows"] = [_flow(finding, directory)]
    return result


def _flow(finding: Finding, directory: str) -> dict[str, Any]:
    """The chain from the orchestrator down, as the path that a viewer steps along."""
    steps = [
        _location(step.path, {"startLine": step.line}, directory, f"{step.function} calls the next")
        for step in finding.via
    ]
    end = _location(finding.path, _region(finding.span), directory, finding.message)
    return {"threadFlows": [{"locations": [{"location": place} for place in [*steps, end]]}]}


def _location(
    path: str, region: Mapping[str, int], directory: str, message: str | None = None
) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(path, directory), "region": region}
    }
    if message is not None:
        location["message"] = {"text": message}
    return location


def _artifact(path: str, directory: str) -> dict[str, str]:
    inside = relative(path, directory)
    if inside.startswith("../") or inside == path:
        return {"uri": "file://" + _quoted("/" + path.lstrip("/"))}
    return {"uri": _quoted(inside), "uriBaseId": _ROOT}


def _quoted(path: str) -> str:
    # A name of a file need not be text; its bytes are what the URI stands for.
    return quote(path.encode("utf-8", "surrogateescape"), safe="/:")


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
