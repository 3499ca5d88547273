"""`yield from` gives what the generator returns, in orchestrators that are generators too."""

from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result
from durable_lint.reach.knowledge import Options

Analyse = Callable[..., Result]

AZURE = """\
import azure.durable_functions as df

NEEDED = {"passport", "transcript"}
app = df.DFApp()


def documents(context, there):
    yield context.wait_for_external_event("document")
    return GIVEN


@app.orchestration_trigger(context_name="context")
def flow(context: df.DurableOrchestrationContext):
    missing = yield from documents(context, {"passport"})
    text = ", ".join(missing)
    yield context.call_activity("mail", text)
"""
OURS = """\
import durable_async as da

NEEDED = {"passport", "transcript"}


@da.activity
async def mail(text: str) -> None: ...


def documents(there):
    yield 1
    return GIVEN


def gathered(there):
    missing = yield from documents(there)
    yield ", ".join(missing)


@da.orchestrator
async def flow(there: set[str]) -> None:
    for text in gathered(there):
        await mail(str(text))
"""


@pytest.mark.parametrize("text", [AZURE, OURS])
def test_a_set_that_a_generator_returns_is_a_set(analyse: Analyse, text: str) -> None:
    given = text.replace("GIVEN", "NEEDED - there")
    (found,) = analyse(given, options=Options(dialects=("durabletask",))).findings
    assert (found.code, found.subject) == ("DUR134", "missing")
    assert "join(missing)" in given.splitlines()[found.span.line - 1]


@pytest.mark.parametrize("text", [AZURE, OURS])
@pytest.mark.parametrize("given", ["sorted(NEEDED - there)", "len(there)", "None"])
def test_what_has_an_order_keeps_it(analyse: Analyse, text: str, given: str) -> None:
    options = Options(dialects=("durabletask",))
    assert not analyse(text.replace("GIVEN", given), options=options).findings
