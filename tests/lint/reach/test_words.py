"""Advice speaks of the library whose orchestrator reaches the code, wherever that stands."""

from collections.abc import Callable

from durable_lint.model import Finding
from durable_lint.reach.analysis import Result
from durable_lint.reach.knowledge import Options

Analyse = Callable[..., Result]

HELPER = """\
from datetime import UTC, datetime

def stamp() -> str:
    return datetime.now(UTC).isoformat()
"""
TEMPORAL = """\
from temporalio import workflow
from helper import stamp

@workflow.defn
class Flow:
    @workflow.run
    async def run(self, name: str) -> str:
        return stamp()
"""
OURS = """\
import durable_async as da
from helper import stamp

@da.orchestrator
async def flow(name: str) -> str:
    return stamp()
"""
GENERATOR = """\
from durabletask.task import OrchestrationContext
from helper import stamp

def flow(context: OrchestrationContext, name: str):
    yield context.call_activity("a", input=stamp())
"""
BOTH = Options(dialects=("temporalio", "durabletask"))


def _clock(result: Result) -> Finding:
    (found,) = [finding for finding in result.findings if finding.code == "DUR101"]
    return found


def test_a_helper_of_a_temporal_workflow_is_told_what_temporal_has(analyse: Analyse) -> None:
    found = _clock(analyse({"flow.py": TEMPORAL, "helper.py": HELPER}, options=BOTH))
    assert "workflow.now()" in found.message
    assert "durable_async" not in found.message
    assert not found.fixable


def test_a_helper_of_a_generator_is_told_what_its_context_has(analyse: Analyse) -> None:
    found = _clock(analyse({"flow.py": GENERATOR, "helper.py": HELPER}, options=BOTH))
    assert "context.current_utc_datetime" in found.message
    assert not found.fixable


def test_a_helper_of_ours_is_mended_with_ours_whatever_else_its_file_names(
    analyse: Analyse,
) -> None:
    helper = f"# as temporalio and durabletask have it\n{HELPER}"
    found = _clock(analyse({"flow.py": OURS, "helper.py": helper}, options=BOTH))
    assert "durable_async.now()" in found.message
    assert found.fixable


def test_an_orchestrator_speaks_for_itself_in_a_file_of_two_libraries(analyse: Analyse) -> None:
    flow = TEMPORAL.replace("from helper", "import durable_async as da\nfrom helper")
    text = f"{flow}\n@da.orchestrator\nasync def ours(name: str) -> None:\n    time.time()\n"
    result = analyse({"flow.py": f"import time\n{text}", "helper.py": HELPER}, options=BOTH)
    by_file = {finding.path: finding for finding in result.findings if finding.code == "DUR101"}
    assert "workflow.now()" in by_file["/project/helper.py"].message
    assert "durable_async.now()" in by_file["/project/flow.py"].message


def test_of_two_that_reach_it_the_one_in_the_chain_is_spoken_of(analyse: Analyse) -> None:
    files = {"a_ours.py": OURS, "b_temporal.py": TEMPORAL, "helper.py": HELPER}
    first = _clock(analyse(files, options=BOTH))
    assert first.via[0].path == "/project/a_ours.py"
    assert "durable_async.now()" in first.message
    files = {"a_temporal.py": TEMPORAL, "b_ours.py": OURS, "helper.py": HELPER}
    second = _clock(analyse(files, options=BOTH))
    assert second.via[0].path == "/project/a_temporal.py"
    assert "workflow.now()" in second.message


def test_state_of_a_helper_is_kept_where_the_workflow_s_library_keeps_some(
    analyse: Analyse,
) -> None:
    helper = "SEEN: list[str] = []\n\ndef stamp() -> str:\n    SEEN.append('x')\n    return ''\n"
    result = analyse({"flow.py": TEMPORAL, "helper.py": helper}, options=BOTH)
    (found,) = [finding for finding in result.findings if finding.code == "DUR141"]
    assert "an entity" not in found.message
