"""All rules, in the order of their codes. Invariant: a rule that is not in `RULES` does not exist.

Nothing registers itself: what this tuple names is checked, tested, explained and documented.
"""

from typing import Final

from durable_lint.reach.facts import Judged
from durable_lint.reach.knowledge import Judge
from durable_lint.reach.observations import Observation
from durable_lint.rule import Rule
from durable_lint.rules.blocking_sleep import BlockingSleep
from durable_lint.rules.contract import Contract
from durable_lint.rules.dynamic_code import DynamicCode
from durable_lint.rules.environment import Environment
from durable_lint.rules.file_io import FileIO
from durable_lint.rules.foreign_awaits import ForeignAwaits
from durable_lint.rules.global_state import GlobalState
from durable_lint.rules.logging_print import LoggingPrint
from durable_lint.rules.missing_await import MissingAwait
from durable_lint.rules.network_io import NetworkIO
from durable_lint.rules.process_state import ProcessState
from durable_lint.rules.randomness import Randomness
from durable_lint.rules.subprocesses import Subprocesses
from durable_lint.rules.suppression import Suppression
from durable_lint.rules.swallowed_cancellation import SwallowedCancellation
from durable_lint.rules.threads import Threads
from durable_lint.rules.unbounded_loop import UnboundedLoop
from durable_lint.rules.unordered_iteration import UnorderedIteration
from durable_lint.rules.uuids import Uuids
from durable_lint.rules.wall_clock import WallClock

__all__ = ["RULES", "by_code", "judge"]

RULES: Final[tuple[Rule, ...]] = (
    WallClock(),
    BlockingSleep(),
    Randomness(),
    Uuids(),
    NetworkIO(),
    FileIO(),
    Subprocesses(),
    Environment(),
    ProcessState(),
    Threads(),
    ForeignAwaits(),
    MissingAwait(),
    UnorderedIteration(),
    SwallowedCancellation(),
    GlobalState(),
    DynamicCode(),
    LoggingPrint(),
    UnboundedLoop(),
    Contract(),
    Suppression(),
)


def by_code() -> dict[str, Rule]:
    """Each rule under its code, in the order of the codes."""
    return {rule.code: rule for rule in RULES}


def judge() -> Judge:
    """Asks the rules that want to see an observation, in the order of their codes.

    The first one that finds something wrong has the say.
    """
    wanting: dict[type[Observation], list[Rule]] = {}
    for rule in RULES:
        for kind in rule.observes:
            wanting.setdefault(kind, []).append(rule)

    def judged(seen: Observation) -> Judged | None:
        for rule in wanting.get(type(seen), ()):
            verdict = rule.judge(seen)
            if verdict is not None:
                return Judged(rule.code, rule.category, verdict, seen, rule.everywhere)
        return None

    return judged
