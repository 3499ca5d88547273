"""Provisioning and its counterpart."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
import durable_async as da

from . import cloud, flow, naming, slug, unique_name
from .context import Stopwatch, give_up, leave_trace, tenant_scope, workdir
from .state import Quota, first_time, limit_of, local_usage, price, seats, use
from .tasks import create_database, create_user, drop_database, send_mail


async def undo(stack: contextlib.AsyncExitStack, name: str) -> None:
    stack.push_async_callback(drop_database, name)


async def all_regions(provider: str, regions: frozenset[str], name: str) -> list[str]:
    made = await asyncio.gather(*{cloud.cloud_for(provider, region).create(name) for region in regions})  # expect: DUR134
    for region in regions:  # expect: DUR134
        made.append(region)
    return made


@flow
async def provision_tenant(tenant: str, plan: str, provider: str) -> str:
    quota = Quota(plan)
    quota.raise_default()
    quota.override(tenant, limit_of(plan))
    quota.mark(tenant)
    if not first_time(tenant) or use(tenant, seats(plan)) > quota.limit:
        give_up("quota")
    with Stopwatch() as watch:
        name = await create_database(slug(tenant))
    async with contextlib.AsyncExitStack() as stack, tenant_scope(tenant) as scope:
        await undo(stack, name)
        await cloud.cloud_for(provider, "eu").create_all([unique_name(tenant), naming.derived_name(tenant)])
        send_mail(f"{tenant}@example", "welcome")  # expect: DUR133
        stack.pop_all()
    return f"{name} {scope} {watch.seconds} {price(plan, 12)} {local_usage([tenant])}"


@flow
async def provision_everywhere(tenant: str, regions: set[str]) -> list[str]:
    with contextlib.ExitStack() as stack, workdir(tenant) as folder:
        leave_trace(stack)
        cloud.helm(tenant)
        await cloud.terraform(folder)
    if cloud.channel("control:443"):
        user = create_user(tenant)
        other = create_user(tenant)  # expect: DUR133
        await user
    async for number in cloud.stream(3):
        await da.sleep(int(number))
    return await all_regions("generic", frozenset(regions), naming.short_name())


@flow
async def name_tenant(kind: str, client_id: str) -> str:
    if kind == "doc":
        return naming.document_id()
    if kind == "sortable":
        return naming.sortable_id() + str(naming.known_document(client_id))
    if kind == "host":
        return naming.hardware_suffix() + naming.password(4)
    generic = cloud.Generic("eu")
    return "".join(await generic.addresses())


@flow
async def explain_failure(error: str, session: aiohttp.ClientSession) -> str:  # expect: DUR152
    return await cloud.explain(error) if session else error


@flow
async def decommission(tenant: str) -> str:
    try:
        await drop_database(tenant)
    except:  # expect: DUR135
        return "left behind"
    try:
        await send_mail(tenant, "bye")
    except Exception:
        return "unsent"
    try:
        await asyncio.shield(send_mail(tenant, "survey"))
    except asyncio.CancelledError:
        await drop_database(f"{tenant}-survey")
        raise
    return "gone"


@flow
async def meter_usage(tenant: str) -> None:
    total = 0
    while True:  # expect: DUR151
        amount = await da.wait_for_event("usage", int)
        for step in range(amount):
            total += step
            if total > 1_000:
                break
        da.set_custom_status(total)
