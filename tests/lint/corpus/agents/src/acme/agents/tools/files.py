"""The agent's notes."""

import os
import shutil
from pathlib import Path, PurePath

import durable_async as da

ROOT = Path("/srv/notes")


def safe_name(name: str) -> str:
    return PurePath(name).name.replace(os.sep, "_")


async def read_note(name: str, *, tail: int | None = None) -> str:
    path = ROOT / safe_name(name)
    if tail is None:
        return await load_note(str(path))
    lines = path.read_text().splitlines()  # expect: DUR122
    return "\n".join(lines[-tail:])


@da.activity
def load_note(path: str) -> str:
    return Path(path).read_text()


@da.activity
def archive_notes(day: str) -> int:
    target = ROOT / "archive" / day
    target.mkdir(parents=True, exist_ok=True)
    moved = 0
    for note in set(ROOT.glob("*.md")):
        shutil.move(note, target)
        moved += 1
    return moved
