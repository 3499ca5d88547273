"""What engines say when they refuse something. Invariant: one sentence for one refusal, whichever
engine says it: the values, why, and what to do next."""

from __future__ import annotations

from datetime import datetime

from durable_async.engines.limits import HISTORY_LIMIT
from durable_async.errors import (
    HistoryLimitError,
    InstanceAlreadyExistsError,
    InstanceCancelledError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InstanceTerminatedError,
    InvalidStateError,
    LeaseLostError,
    SerializationError,
    StoreError,
    WorkerLostError,
)
from durable_async.model.failure import Failure
from durable_async.model.history import Delivered
from durable_async.model.identity import EntityId
from durable_async.model.options import LOST_WORKER_LIMIT
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import (
    ActivityLease,
    CreateInstance,
    EntityLease,
    InstanceRecord,
    Lease,
)

__all__ = [
    "already_exists",
    "await_cancelled",
    "awaited_cancelled",
    "awaited_terminated",
    "became",
    "child_exists",
    "damaged",
    "dropped",
    "dropped_by_rewind",
    "entity_lease_lost",
    "failure_from",
    "finished",
    "history_limit",
    "lease_lost",
    "length_differs",
    "long_history",
    "news_missed",
    "not_answered",
    "not_ended",
    "not_failed",
    "not_found",
    "not_open",
    "operation_lost",
    "other_name",
    "parent_ended",
    "quarantined",
    "report_refused",
    "require_text",
    "worker_lost",
]


def not_found(instance_id: str, namespace: str) -> InstanceNotFoundError:
    return InstanceNotFoundError(
        f"there is no instance {instance_id!r} in namespace {namespace!r} of this store. "
        f"Check the id, the namespace and the URL"
    )


def finished(
    instance_id: str, status: RuntimeStatus, when: datetime | None
) -> InstanceFinishedError:
    at = f" at {when:%Y-%m-%d %H:%M:%S} UTC" if when is not None else ""
    return InstanceFinishedError(
        f"instance {instance_id!r} has ended ({status}{at}), and this needs a live one. "
        f"Start a new instance, with another id or with if_exists='replace'"
    )


def already_exists(
    request: CreateInstance, name: str, status: RuntimeStatus
) -> InstanceAlreadyExistsError:
    said = f"instance {request.instance_id!r} exists already: {name}, {status}"
    if request.if_exists == "replace":
        return InstanceAlreadyExistsError(
            f"{said}. if_exists='replace' replaces ended instances only: wait until it has ended, "
            f"terminate it, or choose another id"
        )
    if request.parent is not None:
        return child_exists(request.instance_id, f": {name}, {status}")
    return InstanceAlreadyExistsError(
        f"{said}. Choose another id, or say if_exists='attach' to join it"
        + (" or 'replace' to start anew under this id" if status.has_ended else "")
    )


def child_exists(instance_id: str, what: str = "") -> InstanceAlreadyExistsError:
    """what: that has its id, if that is known."""
    return InstanceAlreadyExistsError(
        f"instance {instance_id!r} exists already{what}. A child needs an id that is free: choose "
        f"another one in .options(id=...), or join what is there, which is no child then, by "
        f"await da.InstanceRef({instance_id!r}).result()"
    )


def other_name(request: CreateInstance, name: str) -> InstanceAlreadyExistsError:
    return InstanceAlreadyExistsError(
        f"instance {request.instance_id!r} is one of {name!r}, not of {request.name!r}: "
        f"if_exists='attach' joins an instance of the same orchestrator only. Choose another id"
    )


def not_answered(record: InstanceRecord, *, replaced: bool) -> InstanceFinishedError:
    """For whoever waits for an answer. replaced: another instance has its id now."""
    how = "has been replaced by another one" if replaced else f"has ended ({record.status})"
    return InstanceFinishedError(
        f"instance {record.instance_id!r} {how} without an answer to this request. It is answered "
        f"by a loop over da.requests(...) that is still running; look at its result or history"
    )


