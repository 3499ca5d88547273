"""The keys of the events that an instance was told of, by Temporal's history. Invariant: a key that
came is found again, in whichever run of the instance it came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.api.history.v1 import HistoryEvent as WireEvent
from temporalio.common import RawValue

from durable_async.engines.temporal import signals
from durable_async.engines.temporal.payloads import read_document
from durable_async.engines.temporal.snapshots import Carried

__all__ = ["keys_in"]


def keys_in(event: WireEvent) -> Collection[str]:
    """Of the events that one of Temporal's tells of: the one that has come, or those that came in
    the runs before."""
    if event.HasField("workflow_execution_signaled_event_attributes"):
        signal = event.workflow_execution_signaled_event_attributes
        if signal.signal_name.startswith(signals.KEPT):
            return ()
        extras = read_document(_arguments(signal.input.payloads), 1, signals.EventExtras)
        return () if extras is None or extras.key is None else (extras.key,)
    if event.HasField("workflow_execution_started_event_attributes"):
        started = event.workflow_execution_started_event_attributes
        carried = read_document(_arguments(started.input.payloads), 1, Carried)
        return () if carried is None else carried.keys
    return ()


def _arguments(payloads: Iterable[WirePayload]) -> list[RawValue]:
    return [RawValue(each) for each in payloads]
