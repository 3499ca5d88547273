"""What the release flows need to know about the repository."""

from __future__ import annotations

import asyncio
import os
import subprocess
from functools import cache
from pathlib import Path

MONOREPO = Path("/srv/monorepo")


@cache  # expect: DUR141
def describe_head(branch: str) -> str:
    answer = subprocess.run(  # expect: DUR123
        ["git", "describe", "--tags", branch],
        cwd=MONOREPO,
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.strip()


async def changed_paths(base: str, head: str) -> set[str]:
    process = await asyncio.create_subprocess_exec(  # expect: DUR123
        "git", "diff", "--name-only", f"{base}..{head}", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return {line for line in output.decode().splitlines() if line}


def short_sha(sha: str) -> str:
    return sha[:10]


def owners(path: str) -> list[str]:
    """Walks upwards to the next OWNERS file."""
    folder = Path(os.path.dirname(path))
    while folder != folder.parent:
        candidate = MONOREPO / folder / "OWNERS"
        if candidate.is_file():  # expect: DUR122
            return candidate.read_text().split()  # expect: DUR122
        folder = folder.parent
    return []


def clone(target: Path) -> None:
    if os.path.exists(target):
        subprocess.check_call(["git", "-C", str(target), "pull"])
    else:
        os.makedirs(target)
        subprocess.check_call(["git", "clone", str(MONOREPO), str(target)])
