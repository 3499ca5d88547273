"""One instance, from a script. Invariant: killed and run again, it goes on where it was: what had
completed is not done again.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from durable_async.app.client import DEFAULT_URL, is_cluster
from durable_async.app.one_in_store import OneInStore
from durable_async.app.one_instance import OneInstance, Place
from durable_async.app.one_on_cluster import OneOnCluster
from durable_async.dsl.instances import orchestrator_call
from durable_async.errors import NotDurableError
from durable_async.lines import place_of, user_place
from durable_async.ports import Codec
from durable_async.worker.guard import GuardMode, check_mode

__all__ = ["run"]

R = TypeVar("R")


def run(
    call: Coroutine[Any, Any, R],
    *,
    url: str = DEFAULT_URL,
    namespace: str = "default",
    id: str | None = None,
    codec: Codec | None = None,
    guard: GuardMode = "audit",
    progress: bool | None = None,
) -> R:
    """Run one orchestrator durably, from a script, and return its result.

    Killed and run again, the script goes on where it was: what had completed is not done again.
    This instance is run here, its children and theirs, and no others. An instance that is started
    detached is run here while its result is awaited, and else left to a worker. A definition
    becomes known when it is called.
    On Temporal the instance and its children are on a task queue of their own, made from its id;
    a detached instance is left to a worker even while its result is awaited.

    call: `checkout("o-1")`, not awaited. url, namespace, codec: see `Client`. id: by default that
    of `default_id`: if an instance of this id runs, this goes on with it; if it has ended, a new
    one begins. With an id of your own, what has ended gives its recorded outcome again.
    guard: see `Worker`. progress: whether to write one line a step to stderr; by default, if that
    is a terminal.

    Raises: what the orchestrator raised; InstanceCancelledError, InstanceTerminatedError;
    NotRegisteredError for a definition that cannot be learned (a method, or what is called by
    name); DeadlockError if it waits for nothing that could come; NonDeterminismError if its code,
    or that of a child, no longer fits its history; StoreError;
    TypeError if `call` is no call of an orchestrator; RuntimeError inside a running event loop;
    KeyboardInterrupt on Ctrl-C, and the instance can be gone on with.
    Records: what the orchestrator does.
    Known elsewhere as: asyncio.run, Prefect's and Metaflow's runs and their resume.
    """
    orchestrator_call(call, "da.run")
    _refuse_inside_loop()
    tells = sys.stderr.isatty() if progress is None else progress
    kind: type[OneInstance] = OneOnCluster if is_cluster(url) else OneInStore
    one = kind(
        call,
        id,
        Place(url=url, namespace=namespace, codec=codec),
        write=_write if tells else _keep_quiet,
        guard=check_mode(guard),
    )
    try:
        result: R = asyncio.run(one.run())
        return result
    except KeyboardInterrupt as interrupt:
        # Where in our code it came says nothing: the line of this call and the way on are enough.
        interrupt.add_note(one.way_on())
        raise interrupt.with_traceback(None) from None


def _refuse_inside_loop() -> None:
    loop = asyncio._get_running_loop()
    if loop is None:
        return
    if hasattr(loop, "durable_runtime"):
        raise NotDurableError(
            f"da.run is used inside an orchestrator, at {place_of(user_place())}: it would block "
            "the loop that replays it. Await activities here; start other instances from an "
            "activity"
        )
    raise RuntimeError(
        f"da.run blocks, and at {place_of(user_place())} an event loop is running: use "
        "`async with da.Client(url) as client, da.Worker(client, [...])`, and there "
        "`await (await client.start(call)).result()`"
    )


def _write(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _keep_quiet(line: str) -> None:
    """Nobody watches."""
