from __future__ import annotations

import itertools
import os
import queue
import signal
import sys
from operator import itemgetter
from pathlib import Path

import anyio.to_thread
import joblib

_limit = 8


def ordered(results):
    return sorted(results, key=itemgetter("accession"))


def report(results):
    rows = joblib.Parallel(n_jobs=2)(joblib.delayed(len)(r) for r in results)  # expect: DUR131
    sys.stdout.write(f"{sum(rows)} fields\n")  # expect: DUR143
    failed = {r["accession"] for r in results if "error" in r}
    for number, accession in enumerate(failed):  # expect: DUR134
        results.append({"accession": accession, "rank": number})


async def acquire(n):
    slots = queue.Queue()  # expect: DUR131
    for slot in itertools.islice(itertools.count(), min(n, _limit)):
        slots.put(slot)  # expect: DUR102
    return await anyio.to_thread.run_sync(tuple, [slots])  # expect: DUR131


def breathe(slots):
    if not slots:
        signal.pause()  # expect: DUR102


def total_size(roots):
    return sum(entry.stat().st_size for root in roots for entry in os.scandir(root))  # expect: DUR122


def disk_report(root):
    return {p.name: p.stat().st_size for p in Path(root).iterdir()}
