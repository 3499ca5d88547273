"""Threads for `def` activities. Invariant: a thread that hangs holds up neither the others nor the
end of the process.

`concurrent.futures` joins its threads when the interpreter ends, whatever they do; a worker
must be able to hand a hanging activity back, and go. So these are daemon threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

__all__ = ["ThreadPool"]

Job = Callable[[], None]


class ThreadPool:
    """Runs jobs, each in the first free of at most `size` threads; they are made when needed.

    A job must not raise. `submit` may be called from any thread.
    """

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        # Counted too high once jobs had to wait; but then all threads there can be are made.
        self._idle = 0
        self._closed = False

    @property
    def idle(self) -> int:
        """Threads that wait for a job."""
        return self._idle

    def submit(self, job: Job) -> None:
        """Raises RuntimeError if the pool is closed."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the thread pool is closed")
            if self._idle > 0:
                self._idle -= 1
            elif self._threads < self._size:
                self._threads += 1
                self._start(self._threads)
            self._jobs.put(job)

    def close(self) -> None:
        """Let the threads end when they have nothing to do; does not wait for them."""
        with self._lock:
            self._closed = True
            for _ in range(self._threads):
                self._jobs.put(None)

    def _start(self, number: int) -> None:
        threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # else the last job's arguments live until the next one
            with self._lock:
                self._idle += 1
