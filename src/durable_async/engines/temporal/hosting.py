"""What a worker gives to the instances that it hosts. Invariant: an instance finds it through its
worker, and through nothing else: two workers of one process host their own definitions.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar, TypeVarTuple

from temporalio import activity
from temporalio.common import RawValue
from temporalio.worker import (
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from durable_async.convert.values import CodecError, Converter
from durable_async.dsl.code import code_for
from durable_async.dsl.registry import Registry
from durable_async.engines.temporal.execution import Perform
from durable_async.engines.temporal.payloads import document, read_document
from durable_async.engines.temporal.reminders import Reminders
from durable_async.engines.temporal.values import Shown, Value, shown, value_in
from durable_async.engines.temporal.watching import Watch
from durable_async.lines import line_of_error
from durable_async.model.options import DEFAULT_QUEUE
from durable_async.ports import OrchestratorCode

__all__ = [
    "SIDE_EFFECTS",
    "HostInterceptor",
    "Hosting",
    "Supervise",
    "decode_values",
    "encode_values",
    "host_in",
]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_logger: Final = logging.getLogger("durable_async.worker")

_KEY: Final = "durable_async"

SIDE_EFFECTS: Final = "durable_async.side_effects"
"""The local activity in whose result Temporal records what side effects came to."""


_NOTHING: Final = document(None)


class Supervise(Protocol):
    """How code of orchestrators is run; see `worker.oversight`."""

    def __call__(self, kind: str, name: str, function: Callable[[*Ts], T], /, *args: *Ts) -> T: ...


class Hosting:
    """Of one worker. supervise: runs code of orchestrators. watch: None if nobody follows.
    default_queue: where activities and children are put that name none."""

    def __init__(
        self,
        registry: Registry,
        converter: Converter,
        supervise: Supervise,
        *,
        watch: Watch | None = None,
        default_queue: str = DEFAULT_QUEUE,
    ) -> None:
        self._registry = registry
        self._converter = converter
        self._wanted: dict[str, Perform] = {}
        self._default_queue = default_queue
        self._reminders = Reminders()
        self.supervise = supervise
        self.watch = watch

    def queue(self, asked_for: str) -> str:
        return self._default_queue if asked_for == DEFAULT_QUEUE else asked_for

    def code(
        self, name: str, version: str | None, unreadable: list[CodecError]
    ) -> OrchestratorCode | None:
        """The orchestrator that is meant; None if this worker has none. unreadable: where it says
        that the codec failed."""
        orchestrator = self._registry.orchestrator(name, version)
        if orchestrator is None:
            return None
        return code_for(orchestrator, self._converter.reporting(unreadable.append))

    def report(self, instance_id: str, message: str, error: BaseException | None) -> None:
        line = "" if error is None else line_of_error(error)
        where = f", at {line}" if line else ""
        _logger.warning("instance %r: %s%s", instance_id, message, where, exc_info=error)

    def report_held(self, instance_id: str, why: str) -> None:
        """Temporal has it tried again and again, which is not told each time. Who follows hears of
        it otherwise."""
        if self.watch is None and self._reminders.is_due(instance_id, why):
            _logger.warning(
                "instance %r cannot go on here, and Temporal tries it again: %s", instance_id, why
            )

    # ---- side effects ------------------------------------------------------------------------

    def want(self, run_id: str, perform: Perform) -> None:
        """Should Temporal have no record after all: how to come to the value."""
        self._wanted[run_id] = perform

    def forget(self, run_id: str) -> None:
        self._wanted.pop(run_id, None)

    @activity.defn(name=SIDE_EFFECTS)
    async def side_effects(self, values: RawValue) -> RawValue:
        """Gives back what it is given, so that it stands in Temporal's history; without anything,
        performs the side effect that the instance waits for."""
        if values.payload.data != _NOTHING.payload.data:
            return values
        run_id = activity.info().workflow_run_id or ""
        return encode_values([self._wanted[run_id]()])


def encode_values(values: Sequence[Value]) -> RawValue:
    """As JSON: a value as itself, so that people can read it in Temporal's history."""
    return document([shown(value) for value in values]) if values else _NOTHING


def decode_values(recorded: RawValue) -> list[Value]:
    return [value_in(each) for each in read_document([recorded], 0, list[Shown]) or ()]


class HostInterceptor(Interceptor):
    """Lets instances find the hosting of their worker."""

    def __init__(self, hosting: Hosting) -> None:
        self._hosting = hosting

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        input.unsafe_extern_functions[_KEY] = lambda: self._hosting
        return None


def host_in(functions: Mapping[str, Callable[..., Any]]) -> Hosting:
    """functions: those of the worker that the instance runs in."""
    hosting = functions[_KEY]()
    assert isinstance(hosting, Hosting), "a worker has one HostInterceptor"
    return hosting
