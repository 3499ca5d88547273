"""Looks for instances that cannot go on here. Invariant: it reads a few pages now and then, and
changes nothing: another worker may well have what this one lacks.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import attrs

from durable_async.dsl.registry import Registry
from durable_async.errors import StoreError
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import InstanceQuery, InstanceRecord
from durable_async.ports import Connection
from durable_async.worker.limits import FIRST_SURVEY, SURVEY_INTERVAL
from durable_async.worker.notices import Notices

__all__ = ["missing_in", "survey"]

_logger: Final = logging.getLogger("durable_async.worker")

_NEVER_RUN: Final = InstanceQuery(status=frozenset((RuntimeStatus.PENDING,)))
_BEGUN: Final = InstanceQuery(status=frozenset((RuntimeStatus.RUNNING,)))
_BLOCKED: Final = InstanceQuery(status=frozenset((RuntimeStatus.BLOCKED,)))


async def survey(connection: Connection, registry: Registry, notices: Notices) -> None:
    """Look again and again; what nobody runs is told."""
    begun = _BEGUN
    pause = FIRST_SURVEY
    while True:
        await asyncio.sleep(pause)
        pause = SURVEY_INTERVAL
        try:
            never_run = await connection.page(_NEVER_RUN)
            blocked = await connection.page(_BLOCKED)
            page = await connection.page(begun)
        except StoreError as error:
            _logger.warning("cannot look for instances that wait for a definition: %s", error)
            continue
        # Those that have begun may be many, and all is well with most: a page each time.
        begun = attrs.evolve(_BEGUN, after=page.next)
        for record in missing_in(never_run.records + page.records, registry):
            notices.not_here(record.instance_id, record.name, record.version)
        for record in blocked.records:
            notices.blocked(record.instance_id, record.execution_id, record.blocked or "")


def missing_in(
    records: tuple[InstanceRecord, ...], registry: Registry
) -> tuple[InstanceRecord, ...]:
    """Those whose orchestrator is not here, nor with another worker that is alive. A worker without
    any runs activities alone."""
    if not registry.definitions:
        return ()
    return tuple(
        record
        for record in records
        if not record.offered and registry.orchestrator(record.name, record.version) is None
    )
