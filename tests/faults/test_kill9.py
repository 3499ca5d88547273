"""Workers are killed with SIGKILL, again and again: nothing that was acknowledged may be lost,
nothing that was completed may run again, and the results are those of a run without crashes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from tests.faults import holding, kinds
from tests.faults.ledger import (
    Ended,
    Instances,
    Killed,
    Ledger,
    Missing,
    Raised,
    Reader,
    Record,
    Run,
    Seen,
    Started,
    Starting,
    Stuck,
    violations,
)
from tests.faults.rounds import Round

ROOT = Path(__file__).resolve().parents[2]


def supervise(folder: Path, *, rounds: int, seed: int, workers: int) -> dict[str, Any]:
    """Runs the supervisor, a process of one thread, which can fork as often as it likes."""
    command = [sys.executable, "-m", "tests.faults.supervisor", str(folder)]
    command += [str(rounds), str(seed), str(workers)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr[-10_000:]
    summary: dict[str, Any] = json.loads(finished.stdout)
    if summary["violations"]:
        print(finished.stderr[-10_000:])
    return summary


# ---------------------------------------------------------------- random moments


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(4))
def test_forty_kills_at_random_moments_lose_nothing_and_repeat_nothing(
    tmp_path: Path, seed: int
) -> None:
    summary = supervise(tmp_path, rounds=40, seed=seed, workers=1)
    assert summary["violations"] == []
    records = summary["records"]
    assert records["Killed"] == 40
    # It tested something: kills hit running activities, and instances lived through several.
    assert summary["again"] > 0
    assert records["Seen"] > 40
    assert records["Ended"] > 40


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_workers_of_which_one_is_killed_again_and_again_lose_nothing(tmp_path: Path) -> None:
    summary = supervise(tmp_path, rounds=40, seed=4, workers=2)
    assert summary["violations"] == []
    assert summary["records"]["Killed"] == 41  # at the end the survivor, too
    assert summary["again"] > 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100))
def test_twenty_thousand_kills_lose_nothing_and_repeat_nothing(tmp_path: Path, seed: int) -> None:
    summary = supervise(tmp_path, rounds=200, seed=1_000 + seed, workers=1 + seed % 2)
    assert summary["violations"] == []
    assert summary["again"] > 0


async def test_a_run_without_crashes_gives_the_results_that_are_expected(tmp_path: Path) -> None:
    ids = [f"{kind}-{number}" for kind in kinds.NAMES for number in range(3)]
    known = Instances(starting=dict.fromkeys(ids))
    await Round(tmp_path, name="", known=known, tell_progress=lambda: None).finish()
    records = Reader(tmp_path / "ledger").read()
    expected = {each: kinds.expected_result(each) for each in ids}
    assert list(violations(records, expected)) == []
    assert {record.instance for record in records if isinstance(record, Ended)} == set(ids)


# ---------------------------------------------------------------- chosen moments


@contextmanager
def process(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A process of `holding`, and what it says. It does not outlive the block."""
    command = [sys.executable, "-m", "tests.faults.holding", str(folder), *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            yield started, started.stdout
        finally:
            started.kill()


def hold(labels: Sequence[str]) -> list[str]:
    return [argument for label in labels for argument in ("--hold", label)]


def expect(words: IO[str], word: str) -> None:
    assert words.readline().strip() == word


def runs(folder: Path) -> list[Run]:
    return [record for record in Reader(folder / "ledger").read() if isinstance(record, Run)]


UNCROSSED = [["a0", "a1", "a2"], ["b0", "b1", "b2"]]


@pytest.mark.parametrize("slow", ["a", "b"])
@pytest.mark.parametrize("held", [["a1"], ["b1"], ["a2"], ["b0"], ["a1", "b1"], ["a0", "b2"]])
def test_branches_that_a_kill_interrupts_come_back_uncrossed(
    tmp_path: Path, held: list[str], slow: str
) -> None:
    with process(tmp_path, *hold(held)) as (first, words):
        expect(words, "ready")
        expect(words, "held")
        first.kill()
    with process(tmp_path, "--slow", slow) as (_, words):
        expect(words, "ready")
        assert json.loads(words.readline()) == UNCROSSED
    times = Counter(run.label for run in runs(tmp_path))
    assert times == {label: 2 if label in held else 1 for label in holding.LABELS}
    keys = {run.label: run.key for run in runs(tmp_path)}
    assert {(run.label, run.key) for run in runs(tmp_path)} == set(keys.items())
    assert len(set(keys.values())) == len(keys)


def test_a_second_worker_takes_over_what_a_killed_one_held(tmp_path: Path) -> None:
    with process(tmp_path, *hold(["a1", "b1"])) as (first, of_first):
        expect(of_first, "ready")
        expect(of_first, "held")
        with process(tmp_path) as (_, of_second):
            expect(of_second, "ready")
            before = [run.label for run in runs(tmp_path)]
            first.kill()
            assert json.loads(of_second.readline()) == UNCROSSED
    assert Counter(before) == Counter(["a0", "a1", "b0", "b1"])
    times = Counter(run.label for run in runs(tmp_path))
    assert times == {label: 2 if label in ("a1", "b1") else 1 for label in holding.LABELS}


# ---------------------------------------------------------------- the test of the test

GOOD: list[Record] = [
    Starting("x"),
    Started("x"),
    Raised("x", 0),
    Run("x", "x/1", "k1"),
    Killed(0),
    Seen("x", 3, "abc", None, ()),
    Run("x", "x/1", "k1"),
    Killed(1),
    Seen("x", 5, "abcde", (3, "abc"), ("x/1",)),
    Run("x", "x/2", "k2"),
    Ended("x", (1, 2)),
]


def test_records_of_a_run_as_it_should_be_are_no_violation() -> None:
    assert list(violations(GOOD, {"x": (1, 2)})) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Run("x", "x/1", "k1"), "had completed, and ran again"),
        (Run("x", "x/3", "k3"), "ran after its instance had ended"),
        (Run("y", "x/2", "k4"), "was given another idempotency key"),
        (Run("y", "y/1", "k1"), "share idempotency key"),
        (Seen("x", 5, "abXde", (3, "abX"), ()), "no continuation of what it was"),
        (Missing("x"), "is not there"),
        (Ended("x", (3, 4)), "ended twice"),
        (Stuck("x", "RUNNING"), "never ended: RUNNING"),
        (Killed(2, 1), "ended by itself: exit code 1"),
        (Started("y"), "was acknowledged, and did not end"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_must_not_happen_is_noticed(wrong: Record, said: str) -> None:
    found = list(violations([*GOOD, wrong], {"x": (1, 2), "y": 3}))
    assert any(said in violation for violation in found)


def test_a_wrong_result_is_noticed() -> None:
    (found,) = violations(GOOD, {"x": (2, 1)})
    assert found == "x ended with (1, 2) instead of (2, 1)"


def test_a_line_that_its_writer_was_killed_in_harms_no_other_line(tmp_path: Path) -> None:
    file = tmp_path / "ledger"
    reader = Reader(file)
    Ledger(file).write(Started("x"))
    with file.open("a") as torn:
        torn.write('\n{"is": "Started", "inst')
    Ledger(file).write(Ended("x", [1, [2]]))
    assert reader.read() == [Started("x"), Ended("x", (1, (2,)))]
    assert reader.torn == 1
    assert reader.read() == []
