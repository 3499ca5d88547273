"""The yearly statement; written by hand on top of generated steps."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict

import durable_async as da

from estate.gen.models_gen import M_0002_Meter, M_0004_Invoice, make_lease
from estate.gen.steps_gen import step_0004_read_meters, step_0006_send_invoice, step_0007_notify_owner
from estate.rt.values import V_DAY, V_RENT, V_SEED

MONTHS = range(1, 13)


def split_costs(total: int, tenants: list[str]) -> dict[str, int]:
    share, rest = divmod(total, len(tenants))
    return {tenant: share + (index < rest) for index, tenant in enumerate(tenants)}


def by_house(flats: list[str]) -> dict[str, list[str]]:
    houses: defaultdict[str, list[str]] = defaultdict(list)
    for flat in flats:
        houses[flat.partition("/")[0]].append(flat)
    return dict(houses)


async def statement(flat: str, tenants: list[str]) -> M_0004_Invoice:
    meter = M_0002_Meter(flat, await step_0004_read_meters(flat))
    lease = make_lease(f"L-{V_SEED(flat, 1000)}", flat)
    costs = split_costs(meter.total() + V_RENT("flat", 40), tenants)
    await asyncio.gather(*(step_0006_send_invoice(tenant, cents) for tenant, cents in costs.items()))
    return M_0004_Invoice(lease.lease, sum(costs.values()), tuple(costs))


@da.orchestrator
async def annual_statement(flats: list[str], tenants: dict[str, list[str]], owner: str) -> int:
    total = 0
    for house, members in sorted(by_house(flats).items()):
        async with asyncio.TaskGroup() as group:
            jobs = [group.create_task(statement(flat, tenants[flat])) for flat in members]
        total += sum(job.result().vat() for job in jobs)
        await step_0007_notify_owner(owner, f"{house} {V_DAY(da.info().started_at.timestamp())}")
    for month in itertools.islice(itertools.cycle(MONTHS), 3):
        await asyncio.sleep(month)
    return total
