"""Nightly export to the transmission operator; cron runs it."""

import csv
import glob
import gzip
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from grid.common.journal import Journal
from grid.metering.readings import report

OUT = Path(os.environ.get("GRID_OUT", "/srv/export"))


def compress(path: Path) -> Path:
    target = path.with_suffix(".csv.gz")
    with path.open("rb") as source, gzip.open(target, "wb") as sink:
        sink.write(source.read())
    path.unlink()
    return target


def write(meter: str, rows: list[list[str]]) -> Path:
    path = OUT / f"{meter}-{date.today():%Y%m%d}.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows(rows)
    with Journal(meter) as journal:
        journal << f"export {path.name}"
    return compress(path)


def main() -> int:
    meters = {Path(name).stem for name in glob.glob("/srv/meters/*.json")}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for path in pool.map(lambda meter: write(meter, [[meter, str(time.time())]]), meters):
            print(path)
    report([])
    return subprocess.call(["sftp-push", str(OUT)])


if __name__ == "__main__":
    sys.exit(main())
