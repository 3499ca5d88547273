"""`durable list`, `show`, `history`, `stack`. Invariant: they change nothing, and make no store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import click

from durable_async.app import Client
from durable_async.cli.blocks import Cell, Note
from durable_async.cli.documents import event_document, instance_document
from durable_async.cli.histories import history_page
from durable_async.cli.pages import instance_page, list_page
from durable_async.cli.parameters import (
    back,
    common_options,
    instance_argument,
    tag_option,
    tags_of,
    text,
)
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.model.history import HistoryEvent
from durable_async.model.status import InstanceState, RuntimeStatus

__all__ = ["history", "list_instances", "show", "stack"]

LIMIT: Final = 100


@click.command("list")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in RuntimeStatus], case_sensitive=False),
    help="Only these; may be repeated.",
)
@click.option("--name", type=text, metavar="NAME", help="Only of this orchestrator.")
@click.option("--id-prefix", type=text, metavar="TEXT", help="Only ids that begin so.")
@tag_option("Only with this tag; may be repeated.")
@click.option(
    "--created-after", type=back, metavar="TIME", help="A time, or how long ago: 90s, 15m, 2h, 1d."
)
@click.option("--created-before", type=back, metavar="TIME", help="Likewise.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=LIMIT,
    show_default=True,
    help="The newest so many; 0 for all.",
)
@common_options
def list_instances(
    store: Store,
    reply: Reply,
    *,
    statuses: tuple[str, ...],
    tags: tuple[tuple[str, str], ...],
    limit: int,
    **filters: Any,
) -> None:
    """List instances, newest first."""
    checked_tags = tags_of(tags)
    wanted = [RuntimeStatus(status.upper()) for status in statuses] or None

    async def question(client: Client) -> list[InstanceState]:
        # One more than is shown tells whether there are more.
        found = client.list(
            status=wanted, tags=checked_tags, limit=limit + 1 if limit else None, **filters
        )
        return [state async for state in found]

    states = store.ask(question)
    more = limit > 0 and len(states) > limit
    shown = states[:limit] if more else states
    reply.give(
        lambda: {"instances": [instance_document(state) for state in shown], "more": more},
        lambda: list_page(shown),
    )
    if more:
        reply.say(f"the newest {limit} are shown, and there are more: --limit 0 shows all")


@click.command("show")
@instance_argument
@common_options
def show(store: Store, reply: Reply, *, instance_id: str) -> None:
    """Show how it stands, what it waits for, why it failed."""
    state = store.ask(lambda client: client.handle(instance_id).state())
    reply.give(
        lambda: instance_document(state),
        lambda: instance_page(state, now=datetime.now(UTC)),
    )


@click.command("history")
@instance_argument
@common_options
def history(store: Store, reply: Reply, *, instance_id: str) -> None:
    """Show what happened to it, oldest first."""

    async def question(client: Client) -> tuple[list[HistoryEvent], InstanceState]:
        handle = client.handle(instance_id)
        return await handle.history(), await handle.state()

    events, state = store.ask(question)
    reply.give(
        lambda: {"id": instance_id, "events": [event_document(event) for event in events]},
        lambda: history_page(events, state),
    )


@click.command("stack")
@instance_argument
@common_options
def stack(store: Store, reply: Reply, *, instance_id: str) -> None:
    """Show where in the code it waits, and for what."""
    text = store.ask(lambda client: client.handle(instance_id).stack())
    reply.give(lambda: {"id": instance_id, "stack": text}, lambda: [Note(Cell(text))])
