"""`durable replay`. Invariant: it changes nothing, runs nothing but the orchestrator, and is as
strict as `testing.replay`.
"""

from __future__ import annotations

import asyncio
from typing import Any

import click

from durable_async.app import Client
from durable_async.cli.blocks import Block, Cell, Fields, Note
from durable_async.cli.checks import Checked, Code, check_one, load_code
from durable_async.cli.commands.check import difference_rows
from durable_async.cli.parameters import common_options, instance_argument
from durable_async.cli.refusals import CommandError
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store

__all__ = ["replay"]


@click.command("replay")
@instance_argument
@click.argument("modules", nargs=-1, required=True, metavar="FILE_OR_MODULE...")
@common_options
def replay(store: Store, reply: Reply, *, instance_id: str, modules: tuple[str, ...]) -> int:
    """Say whether one instance, live or ended, fits this code.

    Its history is replayed by what these modules define; other arguments, and other times, than
    were recorded are differences, too. Nothing is run or stored. Ends with 1 if it does not fit.
    """
    trials = load_code(Code(store=store, targets=modules))

    async def question(client: Client) -> Checked:
        record = await client.connection.record(instance_id)
        history = await client.connection.history(instance_id)
        return await asyncio.to_thread(check_one, record, history, trials, strict=True)

    found = store.ask(question)
    if found.verdict in ("undefined", "unreadable"):
        unknown = found.verdict == "undefined"
        kind = "NotRegisteredError" if unknown else "SerializationError"
        raise CommandError(_why_not(found), kind=kind)
    reply.give(lambda: _document(found), lambda: _page(found))
    return int(found.verdict == "blocks")


def _why_not(found: Checked) -> str:
    if found.verdict == "unreadable":
        return f"instance {found.instance_id!r} cannot be replayed here: {found.why}"
    version = "" if found.version is None else f" version {found.version!r}"
    return (
        f"instance {found.instance_id!r} is a run of orchestrator {found.name!r}{version}, which "
        "none of these modules defines. Name the one that does"
    )


def _document(found: Checked) -> dict[str, Any]:
    blocked = found.blocked
    return {
        "id": found.instance_id,
        "fits": blocked is None,
        "reason": None if blocked is None else blocked.reason,
        "recorded": None if blocked is None else blocked.recorded,
        "asked": None if blocked is None else blocked.asked,
        "line": None if blocked is None else blocked.line,
        "message": None if blocked is None else blocked.message,
    }


def _page(found: Checked) -> list[Block]:
    if found.blocked is None:
        return [Note(Cell(f"{found.instance_id} fits this code", "good"))]
    title = Cell(f"{found.instance_id} does not fit this code", "bad")
    return [Fields(title, difference_rows(found.blocked))]
