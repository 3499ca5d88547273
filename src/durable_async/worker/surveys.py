"""Looks for instances that no definition here can run. Invariant: it reads one page now and then,
and changes nothing: another worker may well have what this one lacks.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

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


async def survey(connection: Connection, registry: Registry, notices: Notices) -> None:
    """Look again and again; what is found missing twice in a row is told."""
    before: frozenset[str] = frozenset()
    pause = FIRST_SURVEY
    while True:
        try:
            page = await connection.page(_NEVER_RUN)
        except StoreError as error:
            _logger.warning("cannot look for instances that wait for a definition: %s", error)
        else:
            missing = missing_in(page.records, registry)
            for record in missing:
                if record.execution_id in before:
                    notices.missing_orchestrator(record.instance_id, record.name, record.version)
            before = frozenset(record.execution_id for record in missing)
        await asyncio.sleep(pause)
        pause = SURVEY_INTERVAL


def missing_in(
    records: tuple[InstanceRecord, ...], registry: Registry
) -> tuple[InstanceRecord, ...]:
    """Those whose orchestrator is not here. A worker without any runs activities alone."""
    if not registry.definitions:
        return ()
    return tuple(
        record for record in records if registry.orchestrator(record.name, record.version) is None
    )
