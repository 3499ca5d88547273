"""Durable execution for Python: ordinary asyncio code that survives crashes.

Invariant: everything public is here, in the order in which the tutorial meets it; what is not
here (or in `durable_async.testing`) may change without notice. A name's module is imported when
the name is first used: a module of activities does not pay for engines and workers.
"""

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from durable_async.dsl.decorators import (
        activity,
        activity_named,
        orchestrator,
        orchestrator_named,
    )
    from durable_async.dsl.definitions import Activity, Orchestrator, ThreadActivity
    from durable_async.dsl.calls import (
        ActivityCall,
        Call,
        OrchestratorCall,
    )
    from durable_async.app import (
        Client,
        Worker,
        run,
    )
    from durable_async.client.handle import Handle
    from durable_async.dsl.policy import RetryPolicy
    from durable_async.dsl.durables import (
        events,
        now,
        patched,
        random,
        set_custom_status,
        side_effect,
        sleep,
        sleep_until,
        uuid4,
        wait_for_event,
    )
    from durable_async.dsl.instances import (
        InstanceRef,
        continue_as_new,
        send_event,
        start,
    )
    from durable_async.dsl.requests import Request, requests
    from durable_async.dsl.context import (
        info,
        is_replaying,
    )
    from durable_async.dsl.http import HttpResponse, call_http
    from durable_async.dsl.loggers import get_logger
    from durable_async.dsl.entities import delete_entity, entity
    from durable_async.dsl.references import EntityCall, EntityRef, entity_ref
    from durable_async.dsl.locks import CriticalSection, lock
    from durable_async.dsl.activity_context import (
        ActivityInfo,
        activity_info,
        heartbeat,
    )
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
        InstanceCancelledError,
        InstanceFinishedError,
        InstanceNotFoundError,
        InstanceTerminatedError,
        InvalidStateError,
        LeaseLostError,
        LivelockError,
        LockError,
        NonDeterminismError,
        NotDurableError,
        NotDurableWarning,
        NotRegisteredError,
        OutsideOrchestratorError,
        PayloadTooLargeError,
        RemoteError,
        RequestRejectedError,
        SerializationError,
        StoreError,
        WorkerLostError,
    )

__version__ = "0.1.0"

_HOMES: Final[dict[str, tuple[str, ...]]] = {
    "dsl.decorators": ("activity", "activity_named", "orchestrator", "orchestrator_named"),
    "dsl.definitions": ("Activity", "Orchestrator", "ThreadActivity"),
    "dsl.calls": ("ActivityCall", "Call", "OrchestratorCall"),
    "app": ("Client", "Worker", "run"),
    "client.handle": ("Handle",),
    "dsl.policy": ("RetryPolicy",),
    "dsl.durables": (
        "events",
        "now",
        "patched",
        "random",
        "set_custom_status",
        "side_effect",
        "sleep",
        "sleep_until",
        "uuid4",
        "wait_for_event",
    ),
    "dsl.instances": ("InstanceRef", "continue_as_new", "send_event", "start"),
    "dsl.requests": ("Request", "requests"),
    "dsl.context": ("info", "is_replaying"),
    "dsl.http": ("HttpResponse", "call_http"),
    "dsl.loggers": ("get_logger",),
    "dsl.entities": ("delete_entity", "entity"),
    "dsl.references": ("EntityCall", "EntityRef", "entity_ref"),
    "dsl.locks": ("CriticalSection", "lock"),
    "dsl.activity_context": ("ActivityInfo", "activity_info", "heartbeat"),
    "model.status": ("InstanceState", "OrchestrationInfo", "PendingCall", "RuntimeStatus"),
    "model.failure": ("Failure",),
    "model.history": ("HistoryEvent",),
    "model.payload": ("Payload",),
    "convert.failures": ("failure_of",),
    "convert.values": ("Converter",),
    "core.loop": ("OrchestratorLoop",),
    "ports": ("Codec",),
    "errors": (
        "ActivityTimeoutError",
        "DeadlockError",
        "DurableError",
        "EngineLimitError",
        "HistoryLimitError",
        "InstanceAlreadyExistsError",
        "InstanceCancelledError",
        "InstanceFinishedError",
        "InstanceNotFoundError",
        "InstanceTerminatedError",
        "InvalidStateError",
        "LeaseLostError",
        "LivelockError",
        "LockError",
        "NonDeterminismError",
        "NotDurableError",
        "NotDurableWarning",
        "NotRegisteredError",
        "OutsideOrchestratorError",
        "PayloadTooLargeError",
        "RemoteError",
        "RequestRejectedError",
        "SerializationError",
        "StoreError",
        "WorkerLostError",
    ),
}
"""Where each name lives; the same as the imports above, which type checkers read."""

_MODULE_OF: Final = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "Activity",
    "ActivityCall",
    "ActivityInfo",
    "ActivityTimeoutError",
    "Call",
    "Client",
    "Codec",
    "Converter",
    "CriticalSection",
    "DeadlockError",
    "DurableError",
    "EngineLimitError",
    "EntityCall",
    "EntityRef",
    "Failure",
    "Handle",
    "HistoryEvent",
    "HistoryLimitError",
    "HttpResponse",
    "InstanceAlreadyExistsError",
    "InstanceCancelledError",
    "InstanceFinishedError",
    "InstanceNotFoundError",
    "InstanceRef",
    "InstanceState",
    "InstanceTerminatedError",
    "InvalidStateError",
    "LeaseLostError",
    "LivelockError",
    "LockError",
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
    "Request",
    "RequestRejectedError",
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
    "call_http",
    "continue_as_new",
    "delete_entity",
    "entity",
    "entity_ref",
    "events",
    "failure_of",
    "get_logger",
    "heartbeat",
    "info",
    "is_replaying",
    "lock",
    "now",
    "orchestrator",
    "orchestrator_named",
    "patched",
    "random",
    "requests",
    "run",
    "send_event",
    "set_custom_status",
    "side_effect",
    "sleep",
    "sleep_until",
    "start",
    "uuid4",
    "wait_for_event",
]
