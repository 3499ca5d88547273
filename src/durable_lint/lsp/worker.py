"""Analyses run one after the other in one thread, so that messages are read meanwhile.

Invariant: a job sees what all jobs before it did, and nobody else sees anything of theirs. The
thread does not keep the process alive: an editor that goes away need not wait for an analysis.
"""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final, TypeVar

__all__ = ["Worker"]

T = TypeVar("T")

# Deep code makes a deep recursion, and threads have less of a stack than the main one.
_STACK: Final = 256 * 1024 * 1024
_Job = Callable[[], None]


class Worker:
    """One thread, started with its first job."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def do(self, work: Callable[[], T]) -> T:
        """Run in the thread. A job that is cancelled before its turn is not done."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        given_up = threading.Event()

        def job() -> None:
            if given_up.is_set():
                return
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                failed = error
                _tell(loop, done, lambda: done.set_exception(failed))
            else:
                _tell(loop, done, lambda: done.set_result(result))

        self._start()
        self._jobs.put(job)
        try:
            return await done
        finally:
            given_up.set()

    def _start(self) -> None:
        if self._thread is not None:
            return
        before = threading.stack_size(_STACK)
        try:
            self._thread = threading.Thread(target=self._run, name="analysis", daemon=True)
            self._thread.start()
        finally:
            threading.stack_size(before)

    def _run(self) -> None:
        while True:
            self._jobs.get()()


def _tell(loop: asyncio.AbstractEventLoop, done: "asyncio.Future[T]", tell: _Job) -> None:
    def if_wanted() -> None:
        if not done.done():
            tell()

    try:
        loop.call_soon_threadsafe(if_wanted)
    except RuntimeError:
        # The loop is closed: the editor is gone.
        return
