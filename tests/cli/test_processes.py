"""The command as people run it: processes that share a store, are stopped, and are killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import durable_async
from durable_async.app import Client

from .conftest import Shop

URL = "sqlite:///durable.db"

STEPS = """
import os
import signal
from pathlib import Path

import durable_async as da


def note(line: str) -> None:
    with open("ledger", "a") as ledger:
        ledger.write(f"{line}\\n")


@da.activity
def first() -> None:
    note("first")


@da.activity
def second() -> None:
    note("second")
    if not Path("go").exists():
        os.kill(os.getpid(), signal.SIGKILL)


@da.activity
def held() -> str:
    note("held")
    Path("began").open("w").close()
    Path("finish").open("r").close()
    return "held to the end"


@da.orchestrator
async def steps() -> str:
    await first()
    await second()
    return "both"


@da.orchestrator
async def hold() -> str:
    return await held()
"""


@pytest.fixture
def steps(durable: Shop) -> Shop:
    """steps.py; the activity `held` says when it began, and ends when it is told to."""
    durable.write("steps.py", STEPS)
    os.mkfifo(durable.folder / "began")
    os.mkfifo(durable.folder / "finish")
    return durable


def ledger(shop: Shop) -> list[str]:
    return (shop.folder / "ledger").read_text().splitlines()


@contextmanager
def working(shop: Shop, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A worker that is about to take on work, and is dead at the end."""
    with shop.process("worker", *arguments, "--json") as process:
        try:
            assert process.stdout is not None
            ready: dict[str, Any] = json.loads(process.stdout.readline())
            assert ready["identity"].endswith(f":{process.pid}")
            yield process
        finally:
            process.kill()


