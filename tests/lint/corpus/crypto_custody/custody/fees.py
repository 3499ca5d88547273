import statistics
import threading
import time
from concurrent import futures

import arrow

SOURCES = ("mempool", "node", "vendor")


class _Quote:
    """A future-like result with a deadline."""

    def __init__(self, sats):
        self.sats = sats

    def result(self):
        return self.sats

    def get(self):
        return self.sats


class FeeOracle:
    def __init__(self, ttl=60):
        self.ttl = ttl
        self.expires = time.clock_gettime(time.CLOCK_MONOTONIC) + ttl  # expect: DUR101

    def quote(self, signatures):
        pool = futures.ThreadPoolExecutor(max_workers=3)  # expect: DUR131
        pending = [pool.submit(len, source) for source in SOURCES]
        futures.wait(pending)  # expect: DUR102
        first = pool.submit(len, SOURCES).result()  # expect: DUR102
        base = statistics.median([_Quote(n).result() for n in range(first)])
        return int(base) * signatures * self._weekend()

    def _weekend(self):
        return 2 if arrow.utcnow().weekday() >= 5 else 1  # expect: DUR101

    def refresh(self):
        with threading.Lock():
            self.expires = time.monotonic() + self.ttl
