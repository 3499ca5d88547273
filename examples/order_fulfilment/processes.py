"""The processes that the demo starts: the payment service and the worker.

Invariant: none of them outlives the demo, however the demo ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent


async def start_process(
    script: str, *arguments: str, log: Path, read_output: bool = False
) -> asyncio.subprocess.Process:
    """Run a script of this folder with `--attached`; what it writes is added to the log.

    read_output: its standard output is to be read from the process instead.
    """
    with log.open("ab") as file:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / script),
            *arguments,
            "--attached",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if read_output else file,
            stderr=file,
            # Ctrl-C goes to the demo alone, which then stops the others in order.
            start_new_session=True,
        )


async def stop_process(process: asyncio.subprocess.Process, patience: float = 10) -> None:
    """Ask the process to end, and make it end after some patience (seconds)."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(patience):
            await process.wait()
    except TimeoutError:
        await kill_process(process)


async def kill_process(process: asyncio.subprocess.Process) -> None:
    """Take the process away at once: it learns nothing of it, and cleans up nothing."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def end_with_parent() -> None:
    """Let this process be terminated when its standard input closes.

    The pipe's other end closes with the parent, even if the parent is killed with -9.
    """
    threading.Thread(target=_wait_for_end_of_input, name="lifeline", daemon=True).start()


def _wait_for_end_of_input() -> None:
    # Not sys.stdin: a thread that waits inside it blocks the interpreter's own shutdown.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