def stopped(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    """Send a signal; the exit code, and what was said."""
    process.send_signal(number)
    _, err = process.communicate(timeout=50)
    return process.returncode, err


async def result_of(instance_id: str) -> Any:
    async with Client(URL) as client:
        return await client.handle(instance_id).result(timeout=50)


def test_a_worker_runs_what_another_process_started(durable: Shop) -> None:
    started = durable.ended("start", "checkout", "--arg", '"o-1"', "--arg", "[100]", "--id", "one")
    assert (started.code, started.out) == (0, "one\n")
    with working(durable, "shop.py") as worker:
        assert asyncio.run(result_of("one")) == ["o-1/100"]
        code, err = stopped(worker)
    assert code == 0
    assert "Traceback" not in err
    listed = durable.ended("list", "--json").document["instances"]
    assert [(each["id"], each["status"], each["output"]) for each in listed] == [
        ("one", "COMPLETED", ["o-1/100"])
    ]


def test_a_worker_says_what_it_has_and_where(durable: Shop) -> None:
    with durable.process("worker", "shop.py", "--queue", "b", "--queue", "a") as worker:
        assert worker.stdout is not None
        lines = [worker.stdout.readline() for _ in range(6)]
        code, err = stopped(worker)
    assert "".join(lines[1:]) == (
        "  store          sqlite:///durable.db\n"
        "  namespace      default\n"
        "  queues         a, b\n"
        "  orchestrators  approval, checkout, patience\n"
        "  activities     charge\n"
    )
    assert lines[0].startswith("worker ")
    assert (code, "has stopped" in err) == (0, True)


def test_workers_share_a_store(durable: Shop) -> None:
    ids = [f"o-{number}" for number in range(8)]
    with working(durable, "shop.py") as one, working(durable, "shop") as other:
        for each in ids:
            arguments = ("--arg", json.dumps(each), "--arg", "[1, 2]", "--id", each)
            assert durable("start", "shop.py:checkout", *arguments).code == 0
        for each in ids:
            assert asyncio.run(result_of(each)) == [f"{each}/1", f"{each}/2"]
        assert stopped(one)[0] == 0
        assert stopped(other, signal.SIGINT)[0] == 0


def test_a_stopped_worker_lets_running_activities_end(steps: Shop) -> None:
    steps.ended("start", "hold", "--id", "one")
    with working(steps, "steps.py") as worker:
        (steps.folder / "began").open().close()
        worker.send_signal(signal.SIGTERM)
        (steps.folder / "finish").open("w").close()
        _, err = worker.communicate(timeout=50)
        assert worker.returncode == 0, err
    ended = steps.ended("run", "steps.py:hold", "--id", "one")
    assert ended.out == '"held to the end"\n'
    assert ledger(steps) == ["held"]


def test_a_run_that_was_killed_goes_on_when_it_is_run_again(steps: Shop) -> None:
    killed = steps.ended("run", "steps.py:steps")
    assert killed.code == -signal.SIGKILL
    (steps.folder / "go").touch()
    ended = steps.ended("run", "steps.py:steps")
    assert (ended.code, ended.out) == (0, '"both"\n')
    assert ledger(steps) == ["first", "second", "second"]


def test_an_interrupted_run_ends_with_130_and_says_how_to_go_on(steps: Shop) -> None:
    with steps.process("run", "steps.py:hold", "--id", "one") as process:
        (steps.folder / "began").open().close()
        process.send_signal(signal.SIGINT)
        (steps.folder / "finish").open("w").close()
        out, err = process.communicate(timeout=50)
    assert (process.returncode, out) == (130, "")
    assert "instance 'one' is kept in sqlite:///durable.db: run the same again" in err
    assert "Traceback" not in err


def test_a_reader_that_leaves_is_no_error(durable: Shop) -> None:
    durable("start", "checkout")
    with durable.process("list") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_a_terminal_without_the_letters_loses_no_page(durable: Shop) -> None:
    durable("start", "checkout", "--id", "注文")
    ended = durable.ended("list", PYTHONIOENCODING="ascii")
    assert ended.code == 0
    assert "\\u6ce8\\u6587" in ended.out
    again = durable.ended("list", "--json", PYTHONIOENCODING="ascii")
    assert again.document["instances"][0]["id"] == "注文"


def imported(*arguments: str) -> list[str]:
    """Which of some heavy libraries a command loads."""
    code = (
        "import sys; from durable_async.cli.main import main; main(sys.argv[1:]);"
        "print([n for n in ('rich', 'libcst', 'hypothesis', 'pydantic') if n in sys.modules],"
        "file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, check=True, text=True
    )
    names: list[str] = json.loads(ended.stderr.splitlines()[-1].replace("'", '"'))
    return names


def test_what_draws_tables_is_loaded_only_to_draw_them(durable: Shop) -> None:
    durable("start", "checkout")
    assert imported("--help") == []
    assert imported("list", "--json") == []
    assert imported("list") == []  # into a pipe


def test_the_list_of_commands_needs_nothing_of_the_runtime() -> None:
    # The package itself is stood in for, since importing it may load what it offers.
    code = (
        "import sys, types; package = types.ModuleType('durable_async');"
        f"package.__path__ = {list(durable_async.__path__)!r};"
        "sys.modules['durable_async'] = package;"
        "from durable_async.cli.main import main; main(['--help']);"
        "print([n for n in ('asyncio', 'attrs', 'cattrs', 'sqlite3') if n in sys.modules],"
        "file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert "terminate" in ended.stdout
    assert ended.stderr == "[]\n"


@pytest.mark.parametrize("library", ["click", "rich"])
def test_without_the_extra_the_command_says_how_to_get_it(library: str) -> None:
    code = (
        f"import sys; sys.modules[{library!r}] = None;"
        "from durable_async.cli.main import main; sys.exit(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "list"], capture_output=True, check=False, text=True
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        f"durable: the command line needs {library}: pip install 'durable-async[cli]'\n"
    )


BASKET = """
import asyncio
import durable_async as da


@da.activity
async def refund(cents: int) -> None:
    with open("ledger", "a") as ledger:
        ledger.write(f"refund {cents}\\n")


@da.orchestrator
async def basket() -> int:
    total = 0

    async def answer() -> None:
        nonlocal total
        async for request in da.requests("add", int):
            if request.data < 0:
                request.reject("a price is not negative")
            else:
                total += request.data
                request.reply(total)

    answering = asyncio.create_task(answer())
    try:
        await da.wait_for_event("checked out")
    except asyncio.CancelledError:
        await refund(total)
        raise
    answering.cancel()
    return total
"""


def test_an_instance_is_operated_from_other_processes(durable: Shop) -> None:
    durable.write("basket.py", BASKET)
    durable.ended("start", "basket", "--id", "one")
    with working(durable, "basket.py"):
        assert durable.ended("ask", "one", "add", "100").out == "100\n"
        answered = durable.ended("ask", "one", "add", "50", "--timeout", "50", "--json")
        assert answered.document == {"id": "one", "request": "add", "data": 50, "answer": 150}
        rejected = durable.ended("ask", "one", "add", "-1")
        assert rejected.code == 1
        assert "'one' rejected request 'add': a price is not negative" in rejected.err
        misfit = durable.ended("ask", "one", "add", '"much"')
        assert misfit.code == 1 and "'add'" in misfit.err

        durable.ended("suspend", "one", "--reason", "stocktaking")
        late = durable.ended("ask", "one", "add", "1", "--timeout", "0.2", "--json")
        assert late.code == 1
        assert late.document["error"]["type_name"] == "TimeoutError"
        assert "It is SUSPENDED: stocktaking. None of its code runs until it is resumed" in late.err
        stack = durable.ended("stack", "one").out
        assert stack.startswith("one: basket, SUSPENDED, stocktaking\n")
        assert "  request add at basket.py:" in stack
        assert "  event checked out at basket.py:" in stack

        durable.ended("resume", "one")
        assert durable.ended("ask", "one", "add", "1").out == "152\n"  # the late one was added, too
        durable.ended("cancel", "one", "--reason", "not wanted")
        with pytest.raises(durable_async.InstanceCancelledError, match="not wanted"):
            asyncio.run(result_of("one"))
        assert ledger(durable) == ["refund 152"]
        asked = durable.ended("ask", "one", "add", "1")
        assert asked.code == 1 and "'one' has ended (CANCELLED" in asked.err

        assert durable.ended("restart", "one", "--id", "two").out == "two\n"
        assert durable.ended("ask", "two", "add", "7").out == "7\n"
        assert durable.ended("terminate", "two", "--yes").code == 0
    purged = durable.ended("purge", "--id-prefix", "t", "--yes", "--json")
    assert purged.document == {"purged": 1}
    assert [each["id"] for each in durable.ended("list", "--json").document["instances"]] == ["one"]
