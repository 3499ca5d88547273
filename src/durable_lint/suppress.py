"""Which findings a comment keeps silent; a comment is one, whatever a string looks like.

Invariant: a comment silences findings of the expression or statement it stands at, and nothing
else. It stands at one when it is on the first line of either, on the expression's last, at a
decorator of the definition, or on lines of its own just above. One that names what is no code
silences nothing by that, and the finding says so. Comments of other linters (`# noqa`) are honoured
and never complained about.
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from durable_lint.config import CODES
from durable_lint.model import Finding, Span
from durable_lint.source import Source, SourceError

__all__ = ["suppress"]

_CODE = "DUR190"
_NOTHING = "-"  # stands for what empty brackets name
_HINT = re.compile(r"#[^\n\r]*?(?:durable\s*:|noqa)", re.IGNORECASE)
# With a bracket that is not closed, or none, codes are those that look like one.
_IGNORE = re.compile(
    r"#\s*durable\s*:\s*ignore\b\s*"
    r"(?:\[(?P<codes>[^\]#]*)\]|[\[(:]?\s*(?P<bare>DUR\d+\b(?:[\s,]+DUR\d+\b)*)[\])]?)?"
    r"(?P<reason>[^#]*)",
    re.IGNORECASE,
)
_SKIP = re.compile(r"#\s*durable\s*:\s*skip-file\b", re.IGNORECASE)
_NOQA = re.compile(
    r"#\s*noqa(?:\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*))?", re.IGNORECASE
)
_MISREAD = str.maketrans("OIL", "011")
_WORD = re.compile(r"[^\s,]+")


class _Comment(NamedTuple):
    """A comment: column in characters from 0. own: nothing else stands on its line."""

    line: int
    column: int
    text: str
    own: bool


class _Ignore(NamedTuple):
    """What one comment silences. codes: with the column of each; none at all means every code.

    used: the codes ("" for every code) that silenced something, filled in on the way.
    """

    comment: _Comment
    column: int
    end: int
    codes: tuple[tuple[str, int], ...]
    reason: str
    ours: bool
    used: set[str]

    def silences(self, code: str) -> bool:
        if not self.codes:
            self.used.add("")
            return True
        wanted = [entry for entry, _ in self.codes if entry == "ALL" or code.startswith(entry)]
        self.used.update(wanted)
        return bool(wanted)


def suppress(
    source: Source, findings: Sequence[Finding], *, complain: bool = False
) -> list[Finding]:
    """The findings of one file that no comment silences, in the order given.

    complain: add a DUR190 for each comment of ours that silences nothing, names no code or gives
    no reason. Then `findings` must be those of every code, wanted or not: a comment for a code
    that is switched off is not one too many.
    """
    try:
        text = source.text
    except SourceError:
        return list(findings)
    if _HINT.search(text) is None:
        return list(findings)
    comments = list(_comments(source))
    if any(_SKIP.search(comment.text) for comment in comments):
        return []
    ignores = [ignore for comment in comments for ignore in _ignores(comment)]
    if not ignores:
        return list(findings)
    kept = _silence(source, findings, ignores)
    if complain:
        for ignore in ignores:
            if ignore.ours:
                kept.extend(_complaints(source.path, ignore))
    return kept


def _silence(
    source: Source, findings: Sequence[Finding], ignores: Sequence[_Ignore]
) -> list[Finding]:
    at: dict[int, list[_Ignore]] = {}
    for ignore in ignores:
        at.setdefault(ignore.comment.line, []).append(ignore)
    own = {ignore.comment.line for ignore in ignores if ignore.comment.own}
    statements = _Statements(source)
    kept: list[Finding] = []
    for finding in findings:
        lines = statements.lines_of(finding.span)
        above = {line for start in lines for line in _above(start, own, source)}
        near = sorted(lines | above)
        standing = [
            ignore
            for line in near
            for ignore in at.get(line, ())
            if line not in own or line in above
        ]
        # Each one counts as used: a comment on the statement and one on the line agree.
        silent = [ignore.silences(finding.code) for ignore in standing]
        if not any(silent):
            kept.append(_told(finding, standing))
    return kept


def _told(finding: Finding, standing: Sequence[_Ignore]) -> Finding:
    """With what is wrong about the comments that may have been meant to silence it."""
    wrong = [
        _no_code(code) for ignore in standing for code, _ in ignore.codes if not _is_code(code)
    ]
    if not wrong:
        return finding
    return finding._replace(message=f"{finding.message} (the comment here: {'; '.join(wrong)})")


def _is_code(entry: str) -> bool:
    return entry == "ALL" or any(code.startswith(entry) for code in CODES)


def _no_code(entry: str) -> str:
    """What is wrong with an entry, and what it may have been meant for."""
    if entry == _NOTHING:
        return "it names no code between its brackets"
    meant = next((code for code, name in CODES.items() if name.upper() == entry), None)
    misread = entry.translate(_MISREAD)
    if misread in CODES:
        meant = misread
    hint = "" if meant is None else f", but {meant} is one"
    return f"{entry} is not a code{hint}"


def _above(line: int, own: set[int], source: Source) -> Iterator[int]:
    """The comments of their own just above a line; other comments may stand between."""
    line -= 1
    while source.line(line).lstrip().startswith("#"):
        if line in own:
            yield line
        line -= 1


class _Statements:
    """Where the statements of a file begin."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._starts: list[int] | None = None
        self._nodes: list[ast.stmt] = []
        self._around: list[int] = []  # for each, the place of the one that holds it, or -1

    def lines_of(self, span: Span) -> set[int]:
        """The lines whose comments are about an expression there."""
        lines = {span.line, span.end_line}
        statement = self._innermost(span.line)
        if statement is not None:
            lines.add(statement.lineno)
            for decorator in getattr(statement, "decorator_list", ()):
                lines.update((decorator.lineno, decorator.end_lineno or decorator.lineno))
        return lines

    def _innermost(self, line: int) -> ast.stmt | None:
        """Of the statements that hold the line the one that begins last."""
        if self._starts is None:
            self._starts = self._read()
        place = bisect_right(self._starts, line) - 1
        while place >= 0 and _end(self._nodes[place]) < line:
            place = self._around[place]
        return self._nodes[place] if place >= 0 else None

    def _read(self) -> list[int]:
        try:
            tree = self.source.tree
        except SourceError:
            return []
        found = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
        self._nodes = sorted(found, key=lambda node: (node.lineno, -_end(node)))
        open_: list[int] = []
        for place, node in enumerate(self._nodes):
            while open_ and _end(self._nodes[open_[-1]]) < node.lineno:
                open_.pop()
            self._around.append(open_[-1] if open_ else -1)
            open_.append(place)
        return [node.lineno for node in self._nodes]


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


