"""Which findings are wanted, and in what order. Invariant: settings take away, and add nothing."""

from collections.abc import Iterable, Iterator

from durable_lint.config import CODES, Config
from durable_lint.model import Finding, SourceError

__all__ = ["in_order", "selected", "unread"]


def selected(findings: Iterable[Finding], config: Config) -> Iterator[Finding]:
    """Those of codes that the settings want in their files."""
    ignored: dict[str, tuple[str, ...]] = {}
    for finding in findings:
        path, code = finding.path, finding.code
        if path not in ignored:
            ignored[path] = config.ignores_in(path)
        if config.selects(code) and not any(
            entry == "ALL" or code.startswith(entry) for entry in ignored[path]
        ):
            yield finding


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file, place and code; each once."""
    return sorted(dict.fromkeys(findings), key=lambda each: (each.path, each.span, each.code))


def unread(error: SourceError) -> Finding:
    """What is said of a file that cannot be read or parsed: where reading stopped, and why."""
    return Finding(
        error.path, error.span, "DUR000", CODES["DUR000"], error.message, "<module>", "syntax"
    )
