"""Fan out, fan in: many activities at once, and one result of them all.

`asyncio.TaskGroup` means here what it means everywhere: if one task fails, the others are
cancelled. `asyncio.Semaphore` bounds how many run at once. Both are durable: what is done when the
process dies is not done again.
"""

import asyncio
import os
from pathlib import Path

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.activity
def find_files(folder: str) -> list[str]:
    """The Python files of a folder, in order of name. A plain `def` runs in a thread."""
    return sorted(str(path) for path in Path(folder).glob("*.py"))


@da.activity
def count_lines(path: str) -> int:
    return len(Path(path).read_text().splitlines())


@da.orchestrator
async def measure(folder: str, at_once: int = 8) -> dict[str, int]:
    """How many lines each file of a folder has, by path."""
    free = asyncio.Semaphore(at_once)

    async def count(path: str) -> int:
        async with free:
            return await count_lines(path)

    async with asyncio.TaskGroup() as group:
        tasks = {path: group.create_task(count(path)) for path in await find_files(folder)}
    return {path: task.result() for path, task in tasks.items()}


async def main() -> None:
    async with (
        da.Client(URL) as client,
        da.Worker(client, [measure, find_files, count_lines]),
    ):
        handle = await client.start(measure(str(Path(__file__).parent)))
        lines = await handle.result()
        for path, count in lines.items():
            print(f"{count:5} {Path(path).name}")
        print(f"{sum(lines.values()):5} in all")


if __name__ == "__main__":
    asyncio.run(main())
