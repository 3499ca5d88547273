"""What the libraries of orchestrators offer: definitions, and calls that are to be awaited."""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.handovers import Handovers
from durable_lint.reach.library.handler import Handler, made, type_at
from durable_lint.reach.library.tasks import as_completed, wait
from durable_lint.reach.library.wrappers import given_back
from durable_lint.reach.observations import Pending
from durable_lint.reach.values import (
    UNKNOWN,
    Bound,
    Constant,
    Definition,
    Func,
    Instance,
    Marker,
    Value,
)

__all__ = ["DURABLE"]

CHILD: Final = "temporalio.workflow.ChildWorkflowHandle"
EXTERNAL: Final = "temporalio.workflow.ExternalWorkflowHandle"


def _wait_condition(frame: Handovers, given: Given, node: ast.Call) -> Value:
    if given.positional:
        frame.call_back(given.positional[0], Given(), node)
    return frame.pend(Pending.EVENT, "workflow.wait_condition", UNKNOWN, node)


def _durable(kind: Pending, name: str, gives: int | None = None) -> Handler:
    """A durable call; `gives` is the place of the type that awaiting gives."""

    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        value = UNKNOWN if gives is None else type_at(frame, node, gives)
        return frame.pend(kind, name, value, node)

    return handler


def _gives(kind: Pending, name: str, cls: str) -> Handler:
    """A durable call; awaiting it gives an instance of a class, whose methods are awaited too."""

    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        del given
        return frame.pend(kind, name, Instance(cls), node)

    return handler


def _stream(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del given
    return Instance("durable.stream", (type_at(frame, node, 1),))


def _define(kind: Pending) -> Handler:
    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        del node
        if given.positional and not isinstance(given.positional[0], Constant):
            return Definition(kind, _defined_name(given.positional[0]), given.positional[0])
        name = given.get(0, "name")
        text = name.value if type(name) is Constant and isinstance(name.value, str) else ""
        return Marker(f"define.{kind.value}", text)

    return handler


def _class_given(frame: Handovers, given: Given, node: ast.Call) -> Value:
    """A decorator of classes gives back the class, whatever it was made with."""
    del frame, node
    return given.positional[0] if given.positional else Marker("identity")


def _defined_name(value: Value) -> str:
    match value:
        case Func(function):
            return function.name
        case Bound(func, _):
            return func.function.name
        case _:
            return "?"


def _named(kind: Pending) -> Handler:
    def handler(frame: Handovers, given: Given, node: ast.Call) -> Value:
        name = frame.first(given)
        text = str(name.value) if type(name) is Constant else "?"
        return Definition(kind, text, type_at(frame, node, 1))

    return handler


def _continue_as_new(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del given, node
    frame.facts.continues = True
    return UNKNOWN


def _command(frame: Handovers, given: Given, node: ast.Call) -> Value:
    """Something durable that is issued at the call."""
    del given, node
    frame.confirm_loops()
    return UNKNOWN


def _started(frame: Handovers, given: Given, node: ast.Call) -> Value:
    """An activity that runs from the call on; what is given back is its task."""
    del given, node
    frame.confirm_loops()
    return Instance("asyncio.Task")


DURABLE: Final[dict[str, Handler]] = {
    "durable.options": given_back,
    "durable_async.orchestrator": _define(Pending.ORCHESTRATOR),
    "durable_async.activity": _define(Pending.ACTIVITY),
    "durable_async.entity": _class_given,
    "temporalio.workflow.defn": _class_given,
    "durable_async.activity_named": _named(Pending.ACTIVITY),
    "durable_async.orchestrator_named": _named(Pending.ORCHESTRATOR),
    "durable_async.sleep": _durable(Pending.TIMER, "durable_async.sleep"),
    "durable_async.sleep_until": _durable(Pending.TIMER, "durable_async.sleep_until"),
    "durable_async.wait_for_event": _durable(Pending.EVENT, "durable_async.wait_for_event", 1),
    "durable_async.start": _gives(
        Pending.ORCHESTRATOR, "durable_async.start", "durable_async.InstanceRef"
    ),
    "durable_async.call_http": _durable(Pending.ACTIVITY, "durable_async.call_http"),
    "durable_async.events": _stream,
    "durable_async.requests": _stream,
    "durable_async.continue_as_new": _continue_as_new,
    "durable_async.set_custom_status": _command,
    "durable_async.send_event": _command,
    "durable_async.random": made("random.Random"),
    "durable_async.now": made("datetime.datetime"),
    "durable_async.uuid4": made("uuid.UUID"),
    "durable_async.get_logger": made("durable_async.Logger"),
    "durable_async.entity_ref": made("durable_async.EntityRef"),
    "durable_async.lock": made("context"),
    "temporalio.workflow.now": made("datetime.datetime"),
    "temporalio.workflow.uuid4": made("uuid.UUID"),
    "temporalio.workflow.random": made("random.Random"),
    "temporalio.workflow.continue_as_new": _continue_as_new,
    "temporalio.workflow.sleep": _durable(Pending.TIMER, "workflow.sleep"),
    "temporalio.workflow.wait_condition": _wait_condition,
    "temporalio.workflow.execute_activity": _durable(Pending.ACTIVITY, "workflow.execute_activity"),
    "temporalio.workflow.execute_activity_method": _durable(
        Pending.ACTIVITY, "workflow.execute_activity_method"
    ),
    "temporalio.workflow.execute_activity_class": _durable(
        Pending.ACTIVITY, "workflow.execute_activity_class"
    ),
    "temporalio.workflow.execute_local_activity": _durable(
        Pending.ACTIVITY, "workflow.execute_local_activity"
    ),
    "temporalio.workflow.execute_local_activity_method": _durable(
        Pending.ACTIVITY, "workflow.execute_local_activity_method"
    ),
    "temporalio.workflow.start_activity": _started,
    "temporalio.workflow.start_activity_class": _started,
    "temporalio.workflow.start_activity_method": _started,
    "temporalio.workflow.start_local_activity": _started,
    "temporalio.workflow.start_local_activity_class": _started,
    "temporalio.workflow.start_local_activity_method": _started,
    "temporalio.workflow.execute_local_activity_class": _durable(
        Pending.ACTIVITY, "workflow.execute_local_activity_class"
    ),
    "temporalio.workflow.execute_child_workflow": _durable(
        Pending.ORCHESTRATOR, "workflow.execute_child_workflow"
    ),
    "temporalio.workflow.start_child_workflow": _gives(
        Pending.ORCHESTRATOR, "workflow.start_child_workflow", CHILD
    ),
    "temporalio.workflow.get_external_workflow_handle": made(EXTERNAL),
    "temporalio.workflow.get_external_workflow_handle_for": made(EXTERNAL),
    "temporalio.workflow.create_nexus_client": made("temporalio.workflow.NexusClient"),
    "temporalio.workflow.wait": wait,
    "temporalio.workflow.as_completed": as_completed,
}
