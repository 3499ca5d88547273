"""The demo as a user runs it: it proves its point, says so in its exit code, and cleans up."""

import itertools
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import demo
from audit import Finding
from display import Progress
from fulfilment import Phase
from orders import read_orders
from payments import Faults

ORDERS = read_orders()[:32]

# A seed under which the answers to several charges are lost, though there are few orders.
UNLUCKY = next(
    seed
    for seed in itertools.count()
    if sum(Faults(seed=seed).of(order.id, 1).dropped for order in ORDERS) >= 5
)
FEW = ["--orders", str(len(ORDERS)), "--seed", str(UNLUCKY), "--plain"]


def command(*arguments: str) -> list[str]:
    return [sys.executable, demo.__file__, *arguments]


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The demo, with its files in a folder, once it shows its first line of progress."""
    with subprocess.Popen(
        command(*FEW, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    ) as process:
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line)
            if " under way" in line and "none under way" not in line:
                break
        else:
            pytest.fail("".join(seen))
        yield process


@pytest.mark.slow
def test_it_passes_with_a_killed_worker_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        command(*FEW),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SIGKILL: worker" in done.stdout
    assert "nobody was charged twice" in done.stdout
    assert not re.search(r"\b0 left without an answer|\b0 repeated", done.stdout)
    assert "PASSED: 32 orders" in done.stdout
    assert "\x1b" not in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_it_keeps_its_files_when_asked_and_runs_on_the_engine_it_is_given(tmp_path: Path) -> None:
    files, store = tmp_path / "files", tmp_path / "shop.db"
    files.mkdir()
    done = subprocess.run(
        command(*FEW, "--keep", "--url", f"sqlite:///{store}", "--seed", "3"),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(files)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert store.exists()
    (folder,) = files.iterdir()
    assert f"All files are in {folder}" in done.stdout
    kept = {path.name for path in folder.iterdir()}
    assert kept >= {"ledger.jsonl", "warehouse.db", "processes.log"}
    assert "durable.db" not in kept


@pytest.mark.slow
def test_it_fails_when_attempts_do_not_share_a_key(tmp_path: Path) -> None:
    """The proof is worth something: the mistake that it looks for is found."""
    program = tmp_path / "program"
    shutil.copytree(Path(demo.__file__).parent, program)
    source = (program / "fulfilment.py").read_text()
    assert source.count("da.activity_info().idempotency_key") == 1
    (program / "fulfilment.py").write_text(
        source.replace("da.activity_info().idempotency_key", "__import__('uuid').uuid4().hex")
    )
    done = subprocess.run(
        [sys.executable, str(program / "demo.py"), *FEW],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search("(✗ |NO) nobody was charged twice", done.stdout)
    assert "charged 2 times" in done.stdout
    assert "All files are in" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_a_signal_it_stops_its_processes_and_removes_its_files(
    tmp_path: Path, how: signal.Signals
) -> None:
    with running(tmp_path) as process:
        children = descriptors_of_children(process.pid)
        process.send_signal(how)
        output, _ = process.communicate()
    assert process.returncode == 130, output
    assert "Stopped; nothing is left running." in output
    assert "Traceback" not in output
    assert_ended(children)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_killed_itself_it_takes_its_processes_along(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        children = descriptors_of_children(process.pid)
        process.kill()
    assert_ended(children)


def descriptors_of_children(parent: int) -> list[int]:
    """File descriptors that become readable when the children end."""
    if not hasattr(os, "pidfd_open"):
        pytest.skip("this system cannot watch another process's children")
    tasks = Path(f"/proc/{parent}/task").iterdir()
    children = [pid for task in tasks for pid in (task / "children").read_text().split()]
    assert len(children) == 2  # the worker and the payment service
    return [os.pidfd_open(int(pid)) for pid in children]


def assert_ended(descriptors: list[int]) -> None:
    try:
        for descriptor in descriptors:
            assert select.select([descriptor], [], [], 30)[0]
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--orders", "19"], "--orders is 19; take 20 to 240"),
        (["--orders", "241"], "--orders is 241; take 20 to 240"),
        (["--url", "sqlite://"], "is the memory of one process; take sqlite:///shop.db"),
        (["--url", "sqlite:"], "is the memory of one process"),
    ],
)
def test_an_option_that_makes_no_demo_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        demo.parse(arguments)
    assert caught.value.code == 2
    assert says in capsys.readouterr().err


def test_an_engine_that_nobody_knows_is_an_error_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        command("--url", "shop.db"),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "'shop.db' is no URL of a store" in done.stderr
    assert "Traceback" not in done.stderr


def progress(ended: int, **under_way: int) -> Progress:
    phases = {
        Phase.APPROVAL: under_way.get("approval", 0),
        Phase.CHARGING: under_way.get("charging", 0),
        Phase.PACKING: under_way.get("packing", 0),
    }
    return Progress(
        seconds=1, total=100, placed=100, under_way=phases, ended={"shipped": ended}, worker="w"
    )


def test_the_worker_is_killed_when_there_is_an_order_in_every_phase_or_it_is_high_time() -> None:
    everywhere = {"approval": 1, "charging": 1, "packing": 1}
    assert not demo.is_time_to_kill(progress(39, **everywhere))
    assert demo.is_time_to_kill(progress(40, **everywhere))
    assert not demo.is_time_to_kill(progress(40, approval=1, packing=1))
    assert demo.is_time_to_kill(progress(48, packing=1))


def test_a_demo_in_which_nobody_was_killed_has_shown_nothing() -> None:
    assert not demo.interruption(None, 0).holds
    assert not demo.interruption(progress(45), 0).holds
    assert demo.interruption(progress(45), 12) == Finding(
        claim="a worker was killed in the middle, and another one went on",
        detail="at 45%, 12 orders under way",
        objections=(),
    )
