"""The benchmark: workloads W1 to W6, R and I on SQLite, beside the raw limits of the machine.

Invariant: whatever is compared was measured in the same run: the rounds go through all workloads
in turn, so that a slow moment of the machine falls on all of them.

    python benchmarks/run.py [--only W1,W4] [--runs 5] [--json FILE] [--profile W2]

On a machine that others use too, `--patience 600` repeats what they have disturbed, for ten minutes
at most.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import report
from hotspots import print_hotspots
from neighbours import QUIET, Neighbours
from targets import FIGURES

__all__ = ["main"]

HERE: Final = Path(__file__).resolve().parent
NAMES: Final = tuple(dict.fromkeys(figure.workload for figure in FIGURES))
SECONDS: Final = 300
"""That one run of one workload may take."""
PAUSE: Final = 2.0
"""Seconds until a disturbed run is repeated."""


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    with _folder_on_disk(options.folder) as folder:
        if options.profile:
            print_hotspots(options.profile, folder)
            return 0
        about = report.machine()
        runs = _run_all(options.only, options.runs, folder, options.patience)
    found = report.summarise(runs)
    print(report.as_table(found, about))
    file: Path = options.json or HERE / "results" / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report.as_json(found, about), indent=2) + "\n")
    _tell(f"written to {file}")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=list(NAMES),
        help=f"some of {','.join(NAMES)}",
    )
    parser.add_argument("--runs", type=int, default=5, help="how often, for the median (5)")
    parser.add_argument("--json", type=Path, help="where to write (default: benchmarks/results)")
    parser.add_argument("--profile", metavar="WORKLOAD", help="show where its time goes")
    parser.add_argument(
        "--patience",
        type=float,
        default=0,
        metavar="SECONDS",
        help="to spend on repeating runs during which others used the machine (0)",
    )
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.only if name not in NAMES]
    if unknown:
        parser.error(f"no workload {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if options.runs < 1:
        parser.error(f"--runs {options.runs}: at least one")
    return options


@contextmanager
def _folder_on_disk(parent: Path | None) -> Iterator[Path]:
    """A folder for the stores. Not where temporary files often are memory."""
    kept = Path("/var/tmp")
    with tempfile.TemporaryDirectory(
        prefix="durable-bench-", dir=parent or (kept if kept.is_dir() else None)
    ) as name:
        yield Path(name)


def _run_all(names: Sequence[str], count: int, folder: Path, patience: float) -> report.Runs:
    runs: dict[str, list[dict[str, float]]] = {}
    for number in range(1, count + 1):
        for name in ("limits", *names):
            figures, spent = _run_undisturbed(name, folder, patience)
            patience -= spent
            runs.setdefault(name, []).append(figures)
            shown = ", ".join(f"{key} {value:,.4g}" for key, value in figures.items())
            _tell(f"run {number} of {count}  {name:6}  {shown}")
    return runs


def _run_undisturbed(name: str, folder: Path, patience: float) -> tuple[dict[str, float], float]:
    """The figures, and the seconds spent on runs that others disturbed. The last one counts
    though it was."""
    began = time.monotonic()
    while True:
        start = time.monotonic()
        place = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder))
        with Neighbours() as neighbours:
            figures = _run(name, place)
        shutil.rmtree(place)
        spent = start - began
        if neighbours.share is None or neighbours.share < QUIET:
            return figures, spent
        _tell(f"others used {neighbours.share:.0%} of the machine during {name}")
        if time.monotonic() - began >= patience:
            return figures, spent
        time.sleep(PAUSE)


def _run(name: str, folder: Path) -> dict[str, float]:
    finished = subprocess.run(
        [sys.executable, str(HERE / "process.py"), name, str(folder)],
        stdout=subprocess.PIPE,
        timeout=SECONDS,
        check=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return figures


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
