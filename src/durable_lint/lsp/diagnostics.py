"""Findings as an editor shows them. Invariant: each stands where its code stands now.

While a file is half typed, its findings are those of the text that could last be parsed, moved to
where that code is now; those in what is being typed are not shown.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from lsprotocol import types

from durable_lint.lsp.positions import Columns, Shift
from durable_lint.lsp.projects import Looked
from durable_lint.lsp.settings import Settings
from durable_lint.lsp.uris import uri_of
from durable_lint.model import Finding, Span, Step

__all__ = ["Shown", "shown"]

SOURCE: Final = "durable-lint"
# Codes whose finding is a piece of text that nobody needs: editors grey it out.
_UNNECESSARY: Final = frozenset({"DUR190"})


class Shown(NamedTuple):
    """A finding together with the place where it stands now."""

    finding: Finding
    span: Span
    diagnostic: types.Diagnostic


def shown(
    looked: Looked,
    settings: Settings,
    columns: Columns,
    line: Callable[[str, int], str],
    *,
    related: bool,
) -> list[Shown]:
    """What to show of a file. line: gives a line of any file. related: whether the editor can show
    the chain that leads to a finding beside it; if not, it is part of the message.
    """
    if looked.source is None:
        return []
    lines = looked.lines
    made = []
    for finding, span in _placed(looked, lines):
        chain = list(_chain(finding.via, line, columns)) if related else None
        diagnostic = types.Diagnostic(
            range=columns.range(span, lines),
            message=finding.message if related else _with_chain(finding),
            severity=settings.severity(finding.code),
            code=finding.code,
            code_description=_page(settings, finding.code),
            source=SOURCE,
            tags=_tags(finding),
            related_information=chain or None,
            data={"code": finding.code, "subject": finding.subject, "fixable": finding.fixable},
        )
        made.append(Shown(finding, span, diagnostic))
    return made


def _placed(looked: Looked, lines: Sequence[str]) -> Iterator[tuple[Finding, Span]]:
    source, analysed = looked.source, looked.analysed
    shift = None
    if analysed is not None and source is not None and analysed.data != source.data:
        shift = Shift.between(analysed.lines, lines)
    for finding in looked.findings:
        # That a file cannot be parsed is about the text as it is.
        if shift is None or finding.code == "DUR000":
            yield finding, finding.span
        elif (span := shift.moved(finding.span)) is not None:
            yield finding, span


def _chain(
    via: Sequence[Step], line: Callable[[str, int], str], columns: Columns
) -> Iterator[types.DiagnosticRelatedInformation]:
    for number, step in enumerate(via):
        text = line(step.path, step.line)
        start = len(text) - len(text.lstrip()) + 1
        span = Span(1, start, 1, max(len(text.rstrip()) + 1, start))
        at = columns.range(span, [text])
        at.start.line = at.end.line = step.line - 1
        word = "then" if number else "reached from"
        yield types.DiagnosticRelatedInformation(
            types.Location(uri_of(step.path), at), f"{word} {step.function}"
        )


def _with_chain(finding: Finding) -> str:
    if not finding.via:
        return finding.message
    steps = " > ".join(step.function for step in finding.via)
    return f"{finding.message} (reached from {steps})"


def _page(settings: Settings, code: str) -> types.CodeDescription | None:
    address = settings.page(code)
    return None if address is None else types.CodeDescription(href=address)


def _tags(finding: Finding) -> list[types.DiagnosticTag] | None:
    if finding.code in _UNNECESSARY and finding.fixable:
        return [types.DiagnosticTag.Unnecessary]
    return None
