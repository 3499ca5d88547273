"""The format for people. Invariant: a finding begins with `path:line:column: code message`.

Terminals and editors make a link of that. Below stand the source line with what is wrong
underlined, and the chain of calls that leads from an orchestrator to it.
"""

from collections.abc import Iterator

from durable_lint.model import Finding, Span, Unresolved
from durable_lint.report.colour import PLAIN, Palette
from durable_lint.report.outcome import Outcome, relative

__all__ = ["render", "render_counts", "render_summary"]

_WIDEST = 160  # characters of a source line that are shown; generated code has longer ones


def render(outcome: Outcome, paint: Palette = PLAIN, *, unresolved: bool = False) -> Iterator[str]:
    """All findings, a block each; unresolved: then the calls that lead nobody knows where."""
    for finding in outcome.findings:
        yield from _finding(finding, outcome, paint)
        yield ""
    if unresolved:
        for call in outcome.unresolved:
            yield _unresolved(call, outcome, paint)
        if outcome.unresolved:
            yield ""


def _finding(finding: Finding, outcome: Outcome, paint: Palette) -> Iterator[str]:
    path = relative(finding.path, outcome.directory)
    place = f"{path}:{finding.span.line}:{finding.span.column}:"
    mark = paint("fix", "[*] ") if finding.fixable else ""
    yield f"{paint('path', place)} {paint('code', finding.code)} {mark}{finding.message}"
    source = outcome.sources.line(finding.path, finding.span.line)
    if source is not None and source.strip():
        yield from _excerpt(source, finding.span, paint)
    yield from _chain(finding, outcome, paint)


def _excerpt(source: str, span: Span, paint: Palette) -> Iterator[str]:
    """The source line, and below it the carets."""
    start = min(span.column - 1, len(source))
    end = span.end_column - 1 if span.end_line == span.line else len(source.rstrip())
    end = min(max(end, start + 1), max(len(source), start + 1))
    if len(source) > _WIDEST:
        source, start, end = _cropped(source, start, end)
    number = str(span.line)
    before, marked = _shown(source[:start]), _shown(source[start:end])
    # A tab is as wide as the terminal likes, so the second line has it in the same place.
    indent = "".join("\t" if letter == "\t" else " " * _width(letter) for letter in before)
    carets = "^" * max(1, sum(_width(letter) for letter in marked))
    margin = " " * len(number)
    yield f"  {paint('gutter', number + ' |')} {_shown(source).rstrip()}"
    yield f"  {paint('gutter', margin + ' |')} {indent}{paint('caret', carets)}"


def _cropped(source: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a long line round what is underlined, with the places in it."""
    first = max(0, start - _WIDEST // 4)
    last = min(len(source), first + _WIDEST)
    left = "..." if first else ""
    right = "..." if last < len(source) else ""
    shift = len(left) - first
    return left + source[first:last] + right, start + shift, min(end, last) + shift


def _shown(text: str) -> str:
    """Control characters of a file do not reach the terminal: some of them are commands to it."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter == "\t" else " " if ord(letter) < 32 else "\ufffd"
        for letter in text
    )


def _width(letter: str) -> int:
    """How many columns of a terminal the letter takes."""
    if letter < "\x7f":
        return 1
    from unicodedata import combining, east_asian_width

    if combining(letter):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1


def _chain(finding: Finding, outcome: Outcome, paint: Palette) -> Iterator[str]:
    """From the orchestrator down: who calls whom, and where."""
    for depth, step in enumerate(finding.via):
        place = f"{relative(step.path, outcome.directory)}:{step.line}"
        lead = "reached from" if depth == 0 else "        then"
        yield paint("chain", f"    {lead} {step.function} ({place})")
    if finding.via:
        yield paint("chain", f"          in {finding.function}")


def _unresolved(call: Unresolved, outcome: Outcome, paint: Palette) -> str:
    place = f"{relative(call.path, outcome.directory)}:{call.span.line}:{call.span.column}:"
    return (
        f"{paint('path', place)} where `{call.expression}` leads is not known, in {call.function}"
    )


def render_counts(outcome: Outcome, paint: Palette = PLAIN) -> Iterator[str]:
    """How many findings each code has, most first."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for finding in outcome.findings:
        kind = finding.code, finding.category
        number, mendable = counts.get(kind, (0, 0))
        counts[kind] = number + 1, mendable + finding.fixable
    widest = max((len(str(number)) for number, _ in counts.values()), default=1)
    most_first = sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))
    for (code, category), (number, mendable) in most_first:
        mend = paint("fix", f"  {mendable} fixable with --fix") if mendable else ""
        yield f"{number:>{widest}}  {paint('code', code)}  {category}{mend}"


def render_summary(outcome: Outcome, paint: Palette = PLAIN) -> Iterator[str]:
    """What was looked at and what came of it: never "no findings" about code that was not read."""
    found = len(outcome.findings)
    # Of the project: what was checked may be one file of it.
    reached = _count(outcome.reached, "file")
    looked = (
        f"{_count(outcome.files, 'file')} checked; orchestrators of the project reach {reached}"
    )
    if found:
        places = _count(len({finding.path for finding in outcome.findings}), "file")
        fixable = sum(finding.fixable for finding in outcome.findings)
        mend = f"; [*] {fixable} fixable with --fix" if fixable else ""
        yield paint("bad", f"{_count(found, 'finding')} in {places}{mend}") + f" ({looked})"
    elif outcome.files == 0:
        yield "Nothing was checked: no Python file is there."
    elif outcome.reached == 0:
        yield f"No findings, and no orchestrator either ({_count(outcome.files, 'file')} checked)."
        for dialect, files in outcome.dialects:
            yield (
                f"{_count(files, 'file')} may hold orchestrators of {dialect}; they are checked"
                f' with `dialects = ["{dialect}"]` under [tool.durable-lint] in pyproject.toml.'
            )
    else:
        left = "No findings left" if outcome.fixed else "No findings"
        yield paint("good", left) + f" ({looked})"
    if outcome.fixed:
        yield f"{_count(outcome.fixed, 'finding')} mended."
    if outcome.known:
        yield f"{_count(outcome.known, 'finding')} held by the baseline, not shown."
    if outcome.stale:
        plural = "y is" if outcome.stale == 1 else "ies are"
        yield f"{outcome.stale} entr{plural} out of date in the baseline: --write-baseline."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
