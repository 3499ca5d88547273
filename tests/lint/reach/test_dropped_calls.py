"""A call that nobody awaits is reported where it is lost, and in the words of its library."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result
from durable_lint.reach.knowledge import Options

Analyse = Callable[..., Result]

HEAD = """\
import asyncio, contextlib, logging
import durable_async as da

log = logging.getLogger(__name__)


@da.activity
async def charge(cents: int) -> int: ...


@da.orchestrator
async def child(cents: int) -> int: ...


async def helper(cents: int) -> int:
    return await charge(cents)


class Till:
    def later(self):
        return charge(1)


@da.orchestrator
async def flow(cents: int) -> int:
    till, loop = Till(), asyncio.get_running_loop()
"""
AZURE = """\
import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def flow(context: df.DurableOrchestrationContext):
"""


def _lines(analyse: Analyse, head: str, body: str, end: str) -> list[int]:
    text = head + textwrap.indent(body, "    ") + f"\n    {end}\n"
    found = analyse(text, options=Options(dialects=("durabletask",))).findings
    assert {finding.code for finding in found} <= {"DUR133"}
    return [finding.span.line - head.count("\n") for finding in found]


def _ours(analyse: Analyse, body: str) -> list[int]:
    return _lines(analyse, HEAD, body, "return 1")


def _azure(analyse: Analyse, body: str) -> list[int]:
    return _lines(analyse, AZURE, body, "yield context.call_activity('end')")


@pytest.mark.parametrize("body", ["till.later()", "unused = till.later()", "later = till.later"])
def test_what_a_helper_hands_back_is_lost_by_its_caller(analyse: Analyse, body: str) -> None:
    assert _ours(analyse, body) == ([1] if "()" in body else [])
    assert _ours(analyse, "await till.later()") == []


@pytest.mark.parametrize(
    "body",
    [
        "loop.call_soon(charge, 1)",
        "loop.call_later(3, helper, 1)",
        "with contextlib.ExitStack() as stack: stack.callback(charge, 1)",
        "asyncio.create_task(helper(1)).add_done_callback(helper)",
    ],
)
def test_who_calls_back_without_awaiting_loses_what_it_calls(analyse: Analyse, body: str) -> None:
    assert _ours(analyse, body) == [1]


def test_an_asynchronous_callback_is_awaited(analyse: Analyse) -> None:
    body = "async with contextlib.AsyncExitStack() as stack:\n    stack.push_async_callback({}, 1)"
    assert _ours(analyse, body.format("charge")) == []
    assert _ours(analyse, "loop.call_soon(print.__class__, 1)") == []


@pytest.mark.parametrize("method", ["log.info", "logging.warning"])
def test_a_call_in_a_log_is_meant_as_its_result(analyse: Analyse, method: str) -> None:
    assert _ours(analyse, f"{method}('%s', charge(1))") == [1]
    assert _ours(analyse, f"{method}('%s', await charge(1))") == []


def test_the_result_of_a_detached_instance_is_awaited(analyse: Analyse) -> None:
    assert _ours(analyse, "ref = await da.start(child(1))\nref.result()") == [2]
    assert _ours(analyse, "ref = await da.start(child(1))\nawait ref.result()") == []


@pytest.mark.parametrize(
    "body",
    [
        "found = context.call_activity('a')\nif found['state'] == 'x': return 1",
        "found = context.call_activity('a')\nif found == 'accepted': return 1",
        "found = context.call_activity('a')\nfor one in found: return one",
        "found = context.call_sub_orchestrator('a')\nreturn found + 1",
        "found = context.call_activity('a')\nif not found: return 1",
        "found = context.call_activity('a')\nname = found.get('name')",
        "if context.call_activity('a'): return 1",
        "if context.call_activity('a') > 3: return 1",
        "one, other = context.call_activity('a')",
        "count = len(context.call_activity('a'))",
    ],
)
def test_a_task_that_is_used_as_its_result_lacks_a_yield(analyse: Analyse, body: str) -> None:
    assert _azure(analyse, body) == [1]


@pytest.mark.parametrize(
    "body",
    [
        "found = context.call_activity('a')\nif found.is_completed: return found.result",
        "timer = context.create_timer(1)\ntimer.cancel()",
        "timer = context.create_timer(1) if app else None\nif timer: timer.cancel()",
        (
            "one = context.call_activity('a')\nwinner = yield context.task_any([one])\n"
            "if winner == one: return 1"
        ),
        "one = context.call_activity('a')\nfound = yield one\nreturn found['state']",
        (
            "tasks = {n: context.call_activity('a', n) for n in (1, 2)}\n"
            "for n, task in tasks.items():\n    if task is not None: yield task"
        ),
    ],
)
def test_a_task_may_be_used_as_a_task(analyse: Analyse, body: str) -> None:
    assert _azure(analyse, body) == []
