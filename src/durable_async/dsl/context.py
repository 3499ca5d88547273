"""Where the calling code runs. Invariant: inside an orchestrator is where the running event loop
says so, and nowhere else; there is no flag to set or to forget."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Final

from durable_async.convert.values import Converter
from durable_async.errors import NotDurableError, OutsideOrchestratorError
from durable_async.model.payload import PAYLOAD_LIMIT, Payload
from durable_async.model.status import OrchestrationInfo
from durable_async.ports import EntityRuntime, OrchestratorRuntime

__all__ = [
    "converter_of",
    "encoded",
    "info",
    "is_replaying",
    "operating",
    "refuse_in_operation",
    "required",
    "required_operation",
    "running",
    "sealed",
    "use_converter",
]

_CONVERTER: Final = "converter"

_SURELY_FITS: Final = PAYLOAD_LIMIT // 2
"""Bytes of which no codec makes more than the limit."""


def running() -> OrchestratorRuntime | None:
    """The execution that the calling code belongs to; None in ordinary code."""
    return getattr(asyncio._get_running_loop(), "durable_runtime", None)


def operating() -> EntityRuntime | None:
    """The operation of an entity that the calling code belongs to; None elsewhere."""
    return getattr(asyncio._get_running_loop(), "durable_entity", None)


def refuse_in_operation(what: str) -> None:
    """what: would wait, e.g. "activity 'charge' is awaited".

    Raises NotDurableError inside an operation of an entity; nowhere else.
    """
    operation = operating()
    if operation is not None:
        raise NotDurableError(
            f"an operation cannot wait: {what} in an operation of {operation.entity.type} "
            f"{operation.entity.key!r}. Others wait for their turn meanwhile: do it in the "
            "orchestrator that calls the operation, or start one (`await da.start(...)`), or "
            "signal (`ref.signal(...)`)"
        )


_INSTEAD: Final = (
    "Call it from an `async def` under @da.orchestrator (or from what that awaits), and start that "
    "with client.start(...) or da.run(...)"
)


def required(what: str, instead: str = _INSTEAD) -> OrchestratorRuntime:
    """The same, where nothing else will do. what: the function; instead: what to do elsewhere."""
    runtime = running()
    if runtime is None:
        raise OutsideOrchestratorError(
            f"da.{what} means something inside an orchestrator only, and none runs here. {instead}"
        )
    return runtime


def required_operation(what: str) -> EntityRuntime:
    """The operation that the calling code belongs to. what: the function, for the error."""
    operation = operating()
    if operation is None:
        raise OutsideOrchestratorError(
            f"da.{what} means something inside an operation of an entity only, and none runs here. "
            "Call it from a method of a class under @da.entity, and have that called by "
            "`ref.call(...)`, `ref.signal(...)` or `client.signal_entity(...)`"
        )
    return operation


def use_converter(runtime: OrchestratorRuntime | EntityRuntime, converter: Converter) -> None:
    """Said once, when an execution or an operation begins."""
    runtime.keep(_CONVERTER, lambda: converter)


def converter_of(runtime: OrchestratorRuntime | EntityRuntime) -> Converter:
    """How this execution, or operation, turns values into payloads."""
    return runtime.keep(_CONVERTER, Converter)


def encoded(runtime: OrchestratorRuntime, value: Any, *, what: str) -> Payload:
    """The payload of a value that is issued right now. Raises SerializationError if it has none."""
    payload = converter_of(runtime).unsealed.encode(value, Any, what=what)
    return sealed(runtime, payload, what=what)


def sealed(runtime: OrchestratorRuntime, payload: Payload, *, what: str) -> Payload:
    """A payload that was made `unsealed`, and is issued now.

    While matching it is compared, and not stored: it passes no codec, which may cost much, or
    put a blob somewhere. One that may be too large does all the same, to be refused again.
    """
    converter = converter_of(runtime)
    if converter.codec is None:
        return payload
    if runtime.is_matching() and len(payload.data) <= _SURELY_FITS:
        return payload
    return converter.seal(payload.data, what=what)


def info() -> OrchestrationInfo:
    """What this orchestrator may know of itself: ids, name, version, how long its history is.

    The same at replay, `history_length` included. Records nothing.
    Raises: OutsideOrchestratorError.
    Known elsewhere as: Temporal workflow.info, Azure context.instance_id.
    """
    return required("info").info()


def is_replaying() -> bool:
    """Whether the code runs over what it has done before. False outside an orchestrator.

    For what is only seen, like a progress bar; a decision that depends on it breaks replay.
    Known elsewhere as: Temporal workflow.unsafe.is_replaying, Azure context.is_replaying.
    """
    runtime = running()
    return runtime is not None and runtime.is_replaying()


def seed_of(execution_id: str, *parts: str | int) -> bytes:
    """16 bytes that depend on the execution and on `parts`, and on nothing else."""
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, f"durable-async:{execution_id}")
    return uuid.uuid5(namespace, "/".join(str(part) for part in parts)).bytes
