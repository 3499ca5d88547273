"""The commands. Invariant: each is known here, and in the order in which one meets them."""

from __future__ import annotations

from typing import Final

import click

from durable_async.cli.commands.messages import raise_event, terminate
from durable_async.cli.commands.questions import history, list_instances, show, stack
from durable_async.cli.commands.run import run
from durable_async.cli.commands.start import start
from durable_async.cli.commands.worker import worker

__all__ = ["COMMANDS"]

COMMANDS: Final[tuple[click.Command, ...]] = (
    run,
    worker,
    start,
    list_instances,
    show,
    history,
    stack,
    raise_event,
    terminate,
)
