"""Going on as new from inside every construct of the catalogue.

Invariant: wherever an orchestrator stands, the call is the last thing that is recorded of it.
"""

import pytest
from tests.loop.constructs import CONSTRUCTS
from tests.loop.durable import Recorded, run_durable
from tests.loop.steps import Construct

from durable_async.model.history import ExecutionContinued

PLACES = range(4)
SEEDS = (None, 1, 2)

each_construct = pytest.mark.parametrize(
    "construct", [pytest.param(construct, id=construct.name) for construct in CONSTRUCTS]
)


def has_gone_on(recorded: Recorded) -> bool:
    return isinstance(recorded.history[-1], ExecutionContinued)


@each_construct
def test_going_on_as_new_is_the_last_thing_and_replays(construct: Construct) -> None:
    for place in PLACES:
        for seed in SEEDS:
            kept = run_durable(construct, seed=seed, go_on_at=place)
            rebuilt = run_durable(construct, seed=seed, go_on_at=place, rebuild=True)
            assert kept == rebuilt
            before = kept.history[:-1]
            assert not any(isinstance(event, ExecutionContinued) for event in before)
            assert has_gone_on(kept) == (kept.carried is not None)


def test_nearly_everywhere_it_goes_on() -> None:
    acting = [each for each in CONSTRUCTS if run_durable(each, go_on_at=0) != run_durable(each)]
    gone_on = [each for each in acting if has_gone_on(run_durable(each, go_on_at=0))]
    # The others come to the call when main has ended, and its outcome is fixed.
    assert len(acting) > 80
    assert len(gone_on) > 0.9 * len(acting)
