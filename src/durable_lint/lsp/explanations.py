"""What the pointer is told at a finding, and at a code in a comment. Invariant: it is what
`durable-lint explain` says, and nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from textwrap import dedent
from typing import Final

from durable_lint.lsp.diagnostics import Shown
from durable_lint.model import Span
from durable_lint.rules import RULES

__all__ = ["at_code", "at_findings"]

_CODE: Final = re.compile(r"\bDUR\d{3}\b")
_COMMENT: Final = re.compile(r"#.*\b(?:durable\s*:|noqa)", re.IGNORECASE)


def at_findings(found: Sequence[Shown], line: int, column: int) -> tuple[str, Span] | None:
    """Markdown about the findings at a place, with the place of the innermost."""
    here = [each for each in found if _holds(each.span, line, column)]
    if not here:
        return None
    here.sort(key=lambda each: (each.span.end_line - each.span.line, each.span))
    told = "\n\n---\n\n".join(_about(each) for each in here)
    return told, here[0].span


def at_code(text: str, line: int, column: int) -> tuple[str, Span] | None:
    """Markdown about a code in a comment that suppresses it."""
    comment = _COMMENT.search(text)
    for match in _CODE.finditer(text, comment.start() if comment else len(text)):
        if match.start() < column <= match.end() + 1:
            told = explanation(match[0])
            if told:
                return told, Span(line, match.start() + 1, line, match.end() + 1)
    return None


def explanation(code: str) -> str:
    """All that a rule says of itself, as Markdown; empty for what is no rule."""
    for rule in RULES:
        if rule.code == code:
            parts = [
                f"**{rule.code}: {rule.summary}** ({rule.category})",
                dedent(rule.explanation).strip(),
                f"Instead of\n\n{_fenced(rule.before)}\n\nwrite\n\n{_fenced(rule.after)}",
                f"To keep one: `# durable: ignore[{rule.code}]` and the reason, on its line.",
            ]
            return "\n\n".join(parts)
    return ""


def _about(each: Shown) -> str:
    return "\n\n".join(part for part in _parts(each) if part)


def _parts(each: Shown) -> Iterator[str]:
    finding = each.finding
    yield f"{finding.message}"
    if finding.via:
        steps = " → ".join(f"`{step.function}`" for step in finding.via)
        yield f"Reached from {steps} → `{finding.function}`."
    yield explanation(finding.code)


def _fenced(code: str) -> str:
    return f"```python\n{dedent(code).strip()}\n```"


def _holds(span: Span, line: int, column: int) -> bool:
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    return start <= (line, column) <= end
