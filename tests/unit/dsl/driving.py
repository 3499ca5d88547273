"""Drives an orchestrator through news, on the core alone: no store, no worker, no clock."""

from datetime import timedelta
from typing import Any

from tests.unit.core.scripts import T0, outcome, started

import durable_async as da
from durable_async.convert.values import Converter
from durable_async.core.episode import Execution
from durable_async.dsl.code import code_for
from durable_async.model.history import (
    Delivered,
    ExecutionCompleted,
    ExecutionFailed,
    HistoryEvent,
)
from durable_async.model.outcome import Outcome


def run(
    orchestrator: da.Orchestrator[[], Any], *news: Delivered, rebuild: bool = False
) -> tuple[list[HistoryEvent], Outcome]:
    """Drive it through `news`, one an episode; history, and the last outcome."""
    history: list[HistoryEvent] = [started()]
    execution = Execution(code_for(orchestrator, Converter()))
    last = outcome(execution.run(history, (), T0))
    history += last.events
    for number, each in enumerate(news):
        now = T0 + timedelta(minutes=number + 1)
        if rebuild:
            execution.close()
            execution = Execution(code_for(orchestrator, Converter()))
            last = outcome(execution.run(history, (each,), now))
        else:
            last = outcome(execution.run((), (each,), now))
        history += last.events
    execution.close()
    return history, last


def result(outcome: Outcome) -> Any:
    assert isinstance(outcome.ended, ExecutionCompleted), outcome
    return Converter().decode(outcome.ended.result, what="the result")


def failure(outcome: Outcome) -> str:
    assert isinstance(outcome.ended, ExecutionFailed), outcome
    return f"{outcome.ended.failure.type_name}: {outcome.ended.failure.message}"


def both(orchestrator: da.Orchestrator[[], Any], *news: Delivered) -> Outcome:
    """The last outcome, kept and rebuilt, which must not differ."""
    kept = run(orchestrator, *news)
    assert run(orchestrator, *news, rebuild=True) == kept
    return kept[1]
