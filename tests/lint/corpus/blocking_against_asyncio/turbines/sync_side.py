"""The old controller, made of threads."""

from __future__ import annotations

import os
import queue
import select
import subprocess
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from time import sleep as pause


class Controller:
    def __init__(self, event: threading.Event, condition: threading.Condition, barrier: threading.Barrier) -> None:
        self.event = event
        self.condition = condition
        self.barrier = barrier
        self.inbox: queue.Queue[str] = queue.Queue(10)  # expect: DUR131

    def started(self) -> bool:
        return self.event.wait(5)  # expect: DUR102

    def changed(self) -> None:
        self.condition.wait()  # expect: DUR102

    def ready(self) -> None:
        self.condition.wait_for(self.event.is_set)  # expect: DUR102

    def together(self) -> int:
        return self.barrier.wait()  # expect: DUR102

    def push(self, item: str) -> None:
        self.inbox.put(item)  # expect: DUR102

    def pull(self) -> str:
        return self.inbox.get(timeout=1)  # expect: DUR102


def make() -> Controller:
    return Controller(
        threading.Event(),  # expect: DUR131
        threading.Condition(),  # expect: DUR131
        threading.Barrier(1),  # expect: DUR131
    )


def settle(future: Future[int]) -> int:
    return future.result()  # expect: DUR102


def settled() -> int:
    pool = ThreadPoolExecutor(1)  # expect: DUR131
    return settle(pool.submit(len, "turbine"))


def nap() -> None:
    pause(0.5)  # expect: DUR102
    time.sleep(0.5)  # expect: DUR102


def ask() -> str:
    return input("continue? ")  # expect: DUR102


def poll(descriptors: list[int]) -> int:
    ready, _, _ = select.select(descriptors, [], [])  # expect: DUR102
    return len(ready)


def compile_firmware(path: str) -> int:
    process = subprocess.Popen(["make", path])  # expect: DUR123
    return process.wait()  # expect: DUR102


def reap(pid: int) -> int:
    return os.waitpid(pid, 0)[1]  # expect: DUR102


def once() -> bool:
    return threading.Event().wait(1)  # expect: DUR102, DUR131


def worker_loop(controller: Controller) -> None:
    """The daemon's own loop."""
    while not controller.started():
        time.sleep(1)
