"""`durable cancel`, `terminate`, `suspend`, `resume`, `rewind` and `restart`. Invariant: when the
command ends with 0, what it asked for is durable.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import click

from durable_async.app import Client
from durable_async.cli.blocks import Cell, Note
from durable_async.cli.documents import instance_document
from durable_async.cli.parameters import (
    common_options,
    confirmed,
    instance_argument,
    reason_option,
    valid_id,
)
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.client.handle import Handle
from durable_async.model.status import InstanceState

__all__ = ["cancel", "restart", "resume", "rewind", "suspend", "terminate"]

Verb = Callable[[Handle[Any]], Awaitable[object]]


@click.command("cancel")
@instance_argument
@reason_option("For people; the message of the CancelledError in its code.")
@common_options
def cancel(store: Store, reply: Reply, *, instance_id: str, reason: str) -> None:
    """Ask it to cancel itself; its code may clean up first.

    CancelledError is raised where its main task waits, and it ends CANCELLED if it lets that
    through. One that has not begun, or is blocked, ends at once. A suspended one goes on.
    """
    _tell(store, reply, instance_id, lambda handle: handle.cancel(reason), "asked {} to cancel")


@click.command("terminate")
@instance_argument
@reason_option("Recorded in its history.")
@click.option("--yes", is_flag=True, help="Do not ask, on a terminal.")
@common_options
def terminate(store: Store, reply: Reply, *, instance_id: str, reason: str, yes: bool) -> None:
    """End it at once.

    None of the instance's code runs again, not even its finally blocks. Its live children end
    with it.
    """
    if not yes:
        state = store.ask(lambda client: client.handle(instance_id).state())
        confirmed(
            f"{state.name} {state.id} is {state.status}. Terminate it? None of its code runs "
            "again, not even its finally blocks.",
            what="terminating",
            named=True,
        )
    _tell(store, reply, instance_id, lambda handle: handle.terminate(reason), "terminated {}")


@click.command("suspend")
@instance_argument
@reason_option("For people; shown until it is resumed.")
@common_options
def suspend(store: Store, reply: Reply, *, instance_id: str, reason: str) -> None:
    """Pause it: none of its code runs until it is resumed.

    Activities that run go on. Their results, events and timers wait.
    """
    _tell(store, reply, instance_id, lambda handle: handle.suspend(reason), "suspended {}")


@click.command("resume")
@instance_argument
@reason_option("For people.")
@common_options
def resume(store: Store, reply: Reply, *, instance_id: str, reason: str) -> None:
    """Let a suspended one go on."""
    _tell(store, reply, instance_id, lambda handle: handle.resume(reason), "resumed {}")


@click.command("rewind")
@instance_argument
@reason_option("For people.")
@common_options
def rewind(store: Store, reply: Reply, *, instance_id: str, reason: str) -> None:
    """Let a failed one go on from before its failure.

    What failed is done again, down to failed children; what had completed before is kept.
    """
    _tell(store, reply, instance_id, lambda handle: handle.rewind(reason), "rewound {}")


@click.command("restart")
@instance_argument
@click.option(
    "--id", "new_id", type=valid_id, metavar="ID", help="Of a new instance; else the same id."
)
@common_options
def restart(store: Store, reply: Reply, *, instance_id: str, new_id: str | None) -> None:
    """Start an ended one anew, with the same input.

    Without --id, what was recorded of it is gone.
    """

    async def request(client: Client) -> InstanceState:
        return await (await client.handle(instance_id).restart(new_id)).state()

    state = store.ask(request)
    reply.give(lambda: instance_document(state), lambda: [Note(Cell(state.id))])


def _tell(store: Store, reply: Reply, instance_id: str, verb: Verb, done: str) -> None:
    """done: what has happened, with {} for the id."""

    async def request(client: Client) -> InstanceState:
        handle = client.handle(instance_id)
        await verb(handle)
        return await handle.state()

    state = store.ask(request)
    said = done.replace("{}", instance_id)
    reply.give(lambda: instance_document(state), lambda: [Note(Cell(said))])
