"""DUR190: comments that suppress nothing. Invariant: only what is about this checker is removed."""

import re
from typing import Final

from durable_lint.fixing.edits import Edit
from durable_lint.fixing.module import Module
from durable_lint.fixing.plan import Plan
from durable_lint.model import Finding

__all__ = ["mend_suppression"]

_BLANK: Final = " \t\f"
_CODE: Final = re.compile(r"[^\s,\]]+")


def mend_suppression(module: Module, finding: Finding) -> Plan | None:
    """Remove a comment, or one of its codes; a line that held nothing else goes too."""
    edit = None
    if finding.subject == "unused":
        edit = _without_comment(module, finding)
    elif finding.subject.startswith("unused "):
        edit = _without_code(module, finding, finding.subject.removeprefix("unused "))
    return None if edit is None else Plan((edit,))


def _without_comment(module: Module, finding: Finding) -> Edit | None:
    span = finding.span
    line = module.line(span.line)
    before, behind = line[: span.column - 1], line[span.end_column - 1 :]
    if not line[span.column - 1 :].startswith("#") or span.line != span.end_line:
        return None
    if behind.strip():  # another comment, which takes its place
        end = span.end_column + len(behind) - len(behind.lstrip())
        return Edit(module.offset(span.line, span.column), module.offset(span.line, end), "")
    if not before.strip():
        return Edit(module.line_start(span.line), module.line_start(span.line + 1), "")
    start = len(before.rstrip(_BLANK)) + 1
    return Edit(module.offset(span.line, start), module.offset(span.line, len(line) + 1), "")


def _without_code(module: Module, finding: Finding, code: str) -> Edit | None:
    span = finding.span
    line = module.line(span.line)
    opening = line.rfind("[", 0, span.column)
    closing = line.find("]", span.column - 1)
    if opening < 0 or closing < 0:
        return None
    words = list(_CODE.finditer(line, opening + 1, closing))
    places = [number for number, word in enumerate(words) if word.start() == span.column - 1]
    if len(places) != 1 or words[places[0]][0].upper() != code or len(words) < 2:
        return None
    place = places[0]
    if place == 0:
        start, end = words[0].start(), words[1].start()
    else:
        start, end = words[place - 1].end(), words[place].end()
    return Edit(module.offset(span.line, start + 1), module.offset(span.line, end + 1), "")
