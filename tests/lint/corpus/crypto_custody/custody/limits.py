import os
import threading
from dataclasses import dataclass

DAILY = int(os.environ.get("DAILY_LIMIT_SATS", "500000000"))
_reload = threading.Event()


@dataclass
class Limits:
    daily: int = DAILY
    single: int = DAILY // 10

    def allows(self, sats):
        if not _reload.is_set():
            _reload.wait(0.5)  # expect: DUR102
        ceiling = min(self.single, self.daily)
        return sats <= ceiling and self._tier() < 3

    def _tier(self):
        return int(os.environb.get(b"CUSTODY_TIER", b"0"))  # expect: DUR124
