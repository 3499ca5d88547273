import asyncio
import contextlib
import sys
import textwrap
import time
import warnings
from multiprocessing import Process
from threading import Event

from museum.money import receipt, TABLE


def ticket_text(visitor, visit, rooms):
    warnings.warn("paper tickets end in June", DeprecationWarning, stacklevel=2)
    body = "\n".join([visitor, visit, *rooms, receipt(TABLE["main"])])
    print(body, file=sys.stderr)  # expect: DUR143
    return textwrap.dedent(body)


class Spooler:
    ready = Event()

    def submit(self, text):
        if not self.ready.is_set():
            self.ready.wait(timeout=1)  # expect: DUR102
        worker = Process(target=len, args=(text,))  # expect: DUR131
        worker.start()

    def drain(self):
        while True:
            time.sleep(1)


@contextlib.asynccontextmanager
async def timed(label):
    begun = time.perf_counter_ns()  # expect: DUR101
    lock = asyncio.Lock()
    async with lock:
        yield label
    sys.stderr.write(f"{label} {begun}\n")  # expect: DUR143
