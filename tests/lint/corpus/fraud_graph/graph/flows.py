import asyncio
import logging

from durable_async import info, is_replaying, orchestrator, uuid4

from .nodes import Device, pairs
from .store import Buffer, CaseStore, freeze, report_object, score_cache
from .walk import Collector, batches, breadth_first, build

logger = logging.getLogger(__name__)
_THRESHOLD = 0.7


@orchestrator
async def investigate(case_id: str, accounts: list[str]) -> list[str]:
    if CaseStore("sqlite:///cases.db").known(case_id):
        return []
    index = await build(accounts)
    collector = Collector()
    for start in index:
        breadth_first(start, collector)
        breadth_first(start, collector.everywhere, stable=False)
    shards = [node.shard() + node.bucket() for node in index if isinstance(node, Device)]
    logger.info("shards %s of %s", shards, info().instance_id)
    risky = {node.key for node in index if node.risk() > _THRESHOLD}
    async with asyncio.TaskGroup() as group:
        tasks = {group.create_task(freeze(key)) for key in sorted(risky)}
    done = [task.result() for task in tasks]
    if not is_replaying():
        logger.info("frozen %d", len(done))
    return done + [f"{uuid4()}"] + list(pairs(index))


@orchestrator
async def rescore(accounts: list[str]) -> int:
    index = await build(accounts)
    total = 0
    async for batch in batches(index, 50):
        cached = [await score_cache(node.key) for node in batch]
        keys = {node.key for node in batch}
        total += sum(len(value or "") for value in cached) + len(keys)
        first = next(iter(keys))  # expect: DUR134
        while keys:
            await freeze(keys.pop())  # expect: DUR134
        await freeze(first)
    buffer = Buffer(str(n) for n in range(total))
    return buffer.size() + len(report_object("daily"))
