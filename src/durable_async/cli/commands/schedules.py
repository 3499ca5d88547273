"""`durable schedules` and its verbs. Invariant: a verb is durable when the command ends with 0,
whether or not a worker runs; what a schedule has done is what its last step has shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Final, Literal, cast

import click

from durable_async.app import Client
from durable_async.cli.blocks import Block, Cell, Column, Fields, Note, Table
from durable_async.cli.calls import call_of, named
from durable_async.cli.documents import fields_document
from durable_async.cli.groups import Commands
from durable_async.cli.parameters import (
    argument_option,
    back,
    common_options,
    number_of_seconds,
    reason_option,
    text,
)
from durable_async.cli.refusals import in_words_of_commands
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.cli.targets import is_target, load_orchestrator
from durable_async.cli.times import local_text, relative_text
from durable_async.client.schedules import ScheduleState
from durable_async.dsl.schedules import Overlap

__all__ = ["schedules"]

_schedule_argument: Final = click.argument("schedule_id", metavar="ID", type=text)


@click.group("schedules", cls=Commands)
def schedules() -> None:
    """Start orchestrators whenever it is time."""


@schedules.command("create")
@_schedule_argument
@click.argument("orchestrator", type=text, metavar="NAME|FILE_OR_MODULE:ORCHESTRATOR")
@argument_option
@click.option("--cron", metavar="EXPRESSION", help='When, as in "0 3 * * MON-FRI".')
@click.option(
    "--every", type=number_of_seconds, metavar="SECONDS", help="Or how often: 90, 15m, 2h, 1d."
)
@click.option(
    "--timezone", default="UTC", show_default=True, metavar="ZONE", help="Of --cron: an IANA name."
)
@click.option(
    "--overlap",
    type=click.Choice(["skip", "buffer_one", "allow", "cancel_old"]),
    default="skip",
    show_default=True,
    help="When the run before is live: leave it out, start it afterwards, start it too, or cancel "
    "that one first.",
)
@click.option(
    "--if-exists",
    type=click.Choice(["raise", "update"]),
    default="raise",
    show_default=True,
    help="If there is a schedule of this id: fail, or let it go on as this one.",
)
@common_options
def create(
    store: Store,
    reply: Reply,
    *,
    schedule_id: str,
    orchestrator: str,
    texts: tuple[str, ...],
    cron: str | None,
    every: float | None,
    timezone: str,
    overlap: str,
    if_exists: str,
) -> None:
    """Make a schedule. Every run gets the same arguments."""
    definition = load_orchestrator(orchestrator) if is_target(orchestrator) else named(orchestrator)
    with closing(call_of(definition, texts)) as call:
        try:
            state = store.tell(
                lambda client: client.schedules.create(
                    schedule_id,
                    call,
                    cron=cron,
                    every=every,
                    timezone=timezone,
                    overlap=cast(Overlap, overlap),
                    if_exists=cast(Literal["raise", "update"], if_exists),
                )
            )
        except ValueError as error:
            raise click.UsageError(in_words_of_commands(str(error))) from error
    _give(reply, state)


@schedules.command("list")
@common_options
def list_schedules(store: Store, reply: Reply) -> None:
    """List schedules, newest first."""

    async def read(client: Client) -> list[ScheduleState]:
        return [state async for state in client.schedules.list()]

    states = store.ask(read)
    reply.give(
        lambda: {"schedules": [fields_document(state) for state in states]},
        lambda: _list_page(states),
    )


@schedules.command("show")
@_schedule_argument
@common_options
def show(store: Store, reply: Reply, *, schedule_id: str) -> None:
    """Show when it is due, and what it has done."""
    _give(reply, store.ask(lambda client: client.schedules.get(schedule_id)))


@schedules.command("pause")
@_schedule_argument
@reason_option("For people; shown until it is resumed.")
@common_options
def pause(store: Store, reply: Reply, *, schedule_id: str, reason: str) -> None:
    """Start nothing until it is resumed. Times that come meanwhile are let go."""
    _tell(store, reply, schedule_id, lambda client: client.schedules.pause(schedule_id, reason))


@schedules.command("resume")
@_schedule_argument
@common_options
def resume(store: Store, reply: Reply, *, schedule_id: str) -> None:
    """Go on with the next time that comes."""
    _tell(store, reply, schedule_id, lambda client: client.schedules.resume(schedule_id))


@schedules.command("trigger")
@_schedule_argument
@common_options
def trigger(store: Store, reply: Reply, *, schedule_id: str) -> None:
    """Start a run now, and print its id."""
    run = store.ask(lambda client: client.schedules.trigger(schedule_id))
    reply.give(lambda: {"id": run.id, "schedule": schedule_id}, lambda: [Note(Cell(run.id))])


@schedules.command("backfill")
@_schedule_argument
@click.option("--from", "start", type=back, required=True, metavar="TIME", help="A time, or 2d.")
@click.option("--to", "end", type=back, metavar="TIME", help="Until now if not given.")
@common_options
def backfill(
    store: Store, reply: Reply, *, schedule_id: str, start: datetime, end: datetime | None
) -> None:
    """Start the runs that were due in a time, and print their ids. Those that exist stay."""
    until = datetime.now(UTC) if end is None else end
    try:
        runs = store.ask(lambda client: client.schedules.backfill(schedule_id, start, until))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    reply.give(
        lambda: {"schedule": schedule_id, "ids": [run.id for run in runs]},
        lambda: [Note(Cell("\n".join(run.id for run in runs) or "nothing was due"))],
    )


@schedules.command("delete")
@_schedule_argument
@common_options
def delete(store: Store, reply: Reply, *, schedule_id: str) -> None:
    """Forget it. Runs that are live go on."""
    store.ask(lambda client: client.schedules.delete(schedule_id))
    reply.give(
        lambda: {"id": schedule_id, "deleted": True},
        lambda: [Note(Cell(f"deleted schedule {schedule_id}"))],
    )


# ---- what they share -------------------------------------------------------------------------


def _tell(
    store: Store,
    reply: Reply,
    schedule_id: str,
    verb: Callable[[Client], Awaitable[None]],
) -> None:
    async def request(client: Client) -> ScheduleState:
        await verb(client)
        return await client.schedules.get(schedule_id)

    _give(reply, store.ask(request))


def _give(reply: Reply, state: ScheduleState) -> None:
    reply.give(lambda: fields_document(state), lambda: _page(state))


def _list_page(states: Sequence[ScheduleState]) -> list[Block]:
    if not states:
        return [Note(Cell("no schedules"))]
    columns = (
        Column("ID"),
        Column("ORCHESTRATOR"),
        Column("WHEN"),
        Column("NEXT", whole=True),
        Column("RUNS", whole=True, optional=True),
    )
    rows = [
        (
            Cell(state.id),
            Cell(state.name),
            Cell(_when(state)),
            Cell("paused", "warning")
            if state.paused
            else Cell(local_text(state.next_times[0]) if state.next_times else "never"),
            Cell(f"{state.runs:,}", "faint"),
        )
        for state in states
    ]
    return [Table(columns, rows)]


def _page(state: ScheduleState) -> list[Block]:
    return [Fields(Cell(state.id, "strong"), list(_rows(state)))]


def _rows(state: ScheduleState) -> Iterator[tuple[str, Cell]]:
    now = datetime.now(UTC)
    yield "orchestrator", Cell(state.name)
    yield "when", Cell(_when(state))
    yield "overlap", Cell(state.overlap)
    if state.paused:
        yield "paused", Cell(state.paused_because or "yes", "warning")
    if state.next_times:
        times = [
            f"{local_text(time)} ({relative_text(time, now=now)})" for time in state.next_times
        ]
        yield "next", Cell("\n".join(times))
    if state.running:
        yield "running", Cell("\n".join(state.running), "active")
    if state.last_id is not None:
        yield "newest run", Cell(state.last_id)
    yield "runs", Cell(f"{state.runs:,}")
    if state.skipped or state.missed:
        yield (
            "left out",
            Cell(f"{state.skipped:,} as a run was live, {state.missed:,} in downtimes"),
        )


def _when(state: ScheduleState) -> str:
    return (
        f"every {state.every:g} s" if state.every is not None else f"{state.cron} {state.timezone}"
    )
