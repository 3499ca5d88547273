"""The branch office's box: a file ledger, the system clock, no engine."""

import atexit
import logging
import os
import signal
import socketserver
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from .adapters import FileLedger, OffsetClock, SystemClock
from .programme import Programme

SPOOL = Path(os.environ.get("BRANCH_SPOOL", "/var/spool/loyalty"))
log = logging.getLogger(__name__)


class Handler(socketserver.StreamRequestHandler):
    programme = Programme(FileLedger(str(SPOOL / "ledger.jsonl")), OffsetClock(SystemClock(), timedelta()))
    lock = threading.Lock()

    def handle(self) -> None:
        customer, points, reason = self.rfile.readline().decode().split(";")
        entry = self.programme.entry(customer, int(points), reason)
        with self.lock:
            self.programme.ledger.append(entry)
        self.wfile.write(f"{self.programme.ledger.balance(customer)}\n".encode())


def housekeeping(ledger: FileLedger, clock: SystemClock) -> None:
    while True:
        clock.sleep(3600)
        ledger.archive()
        print("archived", clock.now(), file=sys.stderr)


def main() -> None:
    atexit.register(log.info, "down at %s", time.ctime())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ledger = FileLedger(str(SPOOL / "copy.jsonl"))
    threading.Thread(target=housekeeping, args=(ledger, SystemClock()), daemon=True).start()
    with socketserver.ThreadingTCPServer(("", 7000), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
