"""Durable execution for Python: ordinary asyncio code that survives crashes.

Invariant: everything public is here, in the order in which the tutorial meets it; what is not
here (or in `durable_async.testing`) may change without notice.
"""

from durable_async.dsl.definitions import (
    Activity,
    Orchestrator,
    ThreadActivity,
    activity,
    activity_named,
    orchestrator,
)
from durable_async.dsl.calls import ActivityCall, Call, OrchestratorCall
from durable_async.app import Client, Worker, run
from durable_async.client.handle import Handle
from durable_async.dsl.policy import RetryPolicy
from durable_async.dsl.durables import (
    events,
    now,
    random,
    set_custom_status,
    side_effect,
    sleep,
    sleep_until,
    uuid4,
    wait_for_event,
)
from durable_async.dsl.context import info, is_replaying
from durable_async.dsl.loggers import get_logger
from durable_async.dsl.activity_context import ActivityInfo, activity_info, heartbeat
from durable_async.model.status import (
    InstanceState,
    OrchestrationInfo,
    PendingCall,
    RuntimeStatus,
)
from durable_async.model.failure import Failure
from durable_async.model.history import HistoryEvent
from durable_async.model.payload import Payload
from durable_async.convert.failures import failure_of
from durable_async.convert.values import Converter
from durable_async.core.loop import OrchestratorLoop
from durable_async.ports import Codec
from durable_async.errors import (
    ActivityTimeoutError,
    DeadlockError,
    DurableError,
    EngineLimitError,
    HistoryLimitError,
    InstanceAlreadyExistsError,
    InstanceFinishedError,
    InstanceNotFoundError,
    InstanceTerminatedError,
    LeaseLostError,
    LivelockError,
    NonDeterminismError,
    NotDurableError,
    NotDurableWarning,
    NotRegisteredError,
    OutsideOrchestratorError,
    PayloadTooLargeError,
    RemoteError,
    SerializationError,
    StoreError,
    WorkerLostError,
)

__version__ = "0.1.0"

__all__ = [
    "Activity",
    "ActivityCall",
    "ActivityInfo",
    "ActivityTimeoutError",
    "Call",
    "Client",
    "Codec",
    "Converter",
    "DeadlockError",
    "DurableError",
    "EngineLimitError",
    "Failure",
    "Handle",
    "HistoryEvent",
    "HistoryLimitError",
    "InstanceAlreadyExistsError",
    "InstanceFinishedError",
    "InstanceNotFoundError",
    "InstanceState",
    "InstanceTerminatedError",
    "LeaseLostError",
    "LivelockError",
    "NonDeterminismError",
    "NotDurableError",
    "NotDurableWarning",
    "NotRegisteredError",
    "OrchestrationInfo",
    "Orchestrator",
    "OrchestratorCall",
    "OrchestratorLoop",
    "OutsideOrchestratorError",
    "Payload",
    "PayloadTooLargeError",
    "PendingCall",
    "RemoteError",
    "RetryPolicy",
    "RuntimeStatus",
    "SerializationError",
    "StoreError",
    "ThreadActivity",
    "Worker",
    "WorkerLostError",
    "activity",
    "activity_info",
    "activity_named",
    "events",
    "failure_of",
    "get_logger",
    "heartbeat",
    "info",
    "is_replaying",
    "now",
    "orchestrator",
    "random",
    "run",
    "set_custom_status",
    "side_effect",
    "sleep",
    "sleep_until",
    "uuid4",
    "wait_for_event",
]
