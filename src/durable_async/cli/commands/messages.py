"""`durable raise` and `ask`. Invariant: when the command ends with 0, what it sent is durable, and
what it prints was answered.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from durable_async.cli.blocks import Cell, Note
from durable_async.cli.pages import value_text
from durable_async.cli.parameters import (
    common_options,
    instance_argument,
    json_text_of,
    number_of_seconds,
    text,
)
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.convert.jsonform import from_json

__all__ = ["ask", "raise_event"]


@click.command("raise", context_settings={"ignore_unknown_options": True})  # "-1" is data
@instance_argument
@click.argument("event", type=text)
@click.argument("data", type=json_text_of, default=None, metavar="[JSON]")
@click.option("--data", "named", type=json_text_of, metavar="JSON", help="The same, by name.")
@click.option(
    "--key",
    type=text,
    metavar="KEY",
    help="The same key is delivered once, however often it is sent.",
)
@common_options
def raise_event(
    store: Store,
    reply: Reply,
    *,
    instance_id: str,
    event: str,
    data: str | None,
    named: str | None,
    key: str | None,
) -> None:
    """Send it an external event.

    The event is kept until the instance waits for it. What comes with it is JSON, @FILE or - for
    standard input; null if not given.
    """
    if data is not None and named is not None:
        raise click.UsageError(f"the data is given twice, as {data} and as --data {named}")
    text_of_data = data if data is not None else named if named is not None else "null"
    value = from_json(text_of_data.encode())
    store.ask(lambda client: client.handle(instance_id).raise_event(event, value, key=key))
    reply.give(
        lambda: {"id": instance_id, "event": event, "data": value, "key": key},
        lambda: [Note(Cell(f"raised {json.dumps(event)} to {instance_id}"))],
    )


@click.command("ask", context_settings={"ignore_unknown_options": True})  # "-1" is data
@instance_argument
@click.argument("request", type=text)
@click.argument("data", type=json_text_of, default="null", metavar="[JSON]")
@click.option(
    "--timeout",
    type=number_of_seconds,
    metavar="SECONDS",
    help="How long to wait for the answer; without it, as long as it takes.",
)
@common_options
def ask(
    store: Store,
    reply: Reply,
    *,
    instance_id: str,
    request: str,
    data: str,
    timeout: float | None,
) -> None:
    """Ask it something, and print its answer.

    The answer is what its loop over da.requests(REQUEST) replies. What comes with the question is
    JSON, @FILE or - for standard input; null if not given. A question that is given up, by
    --timeout or Ctrl-C, stays asked.
    """
    value = from_json(data.encode())
    answer: Any = store.ask(
        lambda client: client.handle(instance_id).ask(request, value, timeout=timeout)
    )
    reply.give(
        lambda: {"id": instance_id, "request": request, "data": value, "answer": answer},
        lambda: [Note(Cell(value_text(answer, limit=sys.maxsize)))],
    )
