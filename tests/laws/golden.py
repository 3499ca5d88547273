"""The order of scheduling, as it was when format 1 was made.

Invariant: a digest that stands in the file is never rewritten. `python -m tests.laws.golden` adds
what is new; a construct whose digest changes is an execution that no longer replays, and asks for
a new format number, under which old executions keep the old order.
"""

import hashlib
import json
from pathlib import Path

from tests.loop.constructs import CONSTRUCTS
from tests.loop.durable import run_durable
from tests.loop.steps import Construct

from durable_async.model.history import FORMAT, HistoryEvent

__all__ = ["GOLDEN", "lasting", "order_of", "recorded_orders"]

GOLDEN = Path(__file__).parent / f"golden_format_{FORMAT}.json"

_SEEDS = (None, 1, 2)


def lasting() -> tuple[Construct, ...]:
    """The constructs that every supported Python has."""
    return tuple(each for each in CONSTRUCTS if each.mark.since == (3, 11))


def recorded_orders() -> dict[str, str]:
    found: dict[str, str] = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    return found


def order_of(construct: Construct) -> str:
    """A digest of what was recorded in which order: kinds, numbers and names, no values."""
    lines = [_line(event) for seed in _SEEDS for event in run_durable(construct, seed=seed).history]
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()


def _line(event: HistoryEvent) -> str:
    number, name = getattr(event, "number", ""), getattr(event, "name", "")
    return f"{type(event).__name__} {number} {name}"


def main() -> None:
    orders = {construct.name: order_of(construct) for construct in lasting()}
    orders |= recorded_orders()
    GOLDEN.write_text(json.dumps(dict(sorted(orders.items())), indent=0) + "\n")


if __name__ == "__main__":
    main()