def not_failed(instance_id: str, status: RuntimeStatus) -> InvalidStateError:
    """For Rewind."""
    return InvalidStateError(
        f"instance {instance_id!r} is {status}, and only a failed one can be rewound. "
        + (
            "Restart it, to run it again from the beginning"
            if status.has_ended
            else "It goes on by itself; a BLOCKED one as soon as its code fits again"
        )
    )


def not_ended(instance_id: str, status: RuntimeStatus) -> InvalidStateError:
    """For Purge."""
    return InvalidStateError(
        f"instance {instance_id!r} is {status}, and only an ended one can be purged. Wait until it "
        f"has ended, cancel it, or terminate it first"
    )


def require_text(*texts: str | None) -> None:
    """Raises: SerializationError if one of them cannot be stored."""
    for text in texts:
        try:
            (text or "").encode()
        except UnicodeEncodeError as error:
            raise SerializationError(
                f"{text!r} cannot be stored: it is not valid Unicode ({error.reason}). Clean "
                f"names, keys and tags of lone surrogates"
            ) from error


def lease_lost(lease: Lease) -> LeaseLostError:
    return LeaseLostError(
        f"instance {lease.instance_id!r}: this session no longer holds epoch {lease.epoch} of "
        f"execution {lease.execution_id!r}. Another worker took it over, or it was given back or "
        f"ended; nothing of this episode was stored. Drop what runs of it here"
    )


def became(lease: Lease | ActivityLease, there: tuple[str, RuntimeStatus] | None) -> str:
    """Why a lease is no longer held, if that is what somebody wanted; else "".

    there: the execution that the instance has now, and its status; None if there is no instance.
    """
    if there is None:
        return "was purged"
    execution_id, status = there
    match status:
        case RuntimeStatus.SUSPENDED | RuntimeStatus.TERMINATED | RuntimeStatus.CANCELLED:
            return f"was {status.lower()}" if execution_id == lease.execution_id else ""
        case _:
            return ""


def length_differs(lease: Lease, claimed: int, actual: int) -> LeaseLostError:
    return LeaseLostError(
        f"instance {lease.instance_id!r}: this episode follows {claimed} events, but history has "
        f"{actual}. It was run on a history that is not the store's; nothing of it was stored, and "
        f"its lease is given back. Claim it anew"
    )


def news_missed(lease: Lease) -> LeaseLostError:
    return LeaseLostError(
        f"instance {lease.instance_id!r}: this episode was woken with results of activities, and "
        f"there is news that was accepted before them, which it does not know. Nothing of it was "
        f"stored, and its lease is given back. Claim it anew: the news comes with it, in order"
    )


def entity_lease_lost(lease: EntityLease) -> LeaseLostError:
    entity = lease.entity
    return LeaseLostError(
        f"entity {entity.type!r} {entity.key!r}: this session no longer holds epoch {lease.epoch} "
        f"of it. It was given to another worker, or given back; nothing of these operations was "
        f"stored, and they run again where it is held now. Drop what came of them here"
    )


def report_refused(lease: ActivityLease) -> LeaseLostError:
    return LeaseLostError(
        f"instance {lease.instance_id!r}, activity {lease.number}: this session no longer holds "
        f"epoch {lease.epoch} of it. It was given to another worker, or it has ended; what was "
        f"reported is not stored. Stop the attempt if it still runs"
    )


def not_open(session: str) -> StoreError:
    return StoreError(
        f"session {session!r} is not open in this engine: it was closed, or opened elsewhere. "
        f"Open a new one with open_session"
    )


def history_limit(instance_id: str, length: int) -> HistoryLimitError:
    return HistoryLimitError(
        f"instance {instance_id!r} would have {length:,} events in its history; an execution may "
        f"have {HISTORY_LIMIT:,}, as each rebuild replays them all. The instance has FAILED. Go on "
        f"with a fresh history now and then (da.continue_as_new), or split the work over several "
        f"instances"
    )


def long_history(instance_id: str, length: int) -> str:
    return (
        f"instance {instance_id!r} has {length:,} events in its history; each rebuild replays them "
        f"all, and at {HISTORY_LIMIT:,} it fails. Go on with a fresh history now and then "
        f"(da.continue_as_new), or split the work over several instances"
    )


