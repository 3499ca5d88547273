"""How long durable-lint takes over 1.1 million lines, beside ruff in the same turns.

Invariant: every figure is a median of several runs with its minimum and maximum, and all commands
take turns, so that a slow moment of the machine falls on all of them.

    python benchmarks/lint.py [--runs 5] [--folder DIR] [--json FILE] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import attrs

import report
from lint_corpus import LINES, Corpus, build
from neighbours import Neighbours

__all__ = ["main"]

CHANGED: Final = 20
EDITS: Final = 36
MEGABYTES: Final = 500


@attrs.frozen(kw_only=True)
class Figure:
    """What is measured. target: in seconds, None for what is only compared with."""

    name: str
    meaning: str
    target: float | None = None


FIGURES: Final = (
    Figure(name="cold", meaning="check everything, no cache", target=2.5),
    Figure(name="warm", meaning="check everything, nothing changed", target=0.2),
    Figure(name="changed", meaning=f"check {CHANGED} files, which have changed", target=1.0),
    Figure(name="editor p50", meaning="findings of a file after an edit"),
    Figure(name="editor p95", meaning="findings of a file after an edit", target=0.06),
    Figure(name="editor opens", meaning="first findings of a project"),
    Figure(name="ruff cold", meaning="ruff check --select ASYNC,DTZ,S311, no cache"),
    Figure(name="ruff warm", meaning="the same, nothing changed"),
)


@attrs.frozen
class Run:
    """seconds: of wall time. megabytes: at most resident; None where it is not of one process."""

    seconds: float
    megabytes: float | None = None


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    if options.editor:
        print(json.dumps(_edit(options.editor[0], list(map(Path, options.editor[1:])))))
        return 0
    corpus = build(options.folder, options.lines)
    _tell(f"{corpus.lines:,} lines in {corpus.root}")
    if options.profile:
        _profile(corpus)
        return 0
    caches = Path(tempfile.mkdtemp(prefix="durable-lint-caches-", dir=options.folder))
    try:
        with Neighbours() as neighbours:
            runs = [_turn(corpus, caches) for _ in range(options.runs)]
    finally:
        shutil.rmtree(caches, ignore_errors=True)
    about = report.machine() | {"lines": corpus.lines, "used by others": neighbours.share}
    print(_table(runs, about))
    if options.json:
        options.json.write_text(json.dumps(_as_json(runs, about), indent=2) + "\n")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5, help="how often, for the median (5)")
    parser.add_argument("--lines", type=int, default=LINES, help=f"of the code base ({LINES:,})")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "durable-lint-bench",
        help="where the code base is kept from run to run",
    )
    parser.add_argument("--json", type=Path, help="where to write the figures, too")
    parser.add_argument("--profile", action="store_true", help="show where a cold run's time goes")
    parser.add_argument("--editor", nargs="+", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


# ---------------------------------------------------------------- one turn


def _turn(corpus: Corpus, caches: Path) -> dict[str, Run]:
    """Every command once."""
    ours, ruffs = caches / "durable-lint", caches / "ruff"
    for cache in (ours, ruffs):
        shutil.rmtree(cache, ignore_errors=True)
    check = [sys.executable, "-m", "durable_lint", "check", "--exit-zero", "--quiet"]
    check += ["--cache-dir", str(ours)]
    ruff = [_ruff(), "check", "--isolated", "--select", "ASYNC,DTZ,S311", "--exit-zero", "--quiet"]
    everything = [str(corpus.root)]
    found = {
        "cold": _run([*check, *everything]),
        "ruff cold": _run([*ruff, "--cache-dir", str(ruffs), *everything]),
        "warm": _run([*check, *everything]),
        "ruff warm": _run([*ruff, "--cache-dir", str(ruffs), *everything]),
    }
    chosen = [*corpus.relevant[: CHANGED // 2], *corpus.background[: CHANGED // 2]]
    changed = _with_changes(chosen, lambda: _run([*check, *map(str, chosen)]))
    return found | {"changed": changed} | _editor(corpus)


def _ruff() -> str:
    beside = Path(sys.executable).with_name("ruff")
    return str(beside) if beside.exists() else "ruff"


def _run(command: Sequence[str]) -> Run:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    # Linux counts kilobytes, macOS bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(seconds, usage.ru_maxrss / unit)


def _with_changes(paths: Sequence[Path], run: Callable[[], Run]) -> Run:
    """A run while files are other ones than at the run before; afterwards they are as they were."""
    before = {path: path.read_bytes() for path in paths}
    try:
        for path, data in before.items():
            path.write_bytes(data + b"\nCHANGED = True\n")
        return run()
    finally:
        for path, data in before.items():
            path.write_bytes(data)


# ---------------------------------------------------------------- an editor


def _editor(corpus: Corpus) -> dict[str, Run]:
    """An editor's session, in a process of its own."""
    step = max(1, len(corpus.relevant) // 12)
    command = [sys.executable, __file__, "--editor", str(corpus.root)]
    command += map(str, corpus.relevant[::step][:12])
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return {
        name: Run(told[name], told["megabytes"])
        for name in ("editor opens", "editor p50", "editor p95")
    }


def _edit(root: str, paths: Sequence[Path]) -> dict[str, float]:
    """Type into one file after the other, and ask for what is to be shown."""
    import resource

    from durable_lint.config import load
    from durable_lint.workspace import Workspace

    began = time.perf_counter()
    workspace = Workspace(root, load(Path(root)))
    workspace.findings(str(paths[0]))
    opens = time.perf_counter() - began
    times: list[float] = []
    for number in range(EDITS):
        path = paths[number % len(paths)]
        typed = f"\n\ndef added_{number}(items: list[str]) -> int:\n    return len(items)\n"
        data = path.read_bytes() + typed.encode()
        began = time.perf_counter()
        workspace.update(str(path), data)
        workspace.findings(str(path))
        times.append(time.perf_counter() - began)
    times.sort()
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return {
        "editor opens": opens,
        "editor p50": statistics.median(times),
        "editor p95": times[int(len(times) * 0.95)],
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
    }


# ---------------------------------------------------------------- what is shown


def _profile(corpus: Corpus) -> None:
    from durable_lint.api import check
    from durable_lint.config import load

    profile = cProfile.Profile()
    profile.enable()
    found = check([corpus.root], load(corpus.root))
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    reached = sum(Path(path).read_bytes().count(b"\n") for path in found.reached)
    _tell(
        f"{len(found.findings)} findings; of {found.files} files {len(found.reached)} were "
        f"reached, {reached / corpus.lines:.1%} of the lines"
    )


def _table(runs: Sequence[dict[str, Run]], about: dict[str, object]) -> str:
    lines = [", ".join(f"{key} {_text(value)}" for key, value in about.items()), ""]
    lines.append(f"{'':14}{'median':>9}{'min':>9}{'max':>9}{'target':>9}{'MB':>7}  what")
    for figure in FIGURES:
        seconds = [run[figure.name].seconds for run in runs]
        sizes = [size for run in runs if (size := run[figure.name].megabytes) is not None]
        median = statistics.median(seconds)
        target = "" if figure.target is None else f"{figure.target:g}"
        mark = "" if figure.target is None or median <= figure.target else "  MISSED"
        size = max(sizes, default=0.0)
        too_much = "  TOO MUCH MEMORY" if size > MEGABYTES and "ruff" not in figure.name else ""
        lines.append(
            f"{figure.name:14}{median:9.3f}{min(seconds):9.3f}{max(seconds):9.3f}{target:>9}"
            f"{size:7.0f}  {figure.meaning}{mark}{too_much}"
        )
    return "\n".join(lines)


def _as_json(runs: Sequence[dict[str, Run]], about: dict[str, object]) -> dict[str, object]:
    return {
        "machine": about,
        "figures": {
            figure.name: {
                "seconds": [run[figure.name].seconds for run in runs],
                "megabytes": [run[figure.name].megabytes for run in runs],
                "target": figure.target,
            }
            for figure in FIGURES
        },
    }


def _text(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
