"""What it costs to have durable_async at all: import time, installed size, dependencies.

Invariant: import time is a difference between two processes that ran side by side.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from importlib import metadata, util
from pathlib import Path
from typing import Final

__all__ = ["measure_footprint"]

DISTRIBUTION: Final = "durable-async"
PACKAGES: Final = ("durable_async", "durable_lint")
PAIRS: Final = 11
USE: Final = "from durable_async import Client, Worker, activity, orchestrator"
"""The package imports its parts when they are named: this is what a program comes to load."""


def measure_footprint() -> dict[str, float]:
    needed = dependencies(DISTRIBUTION)
    size = sum(_installed_bytes(name) for name in needed) + sum(map(_package_bytes, PACKAGES))
    return {
        "import": import_milliseconds("import durable_async"),
        "use": import_milliseconds(USE),
        "size": size / 2**20,
        "dependencies": float(len(needed)),
    }


def import_milliseconds(code: str) -> float:
    """That `code` takes, over a Python that imports nothing; compiled files are there."""
    _seconds(code)
    differences = [_seconds(code) - _seconds("pass") for _ in range(PAIRS)]
    return statistics.median(differences) * 1_000


def _seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def dependencies(distribution: str) -> set[str]:
    """Names of all distributions that it needs, extras left out."""
    found: set[str] = set()
    open_names = [distribution]
    while open_names:
        for requirement in metadata.requires(open_names.pop()) or ():
            matched = re.match(r"[\w.-]+", requirement)
            if matched is None or "extra ==" in requirement:
                continue
            name = re.sub(r"[-_.]+", "-", matched[0]).lower()
            if name not in found and _is_installed(name):
                found.add(name)
                open_names.append(name)
    return found


def _is_installed(name: str) -> bool:
    """A requirement for other Pythons or systems is not."""
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _installed_bytes(name: str) -> int:
    """Without compiled files, which each Python writes for itself."""
    files = metadata.files(name) or ()
    sources = [file for file in files if file.suffix != ".pyc"]
    return sum(
        size.stat().st_size for file in sources if (size := Path(str(file.locate()))).exists()
    )


def _package_bytes(package: str) -> int:
    """Of our own packages, which stand in a source tree during development."""
    spec = util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return 0
    (folder,) = spec.submodule_search_locations
    files = [file for file in Path(folder).rglob("*") if file.is_file() and file.suffix != ".pyc"]
    return sum(file.stat().st_size for file in files)
