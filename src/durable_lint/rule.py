"""A rule judges what the analysis observed; it reads no file, resolves no name and walks no tree.

A rule is one class in one file of `rules/`, with everything that is known about it: how it is
explained, the examples that are its tests and its page, and the judgement itself.
"""

import re
from abc import ABC, abstractmethod
from textwrap import dedent
from typing import ClassVar, NamedTuple

import attrs

from durable_lint.model import Verdict
from durable_lint.reach.observations import Observation

__all__ = ["Example", "ExampleFile", "Rule", "Verdict"]

_MARK = re.compile(r"[ \t]+# DUR\d{3}$", re.MULTILINE)
_FILE = re.compile(r"^# file: (\S+)$")
_ONLY_FILE = "flows.py"


class ExampleFile(NamedTuple):
    """One module of an example. findings: the lines of `text`, from 1, where the rule reports."""

    path: str
    text: str
    findings: tuple[int, ...]


@attrs.frozen
class Example:
    """A small program that a rule is tried on, and shown with.

    title: a sentence of what it shows. text: one module, indented as it stands in its rule, or
    several with `# file: path.py` lines above them; a line that ends with `# DUR101` is one where
    the rule reports, and that comment is no part of the program. mended: what `--fix` makes of it,
    written alike; None when the rule mends nothing in it. settings: the lines of
    `[tool.durable-lint]` that it is checked with.

    Everything else is derived when it is asked for: a run that explains nothing pays nothing.
    """

    title: str
    text: str
    mended: str | None = None
    settings: str = ""

    @property
    def marked(self) -> str:
        """The program with its marks, as a page shows it."""
        return dedent(self.text).strip("\n") + "\n"

    @property
    def code(self) -> str:
        """The program, without marks."""
        return _MARK.sub("", self.marked)

    @property
    def findings(self) -> tuple[int, ...]:
        """The lines of `code`, from 1, where the rule reports; none for a valid example."""
        lines = self.marked.splitlines()
        return tuple(number for number, line in enumerate(lines, 1) if _MARK.search(line))

    @property
    def fixed(self) -> str | None:
        """What `--fix` makes of `code`; None when the rule mends nothing in it."""
        return None if self.mended is None else dedent(self.mended).strip("\n") + "\n"

    @property
    def files(self) -> tuple[ExampleFile, ...]:
        """The modules that `code` consists of, each with its own line numbers."""
        return _files(self.marked)

    @property
    def fixed_files(self) -> tuple[ExampleFile, ...]:
        """The modules that `fixed` consists of; none when it is None."""
        return () if self.fixed is None else _files(self.fixed)


def _files(marked: str) -> tuple[ExampleFile, ...]:
    """Take a marked text apart at its `# file:` lines."""
    parts: list[tuple[str, list[str]]] = []
    for line in marked.splitlines():
        if name := _FILE.match(line):
            parts.append((name[1], []))
            continue
        if not parts:
            parts.append((_ONLY_FILE, []))
        parts[-1][1].append(line)
    return tuple(
        ExampleFile(
            path=path,
            text="".join(f"{_MARK.sub('', line)}\n" for line in lines),
            findings=tuple(n for n, line in enumerate(lines, 1) if _MARK.search(line)),
        )
        for path, lines in parts
    )


class Rule(ABC):
    """What is known about one code.

    summary: one line without a full stop. explanation: Markdown; why it breaks replay, what to do.
    before, after: the smallest pair that shows the way out. valid, invalid: the rule's tests.
    observes: the classes of observation that it wants to see. mends: what `--fix` does, half a
    sentence; empty when it mends nothing. everywhere: it counts in code that no orchestrator
    reaches, too. default: False for a rule that must be selected.
    """

    code: ClassVar[str]
    category: ClassVar[str]
    summary: ClassVar[str]
    explanation: ClassVar[str]
    before: ClassVar[str]
    after: ClassVar[str]
    valid: ClassVar[tuple[Example, ...]]
    invalid: ClassVar[tuple[Example, ...]]
    observes: ClassVar[tuple[type[Observation], ...]]
    mends: ClassVar[str] = ""
    everywhere: ClassVar[bool] = False
    default: ClassVar[bool] = True

    @abstractmethod
    def judge(self, seen: Observation) -> Verdict | None:
        """Say what is wrong with what was seen; None when nothing is."""
