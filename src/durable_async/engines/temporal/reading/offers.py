"""Whether anybody takes what is offered on the queues of Temporal. Invariant: that nobody does is
said of a queue only when no worker has asked it for work lately.

A queue does not know names: a worker that lacks the orchestrator takes it, and holds it up.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError

from durable_async.model.work import ActivityRecord, InstanceRecord

__all__ = ["with_offers"]

_LATELY: Final = timedelta(seconds=75)
"""A worker asks again after a minute at the latest. The cluster names it for five."""

_ANSWER: Final = timedelta(seconds=5)

_WORKFLOWS: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITIES: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


async def with_offers(
    client: Client, record: InstanceRecord, described: WorkflowExecutionDescription
) -> InstanceRecord:
    """The record of a live instance, with what no worker takes."""
    queues = _queues(described)
    waiting = {queues[each.number] for each in record.activities if _is_offered(each, queues)}
    offered, *others = await asyncio.gather(
        _is_polled(client, record.queue, _WORKFLOWS),
        *[_is_polled(client, queue, _ACTIVITIES) for queue in waiting],
    )
    polled = dict(zip(waiting, others, strict=True))
    return attrs.evolve(
        record,
        offered=offered,
        activities=tuple(
            attrs.evolve(each, offered=polled[queues[each.number]])
            if _is_offered(each, queues)
            else each
            for each in record.activities
        ),
    )


def _is_offered(activity: ActivityRecord, queues: dict[int, str]) -> bool:
    """Whether it is for a worker to take."""
    return not activity.running and activity.number in queues


def _queues(described: WorkflowExecutionDescription) -> dict[int, str]:
    """Of its activities, by number, as far as the cluster tells."""
    return {
        int(each.activity_id): each.activity_options.task_queue.name
        for each in described.raw_description.pending_activities
        if each.activity_id.isdecimal() and each.activity_options.task_queue.name
    }


async def _is_polled(client: Client, queue: str, kind: TaskQueueType.ValueType) -> bool:
    """True if the cluster does not tell: it is not worth an error."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    try:
        described = await client.workflow_service.describe_task_queue(request, timeout=_ANSWER)
    except RPCError:
        return True
    since = datetime.now(UTC) - _LATELY
    return any(each.last_access_time.ToDatetime(UTC) >= since for each in described.pollers)
