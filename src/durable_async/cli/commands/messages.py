"""`durable raise` and `terminate`. Invariant: when the command ends with 0, what it sent is
durable.
"""

from __future__ import annotations

import json
import sys

import click

from durable_async.app import Client
from durable_async.cli.blocks import Cell, Note, printable
from durable_async.cli.documents import instance_document
from durable_async.cli.parameters import (
    common_options,
    instance_argument,
    json_text_of,
    text,
    text_of_lines,
)
from durable_async.cli.refusals import CommandError
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.convert.jsonform import from_json
from durable_async.model.status import InstanceState

__all__ = ["raise_event", "terminate"]


@click.command("raise")
@instance_argument
@click.argument("event", type=text)
@click.option(
    "--data",
    type=json_text_of,
    default="null",
    show_default=True,
    metavar="JSON",
    help="What comes with it: JSON, @FILE or - for standard input.",
)
@click.option(
    "--key",
    type=text,
    metavar="KEY",
    help="The same key is delivered once, however often it is sent.",
)
@common_options
def raise_event(
    store: Store, reply: Reply, *, instance_id: str, event: str, data: str, key: str | None
) -> None:
    """Send it an external event.

    The event is kept until the instance waits for it.
    """
    value = from_json(data.encode())
    store.ask(lambda client: client.handle(instance_id).raise_event(event, value, key=key))
    reply.give(
        lambda: {"id": instance_id, "event": event, "data": value, "key": key},
        lambda: [Note(Cell(f"raised {json.dumps(event)} to {instance_id}"))],
    )


@click.command("terminate")
@instance_argument
@click.option(
    "--reason", type=text_of_lines, default="", metavar="TEXT", help="Recorded in its history."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def terminate(store: Store, reply: Reply, *, instance_id: str, reason: str, yes: bool) -> None:
    """End it at once.

    None of the instance's code runs again, not even its finally blocks.
    """
    if not yes:
        _confirm(store.ask(lambda client: client.handle(instance_id).state()))

    async def request(client: Client) -> InstanceState:
        handle = client.handle(instance_id)
        await handle.terminate(reason)
        return await handle.state()

    state = store.ask(request)
    reply.give(lambda: instance_document(state), lambda: [Note(Cell(f"terminated {instance_id}"))])


def _confirm(state: InstanceState) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError(
            "terminating cannot be undone, and there is no terminal to ask on: give --yes"
        )
    question = (
        f"{state.name} {state.id} is {state.status}. Terminate it? None of its code runs again, "
        "not even its finally blocks."
    )
    if not click.confirm(printable(question), err=True):
        raise CommandError("nothing was done", kind="Declined")
