"""Conditions on instances, as Temporal's visibility is asked. Invariant: what is asked finds every
instance that is meant, and maybe more; what of it is meant is decided here, on what was found.

Visibility compares texts in a way of its own (quotes, backslashes, letters of either case, by the
store behind it), knows neither tags nor who is suspended or held up, and of an instance that went
on in a new run only when that began.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from temporalio.client import WorkflowExecution, WorkflowExecutionStatus

from durable_async.engines.names import hides, shows_internal
from durable_async.engines.temporal.entities.names import ENTITY
from durable_async.engines.temporal.indexes import conditions_on
from durable_async.engines.temporal.memos import read_memo, tags_of
from durable_async.engines.temporal.quoting import is_plain, moment_text, plain_beginning, quoted
from durable_async.model.status import ENDED, RuntimeStatus
from durable_async.model.work import INTERNAL, InstanceQuery, InstanceRecord

__all__ = [
    "condition_of",
    "condition_of_id",
    "is_exact",
    "matches",
    "may_match",
    "needs_look",
    "was_replaced",
]

_LIVE: Final = frozenset(RuntimeStatus) - ENDED

_ALIKE: Final = frozenset({RuntimeStatus.FAILED, RuntimeStatus.CANCELLED})
"""A later run of one that was asked to cancel itself fails, as Temporal sees it."""

_NAMES: Final = {
    RuntimeStatus.COMPLETED: ("Completed",),
    RuntimeStatus.FAILED: ("Failed", "TimedOut"),
    RuntimeStatus.CANCELLED: ("Canceled", "Failed"),
    RuntimeStatus.TERMINATED: ("Terminated",),
}


def condition_of(query: InstanceQuery, *, indexed: bool) -> str:
    """indexed: whether the cluster has the search attribute for tags."""
    tags = conditions_on(query.tags) if indexed else ()
    return " AND ".join([*_conditions(query), *tags])


def _conditions(query: InstanceQuery) -> Iterator[str]:
    yield _status_condition(query.status)
    if query.name is not None and is_plain(query.name):
        yield f"WorkflowType = {quoted(query.name)}"
    yield f"WorkflowType != {quoted(ENTITY)}"
    if not shows_internal(query):
        yield f"WorkflowType NOT STARTS_WITH {quoted(INTERNAL)}"
    if query.id_prefix is not None:
        prefix = plain_beginning(query.id_prefix)
        if prefix:
            yield f"WorkflowId STARTS_WITH {quoted(prefix)}"
    if query.parent_id is not None and is_plain(query.parent_id):
        yield f"ParentWorkflowId = {quoted(query.parent_id)}"
    if query.created_after is not None:
        yield f"StartTime > {moment_text(query.created_after)}"
    if query.completed_before is not None:
        yield f"CloseTime < {moment_text(query.completed_before)}"


def condition_of_id(instance_id: str) -> str:
    """For every run of it that there was."""
    if is_plain(instance_id):
        return f"WorkflowId = {quoted(instance_id)}"
    return f"WorkflowId STARTS_WITH {quoted(plain_beginning(instance_id))}"


def _status_condition(status: frozenset[RuntimeStatus] | None) -> str:
    if status is None:
        return "ExecutionStatus != 'ContinuedAsNew'"
    names = {name for each in status for name in _NAMES.get(each, ("Running",))}
    if not names:  # nothing is wanted, and a list of none is no condition
        return "ExecutionStatus = 'Unspecified'"
    return f"ExecutionStatus IN ({', '.join(map(quoted, sorted(names)))})"


def is_exact(query: InstanceQuery) -> bool:
    """Whether Temporal can count what is meant."""
    status = query.status or frozenset(RuntimeStatus)
    return (
        status & _LIVE in (frozenset(), _LIVE)
        and status & _ALIKE in (frozenset(), _ALIKE)
        and (query.name is None or is_plain(query.name))
        and (query.id_prefix, query.parent_id, query.created_after) == (None, None, None)
        and query.created_before is None
        and not query.tags
    )


def may_match(query: InstanceQuery, row: WorkflowExecution) -> bool:
    """As far as visibility tells."""
    memo = read_memo(row.raw_info.memo.fields)
    created_at = memo.created_at or row.start_time
    return (
        (query.name is None or row.workflow_type == query.name)
        and not hides(query, row.workflow_type)
        and row.workflow_type != ENTITY
        and (query.id_prefix is None or row.id.startswith(query.id_prefix))
        and (query.parent_id is None or (row.parent_id, memo.detached) == (query.parent_id, False))
        and query.tags.items() <= tags_of(memo, row.typed_search_attributes).items()
        and (query.created_after is None or created_at > query.created_after)
        and (query.created_before is None or created_at < query.created_before)
    )


def needs_look(query: InstanceQuery, row: WorkflowExecution) -> bool:
    """Whether visibility leaves the status open."""
    if query.status is None:
        return False
    match row.status:
        case WorkflowExecutionStatus.RUNNING:
            return not query.status >= _LIVE
        case WorkflowExecutionStatus.FAILED:
            # Only one that went on in a new run fails of a cancel.
            later = read_memo(row.raw_info.memo.fields).created_at is not None
            return not query.status >= _ALIKE and (
                later or RuntimeStatus.FAILED not in query.status
            )
        case _:
            return False


def matches(query: InstanceQuery, record: InstanceRecord) -> bool:
    """By what has become of it since visibility was told."""
    before, completed_at = query.completed_before, record.completed_at
    return (query.status is None or record.status in query.status) and (
        before is None or (completed_at is not None and completed_at < before)
    )


def was_replaced(row: WorkflowExecution, newest_run: str) -> bool:
    """Whether it had ended before the instance began that has its id now."""
    return row.close_time is not None and row.run_id != newest_run
