"""`durable start`. Invariant: when it ends with 0, the instance is in the store, and any worker
that has its orchestrator will run it.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Any, cast

import click

from durable_async.app import Client
from durable_async.cli.blocks import Cell, Note
from durable_async.cli.calls import call_of, named
from durable_async.cli.documents import instance_document
from durable_async.cli.parameters import (
    ahead,
    argument_option,
    common_options,
    tag_option,
    tags_of,
    text,
    valid_id,
)
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.cli.targets import is_target, load_orchestrator
from durable_async.dsl.definitions import Orchestrator
from durable_async.model.status import InstanceState
from durable_async.model.work import IfExists

__all__ = ["start"]


@click.command("start")
@click.argument("orchestrator", type=text, metavar="NAME|FILE_OR_MODULE:ORCHESTRATOR")
@argument_option
@click.option(
    "--id", "id_", type=valid_id, metavar="ID", help="The instance's id; made up if not given."
)
@click.option(
    "--if-exists",
    type=click.Choice(["raise", "attach", "replace"]),
    default="raise",
    show_default=True,
    help="If there is an instance of this id: fail, take that one, or replace it if it has ended.",
)
@tag_option("To find it again; may be repeated.")
@click.option(
    "--start-at", type=ahead, metavar="TIME", help="Not before: a time, or how far ahead: 15m, 2h."
)
@click.option("--version", type=text, metavar="VERSION", help="Of a NAME; the newest if not given.")
@click.option("--queue", type=text, metavar="NAME", help="Which workers take it.")
@common_options
def start(
    store: Store,
    reply: Reply,
    *,
    orchestrator: str,
    texts: tuple[str, ...],
    id_: str | None,
    if_exists: str,
    tags: tuple[tuple[str, str], ...],
    start_at: datetime | None,
    version: str | None,
    queue: str | None,
) -> None:
    """Start an instance, which a worker will run.

    A NAME needs no code here: the arguments are sent as they are. With
    FILE_OR_MODULE:ORCHESTRATOR they are checked against the orchestrator's type hints first.
    """
    definition = _definition(orchestrator, version)
    if queue is not None:
        definition = definition.options(queue=queue)
    checked_tags = tags_of(tags)

    async def request(client: Client) -> InstanceState:
        handle = await client.start(
            call,
            id=id_,
            start_at=start_at,
            tags=checked_tags,
            if_exists=cast(IfExists, if_exists),
        )
        return await client.handle(handle.id).state()

    # Closed, so that a call which was never started is not complained of on top of the reason.
    with closing(call_of(definition, texts)) as call:
        state = store.tell(request)
    reply.give(lambda: instance_document(state), lambda: [Note(Cell(state.id))])


def _definition(text: str, version: str | None) -> Orchestrator[..., Any]:
    if not is_target(text):
        return named(text) if version is None else named(text).options(version=version)
    definition = load_orchestrator(text)
    if version is not None and version != definition.version:
        raise click.UsageError(
            f"{text} is version {definition.version!r}, not {version!r}. Start another version by "
            f"its name: durable start {definition.name} --version {version}"
        )
    return definition
