"""What `--fix` makes of a file. Invariant: what comes out parses, and no finding is mended by half.

Edits are planned on the tree and made in the text. Those that would touch each other wait for the
next pass; a pass over what it gave changes nothing more of what it mended.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from durable_lint.collector import without_collector
from durable_lint.fixing.comments import mend_suppression
from durable_lint.fixing.edits import Edit, Taken, TextEdit, applied, original_offset
from durable_lint.fixing.handlers import mend_handler
from durable_lint.fixing.imports import import_edit
from durable_lint.fixing.leftovers import without_leftovers
from durable_lint.fixing.module import Module
from durable_lint.fixing.order import mend_order
from durable_lint.fixing.plan import Plan
from durable_lint.fixing.swaps import mend_clock, mend_print, mend_random, mend_sleep, mend_uuid
from durable_lint.fixing.waits import mend_missing_await
from durable_lint.model import Finding, Span
from durable_lint.source import Source, SourceError

__all__ = ["Fixed", "edits", "fix", "offered"]

_MENDERS: Final[dict[str, Callable[[Module, Finding], Plan | None]]] = {
    "DUR101": mend_clock,
    "DUR102": mend_sleep,
    "DUR111": mend_random,
    "DUR112": mend_uuid,
    "DUR133": mend_missing_await,
    "DUR134": mend_order,
    "DUR135": mend_handler,
    "DUR143": mend_print,
    "DUR190": mend_suppression,
}


class Fixed(NamedTuple):
    """data: the file afterwards. fixed: the findings that are mended in it."""

    data: bytes
    fixed: list[Finding]


def fix(source: bytes, findings: Sequence[Finding]) -> Fixed:
    """Mend the findings of one file that are fixable, as far as they do not touch each other.

    findings: what the check said of exactly these bytes. A file that does not parse, or whose bytes
    its encoding would not give back, is left as it is.
    """
    mendable = [finding for finding in findings if finding.fixable]
    if not mendable:
        return Fixed(source, [])
    with without_collector():
        return _fixed(Source(mendable[0].path, source), mendable)


def _fixed(source: Source, mendable: Sequence[Finding]) -> Fixed:
    module = _opened(source)
    if module is None:
        return Fixed(source.data, [])
    plans = _planned(module, mendable)
    written = _written(module, [plan for _, plan in plans])
    if written is None:
        # Never seen; but rather mend what can be than nothing, and never break a file.
        plans = _those_that_parse(module, plans)
        written = _written(module, [plan for _, plan in plans])
    if written is None or not plans:
        return Fixed(source.data, [])
    return Fixed(written.encode(source.encoding), [finding for finding, _ in plans])


def edits(source: Source, finding: Finding) -> list[TextEdit]:
    """What mends one finding, imports included, as edits of the text as it is; none if nothing.

    They do not overlap, and are in the order of the text.
    """
    module = _opened(source) if finding.fixable else None
    plan = None if module is None else _plan(module, finding)
    if module is None or plan is None:
        return []
    made = [*plan.edits, *without_leftovers(module, plan.edits)]
    after = _reread(module, applied(module.text, made))
    if after is None:
        return []
    for package in sorted(plan.imports):
        added = import_edit(after, package)
        place = original_offset(made, added.start)
        made.append(Edit(place, place, added.text))
    return [_text_edit(module, edit) for edit in sorted(made, key=lambda edit: edit.order)]


def offered(source: Source, findings: Iterable[Finding]) -> list[Finding]:
    """The findings of one file, `fixable` where a fix can be made: rules see less of the code."""
    module: Module | None = None
    told: list[Finding] = []
    for finding in findings:
        if finding.fixable:
            if module is None:
                module = _opened(source)
            if module is None or _plan(module, finding) is None:
                finding = finding._replace(fixable=False)
        told.append(finding)
    return told


# ---------------------------------------------------------------- one pass


def _opened(source: Source) -> Module | None:
    """The module, if it parses and its bytes are what its text would be written as."""
    try:
        if source.text.encode(source.encoding) != source.data:
            return None
        return Module(source)
    except (SourceError, UnicodeEncodeError, RecursionError):
        return None


def _plan(module: Module, finding: Finding) -> Plan | None:
    mender = _MENDERS.get(finding.code)
    return None if mender is None else mender(module, finding)


def _planned(module: Module, findings: Iterable[Finding]) -> list[tuple[Finding, Plan]]:
    """The plans that can be carried out together, inner before outer ones."""
    plans: list[tuple[Finding, Plan]] = []
    taken = Taken()
    for finding in sorted(findings, key=_from_inside):
        plan = _plan(module, finding)
        if plan is not None and taken.take(plan.edits):
            plans.append((finding, plan))
    return plans


def _from_inside(finding: Finding) -> tuple[int, int, int, int, str]:
    span = finding.span
    return -span.line, -span.column, span.end_line, span.end_column, finding.code


def _written(module: Module, plans: Sequence[Plan]) -> str | None:
    """The text with the plans carried out; None when it would not parse."""
    made = list(dict.fromkeys(edit for plan in plans for edit in plan.edits))
    text = applied(module.text, [*made, *without_leftovers(module, made)])
    after = _reread(module, text)
    for package in sorted({package for plan in plans for package in plan.imports}):
        if after is None:
            break
        after = _reread(module, applied(after.text, [import_edit(after, package)]))
    return None if after is None else after.text


def _reread(module: Module, text: str) -> Module | None:
    before = module.source
    return _opened(Source(before.path, text.encode(before.encoding)))


def _those_that_parse(
    module: Module, plans: Sequence[tuple[Finding, Plan]]
) -> list[tuple[Finding, Plan]]:
    """The plans without those that break the file, found by halves."""
    if _written(module, [plan for _, plan in plans]) is not None:
        return list(plans)
    if len(plans) < 2:
        return []
    half = len(plans) // 2
    return _those_that_parse(module, plans[:half]) + _those_that_parse(module, plans[half:])


def _text_edit(module: Module, edit: Edit) -> TextEdit:
    return TextEdit(Span(*module.place(edit.start), *module.place(edit.end)), edit.text)
