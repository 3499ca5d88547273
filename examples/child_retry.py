"""Children: an orchestrator that awaits others, each an instance of its own, and tries them again.

A child is awaited like any coroutine. With a retry policy each attempt is a new child, named after
the first one: `build-linux`, `build-linux~2`, ...; all of them can be looked at afterwards.
"""

import asyncio
import os
import random

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


class FlakyMachineError(Exception):
    """The build machine went away."""


@da.activity
async def compile_for(system: str, commit: str) -> str:
    if random.random() < 0.5:
        raise FlakyMachineError(f"the {system} machine is gone")
    return f"{commit}-{system}.tar.gz"


@da.activity
async def upload(package: str) -> str:
    return f"https://downloads.example/{package}"


@da.orchestrator
async def build(system: str, commit: str) -> str:
    """Build for one system. A failure of any step is a failure of the whole child."""
    package = await compile_for(system, commit)
    await asyncio.sleep(0.01)  # the signing machine is slow
    return await upload(package)


@da.orchestrator
async def release(commit: str, systems: list[str]) -> dict[str, str]:
    """Build for all systems at once; a build that fails is made again from its start."""
    policy = da.RetryPolicy(max_attempts=20, initial_interval=0.01)
    async with asyncio.TaskGroup() as group:
        tasks = {
            system: group.create_task(
                build.options(id=f"{commit}-{system}", retry=policy)(system, commit)
            )
            for system in systems
        }
    return {system: task.result() for system, task in tasks.items()}


async def main() -> None:
    functions = [release, build, compile_for, upload]
    async with da.Client(URL) as client, da.Worker(client, functions):
        handle = await client.start(release("c0ffee", ["linux", "macos", "windows"]))
        for system, url in (await handle.result()).items():
            print(f"{system}: {url}")
        async for attempt in client.list(name="build"):
            print(f"{attempt.id}: {attempt.status}")


if __name__ == "__main__":
    asyncio.run(main())
