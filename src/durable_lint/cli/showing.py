"""What a check prints. Invariant: what programs read holds the findings, and nothing else.

Whatever is said about the run goes to standard error, except in the format for people.
"""

import sys
from collections.abc import Iterable, Iterator

from durable_lint.cli.arguments import Check
from durable_lint.cli.output import print_lines, tell, write_file
from durable_lint.report.colour import PLAIN, TERMINAL, Palette, wants_colour
from durable_lint.report.outcome import Outcome

__all__ = ["show", "summarise"]


def show(outcome: Outcome, asked: Check) -> None:
    """Print or write the findings, then what was looked at. Raises: Refused."""
    paint = PLAIN
    if asked.output_file is None and wants_colour(asked.color, sys.stdout):
        paint = TERMINAL
    lines = _lines(outcome, asked, paint)
    if asked.output_file is None:
        print_lines(lines)
    else:
        text = "".join(f"{line}\n" for line in lines)
        write_file(asked.output_file, text.encode("utf-8", "backslashreplace"))
    summarise(outcome, asked, to_stdout=asked.format == "text" and asked.output_file is None)


def summarise(outcome: Outcome, asked: Check, *, to_stdout: bool) -> None:
    """Say what was looked at and what came of it; errors are said even to who wants quiet."""
    tell(f"durable-lint: {error}" for error in outcome.errors)
    if asked.quiet:
        return
    from durable_lint.report.text import render_summary

    stream = sys.stdout if to_stdout else sys.stderr
    paint = TERMINAL if wants_colour(asked.color, stream) else PLAIN
    if to_stdout or asked.format == "text" or asked.output_file is not None:
        print_lines(render_summary(outcome, paint), stream)


def _lines(outcome: Outcome, asked: Check, paint: Palette) -> Iterable[str]:
    match asked.format:
        case "json":
            from durable_lint.report import document

            if asked.statistics:
                return [document.render_counts(outcome)]
            return [document.render(outcome, unresolved=asked.show_unresolved)]
        case "sarif":
            return _sarif(outcome)
        case "github":
            from durable_lint.report import annotations

            return annotations.render(outcome)
        case _:
            from durable_lint.report import text

            if asked.statistics:
                return text.render_counts(outcome, paint)
            return text.render(outcome, paint, unresolved=asked.show_unresolved)


def _sarif(outcome: Outcome) -> Iterator[str]:
    from durable_lint.cli.known import digests
    from durable_lint.report.sarif import Described, render
    from durable_lint.rules import RULES

    rules = [Described(rule.code, rule.category, rule.summary, rule.explanation) for rule in RULES]
    yield render(outcome, rules, digests(outcome))
