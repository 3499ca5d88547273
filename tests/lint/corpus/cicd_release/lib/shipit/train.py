"""The release train: build, test, roll out ring by ring, roll back on alarms."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from dataclasses import dataclass

import durable_async as da
import structlog
from aiolimiter import AsyncLimiter

from shipit.stages import BuildFailed, build_image, deploy_ring, list_commits, post_status, run_suite
from shipit.utils import Stopwatch, build_stamp, changed_paths, changelog, describe_head, is_freeze, slugify
from shipit.utils.git import owners

logger = structlog.get_logger()
RINGS = ("canary", "eu", "us", "world")
SHARDS = 8
deploys = AsyncLimiter(4, 60)


@dataclass
class Release:
    component: str
    sha: str
    images: list[str]
    notes: str = ""


async def test_component(component: str) -> bool:
    results = await asyncio.gather(*{run_suite(component, shard, SHARDS) for shard in range(SHARDS)})
    return all(result["code"] == 0 for result in results)


async def announce(text: str) -> None:
    await post_status("#releases", text)


async def roll_out(release: Release) -> list[str]:
    finished: list[str] = []
    for ring in RINGS:
        async with deploys:  # expect: DUR132
            healthy = await deploy_ring(ring, release.images)
        # The deploy service answers False when an alarm fired during the bake time.
        if not healthy:
            announce(f"{release.component} stopped at {ring}")  # expect: DUR133
            break
        finished.append(ring)
        await asyncio.sleep(1800)
    return finished


@da.orchestrator
async def release_train(base: str, head: str, force: bool) -> dict[str, list[str]]:
    if is_freeze(da.now().date()) and not force:
        logger.info("frozen", head=head)  # expect: DUR143
        return {}
    stamp = build_stamp()
    paths = await changed_paths(base, head)
    components = {path.split("/")[0] for path in paths}
    version = describe_head("main")
    shipped: dict[str, list[str]] = {}
    for component in components:  # expect: DUR134
        with Stopwatch() as watch:
            try:
                image = await build_image(component, head, stamp)
            except BuildFailed:
                await asyncio.gather(*(post_status(f"@{name}", "build failed") for name in owners(component)))
                continue
        if await test_component(component):
            notes = changelog(await list_commits(base, head))
            shipped[slugify(component)] = await roll_out(Release(component, head, [image], notes))
        da.set_custom_status(f"{component} {version} {watch}")
    return shipped


@da.orchestrator
async def nightly_build(component: str, shas: list[str]) -> list[str]:
    host = os.uname()  # expect: DUR125
    images = []
    try:
        for sha in shas:
            images.append(await build_image(component, sha, build_stamp(da.now())))
    finally:
        if not images:
            return [f"nothing built on {host.machine}"]  # expect: DUR135
    sys.stdout.write(f"{len(images)} images\n")  # expect: DUR143
    return images


@da.orchestrator
async def train_loop(branch: str) -> None:
    for number in itertools.count(1):  # expect: DUR151
        head = await da.wait_for_event("merge", str)
        await release_train(branch, head, force=False)
        da.set_custom_status({"trains": number})


@da.orchestrator
async def train_loop_weekly(branch: str, number: int) -> None:
    heads: list[str] = []
    while True:
        heads.append(await da.wait_for_event("merge", str))
        if len(heads) >= 50:
            break
    await release_train(branch, heads[-1], force=False)
    da.continue_as_new(train_loop_weekly(branch, number + 1))
