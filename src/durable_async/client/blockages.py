"""Why an instance is BLOCKED, in parts. Invariant: no word of what the store says is lost: what is
not understood here is shown as it is.

A store keeps one text, `reason: explanation`. That of a mismatch is made by `core.ledger`.
"""

from __future__ import annotations

import re
import textwrap
from typing import Final

import attrs

from durable_async.lines import from_here

__all__ = ["Blockage", "wrapped"]

WIDTH: Final = 78
"""Columns of an explanation, so that it fits a terminal with an indent."""

_OF_INSTANCE: Final = re.compile(
    r"""instance (?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?: \([^)]*\))?: """
)
_MISFIT: Final = "its code no longer fits its history: "
_ADVICE: Final = ". If the code has changed, "
_OTHER: Final = re.compile(
    r"(?:event \d+|history) says (.+?), but (the (?:code|orchestrator) .+)", re.DOTALL
)
_NO_MORE: Final = re.compile(
    r"(.+), and history (?:goes on at event \d+"
    r"|has no further command at event \d+(?: \(event \d+ says (.+)\))?)",
    re.DOTALL,
)
_LINE: Final = re.compile(r".* at (\S[^\n]*:\d+)\)?", re.DOTALL)


@attrs.frozen(kw_only=True)
class Blockage:
    """reason: in a word, as of `model.outcome.Blocked`; "" if the text names none. recorded, asked:
    of a mismatch, what history says and what the code does; "" otherwise. advice: the rest. line:
    where; "" if that is unknown."""

    reason: str
    recorded: str = ""
    asked: str = ""
    advice: str
    line: str = ""

    @classmethod
    def read(cls, text: str) -> Blockage:
        """text: `InstanceState.blocked`."""
        reason, colon, explanation = text.partition(": ")
        if not colon or " " in reason:
            is_short = len(text) <= WIDTH and "\n" not in text
            return cls(reason=text, advice="") if is_short else cls(reason="", advice=text)
        explanation = _OF_INSTANCE.sub("", explanation, count=1)
        told, _, advice = explanation.removeprefix(_MISFIT).rpartition(_ADVICE)
        differs = _OTHER.fullmatch(told)
        if differs is not None:
            recorded, asked = differs.groups()
        else:
            differs = _NO_MORE.fullmatch(told)
            if differs is None:
                return cls(reason=reason, advice=explanation)
            asked, recorded = differs.groups()
        return cls(
            reason=reason,
            recorded=recorded or "nothing more",
            asked=asked,
            advice=_ADVICE.removeprefix(". ") + advice,
            line=_line_of(asked) or _line_of(recorded or ""),
        )

    @property
    def title(self) -> str:
        """The reason and the line, for people."""
        return f"{self.reason} at {from_here(self.line)}" if self.line else self.reason

    def difference(self) -> list[tuple[str, str]]:
        """What does not fit, each with a title; empty if that is not what it is about."""
        if not self.asked:
            return []
        return [("history says", _near(self.recorded)), ("instead", _near(self.asked))]

    def lines(self) -> list[str]:
        """All but the title, for people."""
        difference = [f"{title:<14}{text}" for title, text in self.difference()]
        return [*difference, *wrapped(self.advice)]


def wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Lines that people can read. A longer word, such as the name of a file, stays whole."""
    return [
        line
        for paragraph in text.split("\n")
        for line in textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)
    ]


def _line_of(text: str) -> str:
    found = _LINE.fullmatch(text)
    return "" if found is None else found[1]


def _near(text: str) -> str:
    """The line at its end, as seen from here."""
    line = _line_of(text)
    return text.replace(line, from_here(line)) if line else text
