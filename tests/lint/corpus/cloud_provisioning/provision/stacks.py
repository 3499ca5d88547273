"""Creates, resizes and tears down stacks of machines."""

from __future__ import annotations

import asyncio
import multiprocessing
from contextlib import AsyncExitStack
from typing import Any

import durable_async as da

from provision.naming import friendly_name, node_id, resolves, stack_slug, subnet_for
from provision.providers import Provider, provider_for

log = da.get_logger(__name__)
PARALLEL = max(2, multiprocessing.cpu_count() // 2)


@da.orchestrator
async def create_stack(team: str, project: str, cloud: str, region: str, sizes: list[str]) -> dict[str, Any]:
    stack = stack_slug(team, project)
    provider = provider_for(cloud, region)
    if not provider.quota():
        raise RuntimeError(f"no quota left in {region}")
    created: list[str] = []
    async with AsyncExitStack() as rollback:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(provider.create(stack, size, n)) for n, size in enumerate(sizes)]
        for task in tasks:
            created.append(task.result())
            rollback.push_async_callback(provider.destroy, task.result())
        await provider.settle(30)
        rollback.pop_all()
    host = f"{friendly_name(stack, 0)}.{region}.example.net"
    # DNS of new machines takes a few minutes.
    attempts = 0
    while not resolves(host) and attempts < 10:
        attempts += 1
        await asyncio.sleep(30)
    log.info("stack %s ready", stack)
    return {"stack": stack, "nodes": created, "subnet": subnet_for(len(created)), "tags": provider.tags(stack)}


@da.orchestrator
async def destroy_stack(cloud: str, region: str, nodes: set[str]) -> int:
    provider = provider_for(cloud, region)
    for node in nodes:  # expect: DUR134
        await provider.destroy(node)
    workers = multiprocessing.cpu_count()  # expect: DUR125
    log.info("destroyed %d nodes, %d at a time", len(nodes), workers)
    return sum(1 for _ in nodes)


@da.orchestrator
async def resize_stack(cloud: str, region: str, stack: str, deltas: dict[str, int]) -> list[str]:
    provider = provider_for(cloud, region)
    grown: list[str] = []
    limiter = asyncio.Semaphore(4)

    async def grow(size: str, index: int) -> None:
        async with limiter:
            grown.append(await provider.create(stack, size, index))

    try:
        await asyncio.gather(*(grow(size, n) for size, n in deltas.items()))
    except:  # expect: DUR135
        log.warning("resize of %s stopped early at %s", stack, node_id())
    return grown


@da.orchestrator
async def keep_warm(cloud: str, region: str, pool: str) -> None:
    provider: Provider = provider_for(cloud, region)
    index = 0
    while True:  # expect: DUR151
        await provider.settle(3600)
        index += 1
        da.set_custom_status({"pool": pool, "round": index})


def make_environment_flow(environment: str):
    @da.orchestrator(name=f"provision-{environment}")
    async def provision_environment(team: str, project: str) -> dict[str, Any]:  # expect: DUR152
        return await create_stack(team, project, "aws", "eu-west-1", ["small"])

    return provision_environment
