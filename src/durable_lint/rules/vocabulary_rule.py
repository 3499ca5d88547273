"""What the rules share that judge a use by its category alone. Invariant: one message, one shape.

First the name as it is qualified, then what it does and what that breaks at replay, then what to
write instead.
"""

import re
from abc import abstractmethod
from typing import ClassVar, Final

from durable_lint.reach.observations import How, MadeAtImport, Observation, Use
from durable_lint.rule import Rule, Verdict
from durable_lint.rules.dialects import Words, is_ours, words_of

__all__ = ["VocabularyRule", "shown"]

_EXPRESSION: Final = re.compile(r"(?:await )?[\w.]+\([^ ]*\)[\w.()]*$")
_IMPERATIVES: Final = ("await ", "do ", "give ", "read ", "record ", "use ", "write ")


class VocabularyRule(Rule):
    """A rule over what the vocabulary puts into the category of the same name.

    harm: half a sentence whose subject is the name: what it does, and what that breaks.
    """

    observes: ClassVar[tuple[type[Observation], ...]] = (Use, MadeAtImport)
    harm: ClassVar[str]

    def judge(self, seen: Observation) -> Verdict | None:
        if isinstance(seen, MadeAtImport) and seen.entry.category == self.category:
            return _made_at_import(seen)
        if not isinstance(seen, Use) or seen.entry.category != self.category:
            return None
        advice = self.advice(seen, words_of(seen))
        return Verdict(
            message=f"{shown(seen)} {self.harm_of(seen)}; {advice}",
            subject=seen.name,
            fixable=is_ours(seen) and self.fixable(seen),
        )

    def harm_of(self, seen: Use) -> str:
        """What is wrong with this very use; `harm` unless a rule knows better."""
        return self.harm

    def known_advice(self, seen: Use) -> str:
        """What the vocabulary advises about the name, which speaks of our own dialect only.

        It is an expression, or half a sentence: an imperative, or what to use.
        """
        told = seen.entry.advice
        if not is_ours(seen) or not told:
            return ""
        if _EXPRESSION.match(told):
            return f"use `{told}`"
        return told if told.startswith(_IMPERATIVES) else f"use {told}"

    @abstractmethod
    def advice(self, seen: Use, words: Words) -> str:
        """What to write instead, in the imperative."""

    def fixable(self, seen: Use) -> bool:
        """Whether `--fix` mends this use; the dialect is our own."""
        return False


def _made_at_import(seen: MadeAtImport) -> Verdict:
    name = seen.name.removeprefix("builtins.")
    return Verdict(
        message=(
            f"`{seen.state}` was made by `{name}()` when its module was imported, so each process"
            f" has another one; {words_of(seen).once}"
        ),
        subject=seen.state,
    )


def shown(seen: Use) -> str:
    """The name between backticks, as a call, or as what is called later."""
    name = seen.name.removeprefix("builtins.")
    match seen.how:
        case How.CALL:
            return f"`{name}()`"
        case How.REFERENCE:
            return f"`{name}`, handed on to be called,"
        case How.ATTRIBUTE:
            return f"`{name}`"
