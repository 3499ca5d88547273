"""Fan out over a directory tree: copy every file, all at once, and count the bytes.

Real files, so what must be safe to repeat is: a copy goes to a name of its own first, and takes
its place in one step. A backup that is killed goes on with the files that are missing.
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.activity
def list_files(folder: Path) -> list[Path]:
    """Every file below `folder`, relative to it. A plain `def`: it runs in a thread."""
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


@da.activity(retry=da.RetryPolicy(max_attempts=3))
def copy_file(source: Path, target: Path) -> int:
    """Copy one file; its size in bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    shutil.copyfile(source, unfinished)
    unfinished.replace(target)
    return target.stat().st_size


@da.orchestrator
async def back_up(folder: Path, target: Path) -> int:
    """Copy all files of a folder, and of those below it; how many bytes that were."""
    files = await list_files(folder)
    sizes = await asyncio.gather(*[copy_file(folder / file, target / file) for file in files])
    return sum(sizes)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder, "photos"), Path(folder, "backup")
        for year in (2024, 2025):
            (here / str(year)).mkdir(parents=True)
            for number in range(20):
                (here / str(year) / f"{number:02}.jpg").write_bytes(b"x" * 1_000)
        async with (
            da.Client(URL) as client,
            da.Worker(client, [back_up, list_files, copy_file]),
        ):
            handle = await client.start(back_up(here, there))
            print(f"{await handle.result():,} bytes copied")
        print(sum(1 for path in there.rglob("*.jpg")), "files in the backup")


if __name__ == "__main__":
    asyncio.run(main())
