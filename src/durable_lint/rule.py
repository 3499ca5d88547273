"""A rule judges what the analysis observed; it reads no file, resolves no name and walks no tree.

A rule is one class in one file of `rules/`, with everything that is known about it: how it is
explained, the examples that are its tests and its page, and the judgement itself.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import attrs

from durable_lint.reach.observations import Observation

__all__ = ["Example", "Rule", "Verdict"]


@attrs.frozen
class Example:
    """A small program that a rule is tried on, and shown with.

    title: a sentence of what it shows. code: one module, or several with `# file: name.py` lines
    between them. findings: the 1-based lines of `code` where the rule reports; none for a valid one.
    fixed: what `--fix` makes of it; None when the rule has no fix for it.
    """

    title: str
    code: str
    findings: tuple[int, ...] = ()
    fixed: str | None = None


@attrs.frozen
class Verdict:
    """What a rule says of an observation. message: what is wrong, and what to do, one line."""

    message: str
    subject: str
    fixable: bool = False


class Rule(ABC):
    """What is known about one code.

    summary: one line without a full stop. explanation: Markdown; why it breaks replay, what to do.
    before, after: the smallest pair that shows the way out. valid, invalid: the rule's tests.
    observes: the classes of observation that it wants to see.
    default: False for a rule that must be selected.
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
    default: ClassVar[bool] = True

    @abstractmethod
    def judge(self, seen: Observation) -> Verdict | None:
        """Say what is wrong with what was seen; None when nothing is."""
