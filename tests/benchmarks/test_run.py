"""The benchmark runs, checks what it times, and says what it found. How long things take is its
business, not this test's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "benchmarks" / "run.py"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(RUN), *arguments], capture_output=True, text=True)


@pytest.mark.slow
def test_a_run_prints_a_table_and_writes_json(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    finished = bench("--only", "W2,W3", "--runs", "2", "--json", str(file))
    assert finished.returncode == 0, finished.stderr
    for row in ["W2  ", "W3  ", "raw SQLite, one commit at a time", "of raw limit"]:
        assert row in finished.stdout
    found = json.loads(file.read_text())
    assert set(found) == {"machine", "limits", "figures"}
    assert set(found["limits"]) == {"commits", "group", "hops", "steps", "tasks"}
    figures = {figure["workload"]: figure for figure in found["figures"]}
    assert set(figures) == {"W2", "W3"}
    for figure in figures.values():
        assert len(figure["runs"]) == 2
        assert 0 < figure["min"] <= figure["median"] <= figure["max"]
    limit = found["limits"]["commits"]["median"]
    assert figures["W2"]["of_limit"] == pytest.approx(figures["W2"]["median"] / limit)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "W1,W9"], "no workload W9; there are W1, W2, W2x"),
        (["--runs", "0"], "--runs 0: at least one"),
    ],
)
def test_a_run_that_cannot_be_is_refused(arguments: list[str], said: str) -> None:
    finished = bench(*arguments)
    assert finished.returncode == 2
    assert said in finished.stderr


def test_every_workload_of_the_table_is_described_in_the_docs() -> None:
    page = (ROOT / "docs" / "reference" / "performance.md").read_text()
    section = page.partition("## Workloads")[2].partition("\n## ")[0]
    described: set[str] = set()
    for line in section.splitlines():
        name, _, rest = line.removeprefix("- **").partition("**")
        if rest:
            described.add(name)
    refused: Any = bench("--only", "nothing").stderr
    offered = refused.rpartition("there are ")[2].split("\n")[0].split(", ")
    assert described == set(offered)
