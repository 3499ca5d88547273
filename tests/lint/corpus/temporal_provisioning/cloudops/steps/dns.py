"""Names of what was made."""

import asyncio
from datetime import timedelta
from typing import Any

import aiodns
from aiolimiter import AsyncLimiter
from temporalio import workflow

from cloudops import naming
from cloudops.activities import write_record
from cloudops.settings import dns_zone

RATE = 5


async def publish(tenant: str, spec: dict[str, Any]) -> dict[str, str]:
    zone = spec.get("zone") or dns_zone()
    wanted = {f"{host}.{zone}": address for host, address in spec["hosts"].items()}
    limiter = AsyncLimiter(RATE)
    for name in naming.changed(spec.get("before", {}), wanted):
        async with limiter:  # expect: DUR132
            await workflow.execute_activity(
                write_record, args=[name, wanted[name]], start_to_close_timeout=timedelta(seconds=20)
            )
    gateway = naming.resolve(f"gateway.{zone}")
    wanted[f"{tenant}.{zone}"] = gateway
    try:
        await asyncio.wait_for(workflow.wait_condition(lambda: bool(wanted)), 5)
    except TimeoutError:
        workflow.logger.info("still no records for %s", tenant)
    return wanted


async def lookup(name: str) -> list[str]:
    """The smoke test's."""
    answers = await aiodns.DNSResolver().query(name, "A")
    return [answer.host for answer in answers]
