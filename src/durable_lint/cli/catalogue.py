"""The rules, listed and explained. Invariant: it says what the rules say of themselves, no more."""

import json
from collections.abc import Iterator
from textwrap import dedent, indent

from durable_lint.cli.arguments import Catalogue, Explain
from durable_lint.cli.output import print_lines
from durable_lint.cli.refusal import Refused
from durable_lint.rule import Rule
from durable_lint.rules import RULES

__all__ = ["explain", "list_rules"]

_UNREADABLE = """\
DUR000: a file cannot be read as Python (syntax_error)

Its syntax is wrong, or its encoding, or it is nested too deeply. Nothing in it was checked, nor
what it calls. The other files were.
"""


def list_rules(asked: Catalogue) -> int:
    """Print one line for each rule, or a JSON document."""
    rules = sorted(RULES, key=lambda rule: rule.code)
    if asked.format == "json":
        described = [
            {
                "code": rule.code,
                "category": rule.category,
                "summary": rule.summary,
                "fixable": bool(rule.mends),
                "default": rule.default,
            }
            for rule in rules
        ]
        print_lines([json.dumps({"version": 1, "rules": described}, indent=2)])
        return 0
    lines: list[str] = []
    widest = max(len(rule.category) for rule in rules)
    for rule in rules:
        mark = "*" if rule.mends else " "
        off = "" if rule.default else " (off by default)"
        lines.append(f"{rule.code} {mark} {rule.category:<{widest}}  {rule.summary}{off}")
    lines += ["", "*: --fix mends it, or some of it. durable-lint --explain CODE says more."]
    print_lines(lines)
    return 0


def explain(asked: Explain) -> int:
    """Print why a code is a finding, and what to write instead."""
    explained = [text for code in asked.codes for text in _explanations(code)]
    print_lines(["\n\n".join(explained).removesuffix("\n")])
    return 0


def _explanations(asked: str) -> list[str]:
    code = asked.strip().upper()
    if code == "ALL":
        return [_UNREADABLE, *map(_explained, RULES)]
    found = [_explained(rule) for rule in RULES if code and rule.code.startswith(code)]
    found += [_explained(rule) for rule in RULES if rule.category == asked.strip()]
    if code == "DUR000":
        return [_UNREADABLE]
    if not found:
        known = ", ".join(sorted(rule.code for rule in RULES))
        raise Refused(f"no rule has the code {asked!r}. There is: {known}, or ALL of them")
    return found


def _explained(rule: type[Rule] | Rule) -> str:
    return "\n".join(_parts(rule))


def _parts(rule: type[Rule] | Rule) -> Iterator[str]:
    yield f"{rule.code}: {rule.summary} ({rule.category})\n"
    yield dedent(rule.explanation).strip() + "\n"
    yield "Instead of\n"
    yield indent(dedent(rule.before).strip(), "    ") + "\n"
    yield "write\n"
    yield indent(dedent(rule.after).strip(), "    ") + "\n"
    if rule.mends:
        yield f"--fix {rule.mends.rstrip('.')}."
    yield f"To keep one: # durable: ignore[{rule.code}] and the reason, on its line.\n"
