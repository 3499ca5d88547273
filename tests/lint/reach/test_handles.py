"""What a handle of another workflow is asked for has to be awaited like any other call."""

from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result
from durable_lint.reach.knowledge import Options

Analyse = Callable[..., Result]

FLOW = """\
from temporalio import workflow


@workflow.defn
class Flow:
    @workflow.run
    async def run(self, name: str) -> None:
        child = await workflow.start_child_workflow("pay", name)
        other = workflow.get_external_workflow_handle(name)
        nexus = workflow.create_nexus_client(service="s", endpoint="e")
        {call}
"""


def _lines(analyse: Analyse, call: str) -> list[int]:
    found = analyse(FLOW.format(call=call), options=Options(dialects=("temporalio",))).findings
    assert {finding.code for finding in found} <= {"DUR133"}
    return [finding.span.line for finding in found]


@pytest.mark.parametrize(
    "call",
    [
        "child.signal('go')",
        "other.signal('go')",
        "other.cancel()",
        "nexus.execute_operation('op', name)",
    ],
)
def test_a_question_to_a_handle_that_nobody_awaits_is_never_asked(
    analyse: Analyse, call: str
) -> None:
    assert _lines(analyse, call) == [11]
    assert _lines(analyse, f"await {call}") == []


def test_a_child_is_a_task_that_may_be_cancelled_and_awaited(analyse: Analyse) -> None:
    assert _lines(analyse, "child.cancel()") == []
    assert _lines(analyse, "await child") == []
