"""The rules of an engine, as tests. Invariant: each test says one sentence about one rule of
`ports.Engine`, and uses nothing but that protocol.

For an engine of your own:

    import pytest
    from durable_async.testing.conformance import EngineConformance

    class TestMyEngine(EngineConformance):
        def make_engine(self, clock, lease):
            return MyEngine(make_an_empty_store(), clock=clock, lease=lease)

        def kill_session(self, engine, session):
            ...     # as if the process of that session had died

`pytest.register_assert_rewrite("durable_async.testing.conformance")` in a conftest.py makes failed
assertions show their values. pytest and hypothesis must be installed.

One file a subject; `reference` compares an engine with the memory engine, step by step.
"""

from __future__ import annotations

from durable_async.testing.conformance.activities import ActivityRules
from durable_async.testing.conformance.base import LEASE
from durable_async.testing.conformance.blocked import BlockedRules
from durable_async.testing.conformance.cancels import CancelRules
from durable_async.testing.conformance.children import ChildRules
from durable_async.testing.conformance.claims import ClaimRules
from durable_async.testing.conformance.clients import ClientRules
from durable_async.testing.conformance.clocks import ClockRules
from durable_async.testing.conformance.commits import CommitRules
from durable_async.testing.conformance.continuations import ContinuationRules
from durable_async.testing.conformance.entities import EntityRules
from durable_async.testing.conformance.locks import LockRules
from durable_async.testing.conformance.messages import MessageRules
from durable_async.testing.conformance.offers import OfferRules
from durable_async.testing.conformance.reading import ReadingRules
from durable_async.testing.conformance.reference import ReferenceRules
from durable_async.testing.conformance.rewinding import RewindRules

__all__ = ["LEASE", "EngineConformance"]


class EngineConformance(
    CommitRules,
    ActivityRules,
    ClockRules,
    ClaimRules,
    BlockedRules,
    ClientRules,
    ReadingRules,
    ChildRules,
    CancelRules,
    MessageRules,
    ContinuationRules,
    EntityRules,
    LockRules,
    RewindRules,
    OfferRules,
    ReferenceRules,
):
    """Subclass it, and say how an engine is made and how a session of it dies."""
