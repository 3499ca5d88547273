"""`durable run`. Invariant: interrupted or killed and run again, it goes on where it was; what had
completed is not done again.
"""

from __future__ import annotations

import logging
import sys
from contextlib import closing
from typing import Any

import click

from durable_async.app import default_id
from durable_async.app import run as run_durably
from durable_async.cli.blocks import Cell, Note
from durable_async.cli.calls import call_of, plain_result
from durable_async.cli.pages import headline, value_text
from durable_async.cli.parameters import argument_option, common_options, guard_option, valid_id
from durable_async.cli.refusals import CommandError
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.cli.targets import load_orchestrator
from durable_async.convert.failures import failure_of
from durable_async.convert.values import Converter
from durable_async.dsl.calls import OrchestratorCall
from durable_async.worker.guard import GuardMode

__all__ = ["run"]


@click.command("run")
@click.argument("target", metavar="FILE_OR_MODULE:ORCHESTRATOR")
@argument_option
@click.option(
    "--id", "id_", type=valid_id, metavar="ID", help="By default made of name and arguments."
)
@guard_option
@common_options
def run(
    store: Store,
    reply: Reply,
    *,
    target: str,
    texts: tuple[str, ...],
    id_: str | None,
    guard: GuardMode,
) -> None:
    """Run one orchestrator to its end, and print its result.

    If it was interrupted or killed before, it goes on where it was. On a terminal each step is a
    line. Without --id, an instance that has ended begins anew; with one, its recorded outcome is
    given again.
    """
    definition = load_orchestrator(target)
    store.check()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    # Closed, so that a call which was never started is not complained of on top of the reason.
    with closing(call_of(definition, texts)) as call:
        instance_id = id_ or default_id(call, Converter())
        output = plain_result(definition, _outcome(call, store, id_, guard))
    reply.give(
        lambda: {"id": instance_id, "output": output},
        lambda: [Note(Cell(value_text(output, limit=sys.maxsize)))],
    )


def _outcome(call: OrchestratorCall[Any], store: Store, id_: str | None, guard: GuardMode) -> Any:
    """Raises: CommandError if the orchestrator failed, else what `durable_async.run` raises."""
    try:
        return run_durably(
            call,
            url=store.url,
            namespace=store.namespace,
            id=id_,
            codec=store.codec(),
            guard=guard,
        )
    except BaseException as error:
        failure = failure_of(error)
        if failure is None:
            raise
        raise CommandError(
            f"{call.orchestrator.name} failed: {headline(failure)}",
            kind=failure.type_name,
            failure=failure,
        ) from error
