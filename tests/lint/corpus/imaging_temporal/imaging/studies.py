from __future__ import annotations

import asyncio
import datetime as dt
import os
import time
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from imaging.activities import anonymise, page, store
    from imaging.routing import (
        Radiologist,
        chooser,
        guarded,
        instance_uid,
        prior_studies,
        shard,
        site,
        skill_count,
        skills_of,
    )

QUICK = {"start_to_close_timeout": dt.timedelta(seconds=30)}
EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)


class Audited:
    """Workflows that keep a trail of what they did, for the regulator."""

    def __init__(self) -> None:
        self.trail: list[tuple[float, str]] = []

    def note(self, text: str) -> None:
        self.trail.append((time.time(), text))  # expect: DUR101

    def note_durably(self, text: str) -> None:
        self.trail.append((workflow.time(), text))

    async def finish(self) -> None:
        self.note_durably("finish")


@workflow.defn
class RouteStudy(Audited):
    def __init__(self) -> None:
        super().__init__()
        self.urgent = asyncio.Event()
        self.read_by: str | None = None

    async def finish(self) -> None:
        await super().finish()
        self.note("finished")

    @workflow.run
    async def run(self, study: str, people: list[str], kind: str) -> dict[str, Any]:
        readers = [Radiologist(name, frozenset({"ct", "mr"})) for name in people]
        choose = chooser(kind, readers)
        uid = instance_uid(study)
        await workflow.execute_activity(anonymise, uid, **QUICK)
        reader = choose()
        async with asyncio.TaskGroup() as group:
            stored = group.create_task(workflow.execute_activity(store, uid, **QUICK))
            group.create_task(self._hurry(reader.name))
        priors = await guarded(lambda: shard(uid))
        others = await prior_studies(study)
        workflow.execute_local_activity(page, reader.name, **QUICK)  # expect: DUR133
        await self.finish()
        if os.environ.get("SITE_AUDIT"):  # expect: DUR124
            self.note_durably(site())
        return {
            "id": stored.result(),
            "priors": priors,
            "others": others,
            "skills": skills_of(readers),
            "count": skill_count(readers),
            "age": (workflow.now() - EPOCH).days,
        }

    async def _hurry(self, name: str) -> None:
        try:
            await asyncio.wait_for(self.urgent.wait(), timeout=600)
        except asyncio.TimeoutError:
            return
        await workflow.execute_activity(page, name, **QUICK)

    @workflow.signal(name="urgent")
    async def mark_urgent(self) -> None:
        self.urgent.set()

    @workflow.query
    def progress(self) -> int:
        return len(self.trail)


@workflow.defn
class SweepStudies:
    @workflow.run
    async def run(self, site_name: str) -> None:
        while True:  # expect: DUR151
            try:
                await workflow.execute_activity(page, site_name, **QUICK)
                await workflow.wait_condition(lambda: False, timeout=dt.timedelta(hours=1))
            except asyncio.TimeoutError:
                continue
            except BaseException:  # expect: DUR135
                workflow.logger.exception("sweep")
