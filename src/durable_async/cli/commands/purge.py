"""`durable purge`. Invariant: no live instance goes, and none goes that was not named, by its id or
by the conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import click

from durable_async.app import Client
from durable_async.cli.blocks import Block, Cell, Note
from durable_async.cli.pages import count_text
from durable_async.cli.parameters import (
    back,
    common_options,
    confirmed,
    tag_option,
    tags_of,
    text,
    valid_id,
)
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.client.purging import purged
from durable_async.client.queries import ended_only, query_of
from durable_async.errors import InvalidStateError
from durable_async.model.status import ENDED
from durable_async.model.work import InstanceQuery

__all__ = ["purge"]

SHOWN: Final = 10
"""Ids of what would be purged that `--dry-run` shows."""


@click.command("purge")
@click.argument("instance_ids", nargs=-1, metavar="[ID...]", type=valid_id)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(sorted(ENDED), case_sensitive=False),
    help="Only these; may be repeated.",
)
@click.option(
    "--completed-before",
    type=back,
    metavar="TIME",
    help="Ended before a time, or so long ago: 90s, 15m, 2h, 30d.",
)
@click.option("--name", type=text, metavar="NAME", help="Only of this orchestrator.")
@click.option("--id-prefix", type=text, metavar="TEXT", help="Only ids that begin so.")
@tag_option("Only with this tag; may be repeated.")
@click.option("--created-after", type=back, metavar="TIME", help="A time, or how long ago.")
@click.option("--created-before", type=back, metavar="TIME", help="Likewise.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def purge(
    store: Store,
    reply: Reply,
    *,
    instance_ids: tuple[str, ...],
    statuses: tuple[str, ...],
    tags: tuple[tuple[str, str], ...],
    dry_run: bool,
    yes: bool,
    **filters: Any,
) -> None:
    """Take ended ones out of the store, for good.

    Their ended children go with them. Name them by their ids, or by conditions, all of which must
    hold. Live instances stay.
    """
    conditions = {key: value for key, value in filters.items() if value is not None}
    if statuses:
        conditions["status"] = [status.upper() for status in statuses]
    if tags:
        conditions["tags"] = tags_of(tags)
    if bool(instance_ids) == bool(conditions):
        raise click.UsageError(
            "name what is to go: either ids, or conditions such as --completed-before 30d"
        )
    if instance_ids:
        _purge_named(store, reply, instance_ids, dry_run=dry_run, yes=yes)
    else:
        query = query_of(**conditions)
        _purge_found(store, reply, query, dry_run=dry_run, yes=yes)


# ---- by id -----------------------------------------------------------------------------------


def _purge_named(
    store: Store, reply: Reply, ids: Sequence[str], *, dry_run: bool, yes: bool
) -> None:
    store.ask(lambda client: _check_ended(client, ids))  # all or none, as far as can be seen
    if dry_run:
        _tell_what_would_go(reply, len(ids), ids)
        return
    if not yes:
        confirmed(f"Purge {count_text(len(ids), 'instance')} for good?", what="purging", named=True)

    async def request(client: Client) -> int:
        return sum([await client.handle(each).purge() for each in dict.fromkeys(ids)])

    _tell_what_went(reply, store.ask(request))


async def _check_ended(client: Client, ids: Sequence[str]) -> None:
    for each in ids:
        state = await client.handle(each).state()
        if not state.status.has_ended:
            raise InvalidStateError(
                f"instance {each!r} is {state.status}, and only ended ones are purged. Cancel or "
                "terminate it first; nothing was purged"
            )


# ---- by conditions ---------------------------------------------------------------------------


def _purge_found(
    store: Store, reply: Reply, query: InstanceQuery, *, dry_run: bool, yes: bool
) -> None:
    count, ids = store.ask(lambda client: _found(client, query))
    if dry_run:
        _tell_what_would_go(reply, count, ids)
        return
    if count and not yes:
        question = f"Purge {count_text(count, 'instance')}, with all ended children, for good?"
        confirmed(question, what="purging", named=False)

    async def request(client: Client) -> int:
        gone = 0
        async for number in purged(client.connection, query):
            gone += number
            reply.progress(f"purged {gone:,}; {count:,} were found")
        return gone

    _tell_what_went(reply, store.ask(request))


async def _found(client: Client, query: InstanceQuery) -> tuple[int, list[str]]:
    """How many meet the conditions, and the newest of them."""
    found = attrs.evolve(query, status=ended_only(query.status), limit=SHOWN)
    page = await client.connection.page(found)
    return await client.connection.count(found), [each.instance_id for each in page.records]


# ---- what is said ----------------------------------------------------------------------------


def _tell_what_would_go(reply: Reply, count: int, ids: Sequence[str]) -> None:
    def page() -> list[Block]:
        lines = [f"{count_text(count, 'instance')} would be purged, with all ended children", *ids]
        if count > len(ids):
            lines.append(f"... and {count - len(ids):,} more")
        return [Note(Cell("\n".join(lines)))]

    reply.give(lambda: {"would_purge": count, "ids": list(ids), "more": count > len(ids)}, page)


def _tell_what_went(reply: Reply, count: int) -> None:
    reply.give(
        lambda: {"purged": count}, lambda: [Note(Cell(f"purged {count_text(count, 'instance')}"))]
    )
