"""The rules and the orchestrator's first steps, driven by hand."""

import random
from datetime import datetime
from unittest.mock import MagicMock

from blueprints.claims import handle_claim
from domain import triage


def test_scores_are_bounded() -> None:
    random.seed(7)
    for _ in range(100):
        claim = triage.example_claim() | {"previous": random.randint(0, 9), "pilot": True}
        assert 0 <= triage.score(claim) <= 100


def test_asks_for_documents_first() -> None:
    context = MagicMock(current_utc_datetime=datetime.now(), is_replaying=False)
    context.get_input.return_value = {"number": "c-1", "amount": 10, "product": "travel", "customer": "k-1"}
    steps = handle_claim.build().get_user_function().orchestrator_function(context)
    next(steps)
    kinds = {call.args[1]["kind"] for call in context.call_sub_orchestrator.call_args_list}
    for kind in kinds:
        context.call_sub_orchestrator.assert_any_call("collect_document", {"claim": "c-1", "kind": kind})
