from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ChildWorkflowError

with workflow.unsafe.imports_passed_through():
    from .. import gateway
    from ..domain import readings as r
    from .base import Base


@dataclass
class CollectInput:
    meters: set[str]
    since: int
    width: int = 50
    failed: list[str] = field(default_factory=list)


@workflow.defn
class MeterWorkflow(Base):
    """One meter, one quarter of a day at a time, until it is taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.removed = False
        self._lock = asyncio.Lock()

    @workflow.signal
    async def remove(self) -> None:
        async with self._lock:
            self.removed = True

    @workflow.run
    async def run(self, meter: str, since: int) -> None:
        series = r.Series(meter)
        for _ in range(48):
            async with self._lock:
                series.add(await self.step(gateway.Headend.read, meter, since))
            if r.age(series) > timedelta(days=2):
                await self.step(gateway.dispatch_technician, meter, "silent for two days")
            if series.gaps():
                series.fill()
            if len(series):
                await self.step(gateway.Headend.store, series[-96:])
                since = int(r.latest(series).timestamp())
            try:
                await workflow.wait_condition(lambda: self.removed, timeout=timedelta(hours=6))
                return
            except TimeoutError:
                continue
        workflow.continue_as_new(args=[meter, since])


@workflow.defn
class CollectWorkflow(Base):
    @workflow.run
    async def run(self, order: CollectInput) -> str:
        children = []
        for meter in order.meters:  # expect: DUR134
            child = await workflow.start_child_workflow(MeterWorkflow.run, args=[meter, order.since], id=f"meter-{meter}")
            children.append(child)
        results = await asyncio.gather(*children, return_exceptions=True)
        for meter, result in zip(sorted(order.meters), results):
            if isinstance(result, ChildWorkflowError):
                order.failed.append(meter)
        try:
            async with asyncio.timeout(3600):
                for meter in order.failed:
                    await self.step(gateway.dispatch_technician, meter, "workflow failed")
        except (ActivityError, asyncio.CancelledError):  # expect: DUR135
            workflow.logger.error("gave up on %d meters", len(order.failed))
        asyncio.sleep(60)  # expect: DUR133
        return self.describe()
