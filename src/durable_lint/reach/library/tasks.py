"""asyncio's functions: whoever makes a task of a call has it awaited."""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.handovers import Handovers
from durable_lint.reach.iteration import ALL_TASKS, harmless
from durable_lint.reach.library.handler import Handler, made
from durable_lint.reach.observations import Pending
from durable_lint.reach.values import NOTHING, UNKNOWN, Constant, Instance, Value, join, members_of

__all__ = ["TASKS", "as_completed", "wait"]

OWN_FUTURE: Final = "asyncio.futures.Future"


def _sleep(frame: Handovers, given: Given, node: ast.Call) -> Value:
    gives = given.positional[1] if len(given.positional) > 1 else Constant(None, "NoneType")
    return frame.pend(Pending.TIMER, "asyncio.sleep", gives, node)


def _gather(frame: Handovers, given: Given, node: ast.Call) -> Value:
    gives = tuple(frame.settled_await(value, node) for value in given.positional)
    if given.starred or any(isinstance(argument, ast.Starred) for argument in node.args):
        joined: Value = NOTHING
        for item in gives:
            joined = join(joined, item)
        return Instance("asyncio.Future", (Instance("builtins.list", (joined,)),))
    return Instance("asyncio.Future", (Instance("builtins.tuple", gives),))


def _task(frame: Handovers, given: Given, node: ast.Call) -> Value:
    value = given.get(0, "coro") or given.get(0, "coro_or_future") or UNKNOWN
    return Instance("asyncio.Task", (frame.settled_await(value, node),))


def _shield(frame: Handovers, given: Given, node: ast.Call) -> Value:
    return Instance("asyncio.Future", (frame.settled_await(frame.first(given), node),))


def _wait_for(frame: Handovers, given: Given, node: ast.Call) -> Value:
    value = given.get(0, "fut") or UNKNOWN
    return frame.pend(Pending.COROUTINE, "asyncio.wait_for", frame.settled_await(value, node), node)


def wait(frame: Handovers, given: Given, node: ast.Call) -> Value:
    source = frame.first(given)
    element = frame.element(source, frame.first_node(node))
    for part in members_of(element):
        gathered = type(part) is Instance and part.cls == "asyncio.Future" and part.items
        own = type(part) is Instance and part.cls == OWN_FUTURE
        if (gathered or own) and not _is_single(source):
            frame.observe(
                frame.iterated(
                    frame.first_node(node), "asyncio.wait", "tasks of futures", sortable=False
                )
            )
    tasks = Instance(
        "builtins.set", (Instance("asyncio.Task", (frame.settled_await(element, node),)),)
    )
    return frame.pend(
        Pending.COROUTINE, "asyncio.wait", Instance("builtins.tuple", (tasks, tasks)), node
    )


def _is_single(source: Value) -> bool:
    """Whether there is one element, so that there is no order."""
    return type(source) is Instance and source.cls == "builtins.tuple" and len(source.items) == 1


def as_completed(frame: Handovers, given: Given, node: ast.Call) -> Value:
    source = frame.first(given)
    what = frame.first_node(node)
    element = frame.element(source, what)
    for part in members_of(source):
        if type(part) is Instance and part.cls == "builtins.set":
            inner = part.items[0] if part.items else UNKNOWN
            if not (type(inner) is Instance and harmless(inner)):
                frame.observe(frame.iterated(what, "as_completed", "set", sortable=False))
                break
        elif type(part) is Instance and part.disorder is not None:
            frame.observe(part.disorder)
    return Instance(
        "builtins.iterator", (Instance("asyncio.Future", (frame.settled_await(element, node),)),)
    )


def _all_tasks(frame: Handovers, given: Given, node: ast.Call) -> Value:
    del frame, given, node
    return Instance(ALL_TASKS, (Instance("asyncio.Task"),))


TASKS: Final[dict[str, Handler]] = {
    "asyncio.sleep": _sleep,
    "asyncio.gather": _gather,
    "asyncio.create_task": _task,
    "asyncio.ensure_future": _task,
    "asyncio.shield": _shield,
    "asyncio.wait_for": _wait_for,
    "asyncio.wait": wait,
    "asyncio.as_completed": as_completed,
    "asyncio.all_tasks": _all_tasks,
    "asyncio.get_running_loop": made("asyncio.RunningLoop"),
    "asyncio.get_event_loop": made("asyncio.RunningLoop"),
    "asyncio.Future": made(OWN_FUTURE),
}
