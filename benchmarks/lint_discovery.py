"""What the linter's steps before any parsing cost: `python benchmarks/lint_discovery.py DIRECTORY`.

Prints the best of five for each step, in milliseconds, over all Python files below a directory.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from durable_lint.cache import Cache, Run
from durable_lint.config import Config
from durable_lint.discover import prefilter
from durable_lint.discover.files import walk
from durable_lint.discover.modules import Modules

T = TypeVar("T")


def best(name: str, step: Callable[[], T]) -> T:
    """Run a step five times and print the quickest."""
    times: list[float] = []
    results: list[T] = []
    for _ in range(5):
        began = time.perf_counter()
        results.append(step())
        times.append(time.perf_counter() - began)
    print(f"{name:<28}{min(times) * 1000:8.1f} ms")
    return results[-1]


def main(directory: str) -> None:
    """Measure each step."""
    config = Config(root=Path(directory).resolve().as_posix())
    files = best("walk and stat", lambda: walk([], config))
    size = sum(stamp.size for stamp in files.stamps.values())
    print(f"  {len(files.stamps)} files, {size / 1e6:.1f} MB")
    modules = best("index of modules", lambda: Modules(files.stamps, root=config.root))
    words = prefilter.markers(config, modules)
    glances = best("glance at every file", lambda: prefilter.scan(files.stamps, words))
    found = best(
        "candidates",
        lambda: prefilter.candidates(files.stamps, glances, modules, config),
    )
    print(f"  {len(found)} candidates")
    with tempfile.TemporaryDirectory() as place:
        cache = Cache(place)
        cache.keep_run(config, files.stamps, Run((), found, (), ()))
        best("an old run from the cache", lambda: cache.run(config, files.stamps))


if __name__ == "__main__":
    main(sys.argv[1])