# ---------------------------------------------------------------- comments


def _comments(source: Source) -> Iterator[_Comment]:
    """The comments of a file; of one that is not Python as far as it goes, what looks like one."""
    from io import StringIO
    from tokenize import COMMENT, TokenError, generate_tokens

    reached = 0
    try:
        for token in generate_tokens(StringIO("\n".join(source.lines)).readline):
            reached = token.start[0]
            if token.type == COMMENT:
                line, column = token.start
                yield _Comment(line, column, token.string, not token.line[:column].strip())
    except (TokenError, SyntaxError, ValueError):
        for number in range(reached + 1, len(source.lines) + 1):
            text = source.line(number)
            column = text.find("#")
            if column >= 0:
                yield _Comment(number, column, text[column:], not text[:column].strip())


def _ignores(comment: _Comment) -> Iterator[_Ignore]:
    """What a comment silences; it may hold others, `# type: ignore  # durable: ignore[DUR101]`."""
    for match in _IGNORE.finditer(comment.text):
        group = "bare" if match["codes"] is None else "codes"
        named = _codes(match, comment.column, group)
        reason = match["reason"].strip()
        if not named and reason.startswith("["):  # that is never closed, and begins with no code
            word, _, reason = reason[1:].strip().partition(" ")
            named = ((word.upper() or _NOTHING, comment.column + match.start("reason") + 1),)
        end = comment.column + match.start() + len(match[0].rstrip())
        start = comment.column + match.start()
        yield _Ignore(comment, start, end, named, reason.strip(), True, set())
    for match in _NOQA.finditer(comment.text):
        codes = _codes(match, comment.column)
        ours = tuple((code, column) for code, column in codes if code.startswith("DUR"))
        if ours or match["codes"] is None:
            start = comment.column + match.start()
            yield _Ignore(comment, start, comment.column + match.end(), ours, "", False, set())


def _codes(match: re.Match[str], column: int, group: str = "codes") -> tuple[tuple[str, int], ...]:
    if match[group] is None:
        return ()
    start = column + match.start(group)
    found = [(word[0].upper(), start + word.start()) for word in _WORD.finditer(match[group])]
    # Empty brackets name nothing, and so silence nothing.
    return tuple(found) or ((_NOTHING, start),)


# ---------------------------------------------------------------- complaints


def _complaints(path: str, ignore: _Ignore) -> Iterator[Finding]:
    """What is wrong with a comment. Subjects: `unused`, `unused CODE`, `no code`, `no reason`."""
    line = ignore.comment.line
    whole = Span(line, ignore.column + 1, line, ignore.end + 1)
    if not ignore.used:
        message = "this comment suppresses nothing: remove it"
        yield _complaint(path, whole, message, "unused", fixable=True)
        return
    for code, column in ignore.codes:
        if code not in ignore.used:
            span = Span(line, column + 1, line, column + 1 + len(code))
            wrong = f"{code} suppresses nothing here" if _is_code(code) else _no_code(code)
            message = f"{wrong}: remove it"
            yield _complaint(path, span, message, f"unused {code}", fixable=True)
    if not ignore.codes:
        message = (
            "this comment suppresses whatever comes here: name the codes, "
            "`# durable: ignore[DUR101] reason`"
        )
        yield _complaint(path, whole, message, "no code", fixable=False)
    elif not ignore.reason:
        message = "this comment gives no reason: say behind the bracket why replay is safe"
        yield _complaint(path, whole, message, "no reason", fixable=False)


def _complaint(path: str, span: Span, message: str, subject: str, *, fixable: bool) -> Finding:
    return Finding(path, span, _CODE, CODES[_CODE], message, "<module>", subject, fixable=fixable)
