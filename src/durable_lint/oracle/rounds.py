"""An analysis, and mypy's answers to what it could not tell, until there is nothing new to ask.

Invariant: the last analysis had every answer that was given.
"""

from collections.abc import Callable, Sequence
from typing import Final

from durable_lint.oracle.oracle import Oracle
from durable_lint.reach.analysis import Analysis, Result

__all__ = ["analysed"]

# Each answer may lead to files that nothing led to before; real code has two such steps at most.
_ROUNDS: Final = 3


def analysed(candidates: Sequence[str], oracle: Oracle, analysis: Callable[[], Analysis]) -> Result:
    """The result of an analysis with types. analysis: makes one that asks the oracle."""
    result = analysis().run(candidates)
    for _ in range(_ROUNDS):
        if not oracle.look():
            break
        result = analysis().run(candidates)
    return result