def awaited_cancelled(instance_id: str, reason: str) -> InstanceCancelledError:
    """For whoever waits for the result of the instance."""
    return InstanceCancelledError(
        f"instance {instance_id!r} was cancelled{_because(reason)}, and has no result. Start it "
        f"anew if it is still wanted"
    )


def awaited_terminated(instance_id: str, reason: str) -> InstanceTerminatedError:
    """For whoever waits for the result of the instance."""
    return InstanceTerminatedError(
        f"instance {instance_id!r} was terminated{_because(reason)}, and has no result. None of "
        f"its code ran to undo what it had done; start it anew if it is still wanted"
    )


def parent_ended(instance_id: str, status: RuntimeStatus) -> str:
    """Why a child is cancelled or terminated. status: RUNNING if the parent goes on as a new
    execution."""
    if status is RuntimeStatus.RUNNING:
        return f"its parent {instance_id!r} goes on as a new execution"
    return f"its parent {instance_id!r} has ended ({status})"


def await_cancelled(instance_id: str) -> str:
    """Why a child is cancelled. instance_id: of its parent."""
    return f"its parent {instance_id!r} no longer waits for it"


def dropped(what: str, instance_id: str, status: RuntimeStatus | None, sender: str) -> str:
    """For the log. what: e.g. "event 'go'". status: of the addressee; None if there is none."""
    why = "there is no such instance" if status is None else f"it has ended ({status})"
    return f"{what} from {sender} did not reach instance {instance_id!r}: {why}"


def dropped_by_rewind(instance_id: str, event: Delivered) -> str:
    """For the log."""
    return (
        f"instance {instance_id!r} was rewound: {type(event).__name__} "
        f"{getattr(event, 'number', '')} came after the failure, and is dropped"
    )


def quarantined(instance_id: str, lost: int) -> str:
    return (
        f"quarantined: {lost} workers in a row died while they ran an episode of instance "
        f"{instance_id!r}, so it is not run again by these definitions. Look for what killed them: "
        f"memory, a crash in native code, kill -9. A worker with changed definitions tries it "
        f"again; cancel or terminate end it"
    )


def damaged(instance_id: str, place: str, why: str) -> str:
    return (
        f"damaged: instance {instance_id!r}: {why} (in {place}). Other instances go on. No code "
        f"change mends this: restore the store from a backup, or terminate the instance"
    )


def worker_lost(instance_id: str, activity: str, attempt: int, lost: int) -> Failure:
    """The failure of an activity whose workers died. lost: how many."""
    if lost < LOST_WORKER_LIMIT:
        why = "the worker that ran it died, and it has on_lost='fail', so it was not run again"
    else:
        why = f"{lost} workers died while they ran it, so it is not run again"
    return failure_from(
        WorkerLostError(
            f"activity {activity!r} of instance {instance_id!r}: {why}. It may or may not have "
            f"taken effect. Look for what killed the workers: memory, a crash in native code, "
            f"kill -9"
        ),
        instance_id=instance_id,
        activity=activity,
        attempt=attempt,
    )


def operation_lost(entity: EntityId, operation: str, lost: int) -> Failure:
    """The failure of an operation whose workers died. lost: how many."""
    return failure_from(
        WorkerLostError(
            f"operation {operation!r} of entity {entity.type!r} {entity.key!r}: {lost} workers in "
            f"a row died while they ran it, so it is not run again. Nothing of it was stored. "
            f"Look for what killed the workers: memory, a crash in native code, kill -9"
        ),
        instance_id=None,
    )


def failure_from(
    error: Exception,
    *,
    instance_id: str | None,
    activity: str | None = None,
    attempt: int | None = None,
) -> Failure:
    """An error of ours as a value; it was raised nowhere, so there is no traceback."""
    return Failure(
        type_name=_qualified(type(error)),
        message=str(error),
        activity=activity,
        attempt=attempt,
        instance_id=instance_id,
        mro=tuple(_qualified(each) for each in type(error).__mro__ if each is not object),
    )


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _qualified(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"
