from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from .. import gateway
    from ..domain.readings import Reading, Series, meters
    from ..domain.tariffs import tariff
    from .base import Base


def logged(fn: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    @functools.wraps(fn)
    async def wrapper(*args: object) -> str:
        print(f"-> {fn.__name__}")  # expect: DUR143
        return await fn(*args)

    return wrapper


@workflow.defn
class BillingWorkflow(Base):
    """The month's invoice of one customer, who may have several meters."""

    @workflow.run
    async def run(self, customer: str, month: str, plan: str, numbers: list[str]) -> list[str]:
        began = workflow.now()
        batches = await asyncio.gather(*[self.step(gateway.Headend.read, n, 0) for n in numbers])
        readings: list[Reading] = [reading for batch in batches for reading in batch]
        silent = set(numbers) - meters(readings)
        if silent:
            for number in sorted(silent):
                await self.step(gateway.dispatch_technician, number, f"no readings for {month}")
            await asyncio.sleep(timedelta(days=3).total_seconds())

        invoices = []
        for number in numbers:
            series = Series(number)
            series.add([reading for reading in readings if reading.meter == number])
            if series.gaps():
                workflow.logger.info("%s: filled %d", number, series.fill())
            invoices.append(await self._bill(customer, month, plan, series))
        workflow.logger.info("billing took %s", workflow.now() - began)
        return invoices

    @logged
    async def _bill(self, customer: str, month: str, plan: str, series: Series) -> str:
        euros = tariff(plan).monthly(series)
        return await self.step(gateway.invoice, customer, month, str(euros))
