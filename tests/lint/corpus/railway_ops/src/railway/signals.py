"""Sections of track, and who holds them."""

import asyncio
import threading
from collections import defaultdict
from contextlib import asynccontextmanager, contextmanager

_held = defaultdict(list)


class Interlocking:
    def __init__(self):
        self._locks = defaultdict(asyncio.Lock)
        self._guard = threading.RLock()  # expect: DUR131

    @asynccontextmanager
    async def section(self, name):
        async with self._locks[name]:
            yield name

    @contextmanager
    def recorded(self, name, train):
        _held[name].append(train)  # expect: DUR141
        try:
            yield
        finally:
            _held[name].remove(train)  # expect: DUR141


async def drain(queue):
    items = []
    while not queue.empty():
        items.append(queue.get_nowait())
    return items


def wait_for_clearance(event):
    event.wait(timeout=5)
