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
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent


class ProcessError(Exception):
    """A process that is needed has ended, or did not begin."""


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


class WorkerProcess:
    """The worker, which is one process after another."""

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        self._arguments = arguments
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.label = "no worker"

    async def start(self) -> None:
        self._process = await start_process("worker.py", *self._arguments, log=self._log)
        self.label = f"worker {self._process.pid}"

    async def kill(self) -> None:
        """End it with SIGKILL, as the kernel does when memory runs out."""
        process, self._process = self._process, None
        if process is not None:
            self.label = "no worker"
            await kill_process(process)

    async def stop(self) -> None:
        if self._process is not None:
            await stop_process(self._process)

    def check(self) -> None:
        """Raises: ProcessError if it has ended by itself."""
        if self._process is not None and self._process.returncode is not None:
            raise ProcessError(
                f"{self.label} ended by itself, with exit code {self._process.returncode}; "
                f"it wrote:\n{tail(self._log)}"
            )


@asynccontextmanager
async def payment_service(ledger: Path, seed: int, log: Path) -> AsyncIterator[str]:
    """Run the payment service; its URL."""
    arguments = ("--ledger", str(ledger), "--seed", str(seed))
    process = await start_process("payments.py", *arguments, log=log, read_output=True)
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise ProcessError(f"the payment service did not start; it wrote:\n{tail(log)}")
        yield url
    finally:
        await stop_process(process)


def tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


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
