"""`durable worker`. Invariant: told to stop, it gives back what it holds and ends with 0; killed,
another one goes on from the store.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import click

from durable_async.app import Client, Worker
from durable_async.cli.blocks import Block, Cell, Fields
from durable_async.cli.parameters import common_options, guard_option, number_of_seconds, text
from durable_async.cli.refusals import TargetError
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.cli.targets import load_given
from durable_async.dsl.registry import Registry
from durable_async.worker.guard import GuardMode
from durable_async.worker.settings import Settings

__all__ = ["worker"]

LEVELS: Final = ("debug", "info", "warning", "error")


@click.command("worker")
@click.argument("modules", nargs=-1, required=True, metavar="FILE_OR_MODULE...")
@click.option(
    "--queue",
    "queues",
    multiple=True,
    type=text,
    default=("default",),
    metavar="NAME",
    show_default=True,
    help="Whose activities it takes; repeatable.",
)
@click.option(
    "--max-activities",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many run here at the same time.",
)
@click.option(
    "--drain-timeout",
    type=number_of_seconds,
    metavar="SECONDS",
    default=30.0,
    show_default=True,
    help="Seconds that running activities may take when it stops.",
)
@guard_option
@click.option(
    "--log-level",
    type=click.Choice(LEVELS, case_sensitive=False),
    default="info",
    show_default=True,
    help="What is logged to standard error.",
)
@common_options
def worker(
    store: Store,
    reply: Reply,
    *,
    modules: tuple[str, ...],
    queues: tuple[str, ...],
    max_activities: int,
    drain_timeout: float,
    guard: GuardMode,
    log_level: str,
) -> None:
    """Run what modules define, until SIGINT or SIGTERM.

    That is every orchestrator, activity and entity in their globals. Told to stop, it claims
    nothing more, lets running activities end, and hands back what has not ended within
    --drain-timeout; a second signal hands it back at once. Run as many as you like on one store,
    and kill any of them at any time.

    FILE_OR_MODULE:NAME gives the worker one object of a module: an instance whose methods are
    activities, for one.
    """
    given = [load_given(module) for module in modules]
    registry = _checked(given)
    logging.basicConfig(
        level=log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    identity = Settings().identity

    def announce(namespace: str) -> None:
        # A reader that left has had enough of a worker's words, not of its work.
        with suppress(click.exceptions.Exit):
            reply.give(
                lambda: _document(identity, store.url, namespace, registry, queues),
                lambda: _page(identity, store.url, namespace, registry, queues),
            )

    async def work(client: Client) -> None:
        working = Worker(
            client,
            given,
            max_activities=max_activities,
            queues=queues,
            identity=identity,
            drain_timeout=drain_timeout,
            guard=guard,
        )
        # Said when `run` first waits, that is when it listens to signals: whoever reads it may stop
        # the worker at once.
        asyncio.get_running_loop().call_soon(announce, store.namespace_of(client))
        await working.run()

    store.work(work)


def _checked(given: Sequence[object]) -> Registry:
    """What a worker would have of these. Raises: TargetError if it would refuse them."""
    try:
        return Registry.of(given)
    except (TypeError, ValueError) as error:
        raise TargetError(str(error)) from error


def _document(
    identity: str, url: str, namespace: str, registry: Registry, queues: Sequence[str]
) -> dict[str, Any]:
    return {
        "identity": identity,
        "url": url,
        "namespace": namespace,
        "queues": sorted(set(queues)),
        "orchestrators": [
            {"name": name, "version": version} for name, version in _orchestrators(registry)
        ],
        "activities": sorted(registry.activity_names),
        "entities": sorted(registry.entity_names),
    }


def _page(
    identity: str, url: str, namespace: str, registry: Registry, queues: Sequence[str]
) -> Sequence[Block]:
    orchestrators = [
        name if version is None else f"{name} (version {version})"
        for name, version in _orchestrators(registry)
    ]
    rows = (
        ("store", url),
        ("namespace", namespace),
        ("queues", ", ".join(sorted(set(queues)))),
        ("orchestrators", ", ".join(orchestrators) or "none"),
        ("activities", ", ".join(sorted(registry.activity_names)) or "none"),
        ("entities", ", ".join(sorted(registry.entity_names)) or "none"),
    )
    title = Cell(f"worker {identity}", "strong")
    return [Fields(title, [(name, Cell(text)) for name, text in rows])]


def _orchestrators(registry: Registry) -> list[tuple[str, str | None]]:
    return sorted(registry.definitions, key=lambda key: (key[0], key[1] or ""))
