"""An orchestrator, as the core drives it. Invariant: Python values stay on this side; what crosses
is payloads and failures."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import attrs

from durable_async.convert.failures import failure_of_exception
from durable_async.convert.values import Converter
from durable_async.dsl.context import running, use_converter
from durable_async.dsl.definitions import Orchestrator
from durable_async.model.failure import Failure
from durable_async.model.payload import Payload

__all__ = ["code_for"]


@attrs.frozen
class _Code:
    orchestrator: Orchestrator[..., Any]
    converter: Converter

    @property
    def name(self) -> str:
        return self.orchestrator.name

    def start(self, input: Payload, /) -> Coroutine[Any, Any, Any]:
        runtime = running()
        assert runtime is not None, "the core starts code inside the running loop of an execution"
        use_converter(runtime, self.converter)
        args, kwargs = self.orchestrator.arguments(self.converter).decode(input)
        return self.orchestrator.fn(*args, **kwargs)

    def result(self, value: Any, /) -> Payload:
        return self.orchestrator.results(self.converter).encode(value)

    def failure(self, error: BaseException, /) -> Failure:
        return failure_of_exception(error, converter=self.converter)


def code_for(orchestrator: Orchestrator[..., Any], converter: Converter) -> _Code:
    """`orchestrator` as an `OrchestratorCode` whose values go through `converter`."""
    return _Code(orchestrator, converter)
