"""Commands and questions, for agents that run on an engineer's machine."""

import os
import shlex
import subprocess
from typing import Any

import durable_async as da

ALLOWED = ("git", "make", "pytest")


def allowed(command: str) -> bool:
    words = shlex.split(command)
    return bool(words) and os.path.basename(words[0]) in ALLOWED


async def run_command(command: str, *, local: bool = False) -> dict[str, Any]:
    if not allowed(command):
        return {"error": f"only {', '.join(ALLOWED)}"}
    if local:
        return {"exit": os.system(command), "cwd": os.curdir}  # expect: DUR123
    return await run_remotely(command)


async def ask_engineer(question: str, remote: bool = True) -> str:
    if remote:
        return await da.wait_for_event("engineer-answer", str)
    return input(f"{question} ")  # expect: DUR102


@da.activity(timeout=900)
def run_remotely(command: str) -> dict[str, Any]:
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, env={**os.environ, "CI": "1"})
    return {"exit": done.returncode, "out": done.stdout[-4_000:], "err": done.stderr[-4_000:]}


def confirm(question: str) -> bool:
    """Of the local command line."""
    return input(f"{question} [y/n] ").lower().startswith("y")
