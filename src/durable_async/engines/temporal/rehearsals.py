"""Goes over what Temporal has recorded of an instance, before any of it is taken on. Invariant:
nothing new happens: only what was decided before is decided again, and what it comes to is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from temporalio.api.history.v1 import HistoryEvent as WireEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.workflow import NondeterminismError

from durable_async.convert.values import Converter
from durable_async.dsl.registry import Registry
from durable_async.engines.temporal.service import replayer
from durable_async.engines.temporal.watching import Watch
from durable_async.errors import NonDeterminismError

__all__ = ["rehearse"]

_MESSAGE_SHOWN: Final = 1_000


async def rehearse(
    client: Client, instance_id: str, registry: Registry, converter: Converter, watch: Watch
) -> tuple[str, ...]:
    """Replay the instance's run by the code in `registry`, and tell `watch`. The ids of its live
    children.

    Raises: NonDeterminismError if the code makes other commands than Temporal has recorded. What
    else stands in its way, `watch` was told of.
    """
    handle = client.get_workflow_handle(instance_id)
    described = await handle.describe()
    run = client.get_workflow_handle(instance_id, run_id=described.run_id)
    decided = _decided((await run.fetch_history()).events)
    if decided:
        history = WorkflowHistory(instance_id, decided)
        replayed = await replayer(registry, converter, watch=watch).replay_workflow(
            history, raise_on_replay_failure=False
        )
        if isinstance(replayed.replay_failure, NondeterminismError):
            raise NonDeterminismError(
                f"instance {instance_id!r} cannot go on with this code, which does something else "
                f"than was recorded: {str(replayed.replay_failure)[:_MESSAGE_SHOWN]}. Run it with "
                "the code that it began with, or see `da.patched`"
            )
    return tuple(child.workflow_id for child in described.raw_description.pending_children)


def _decided(events: Sequence[WireEvent]) -> Sequence[WireEvent]:
    """Up to the last command. What has come in since then no code has seen: given that, it would
    go on."""
    answered, end = -1, 0
    for place, event in enumerate(events):
        if event.HasField("workflow_task_completed_event_attributes"):
            answered, end = event.event_id, place + 1
        elif _asked_for_in(event) == answered:
            end = place + 1
    return events[:end]


def _asked_for_in(event: WireEvent) -> int:
    """The id of the event before a command's; 0 if it is none's."""
    kind = event.WhichOneof("attributes")
    asked_in = getattr(getattr(event, kind), "workflow_task_completed_event_id", 0) if kind else 0
    return int(asked_in)
