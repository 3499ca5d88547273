from __future__ import annotations

import asyncio
import dataclasses
import fnmatch
import os
import platform
import sys
from collections.abc import Callable
from enum import StrEnum

import durable_async as da
from durable_async import orchestrator

from ci.steps import build, checkout
from ci.util import Command, Stopwatch, logged, percentile, traced, which
from ci.util.shell import backticks, quote_all

DEFAULT_BRANCH = "main"
AGENT = platform.node()
LINUX = sys.platform.startswith("linux")


class State(StrEnum):
    GREEN = "green"
    RED = "red"
    SKIPPED = "skipped"


@dataclasses.dataclass
class Job:
    name: str
    script: str
    paths: tuple[str, ...] = ("*",)
    environment: dict[str, str] = dataclasses.field(default_factory=dict)

    def concerns(self, files: set[str]) -> bool:
        return any(fnmatch.fnmatch(file, pattern) for file in files for pattern in self.paths)


@dataclasses.dataclass
class Pipeline:
    repository: str
    jobs: list[Job]
    width: int = 0

    def __post_init__(self) -> None:
        if self.width < 0:
            raise ValueError("width")


Hook = Callable[[Job, State], None]


class Reporter:
    def __init__(self) -> None:
        self.states: dict[str, State] = {}
        self.hooks: list[Hook] = [self._remember]

    def _remember(self, job: Job, state: State) -> None:
        self.states[job.name] = state

    def __call__(self, job: Job, state: State) -> None:
        for hook in self.hooks:
            hook(job, state)


def _width(pipeline: Pipeline) -> int:
    return pipeline.width or os.cpu_count() or 1  # expect: DUR125


def to_terminal(job: Job, state: State) -> None:
    sys.stdout.write(f"{job.name:20} {state}\n")  # expect: DUR143


@traced
@logged()
async def _one(job: Job, directory: str, reporter: Reporter) -> State:
    if not which(job.script.split()[0]):
        state = State.SKIPPED
    else:
        code = await build.run_job(directory, job.script, job.environment)
        state = State.GREEN if code == 0 else State.RED
    reporter(job, state)
    return state


@orchestrator
async def run_pipeline(pipeline: Pipeline, commit: str) -> dict[str, str]:
    directory = await checkout.clone(pipeline.repository, commit)
    reporter = Reporter()
    reporter.hooks.append(to_terminal)
    slots = asyncio.Semaphore(_width(pipeline))
    watch = Stopwatch(clock=lambda: da.now().timestamp())
    try:
        files = await checkout.changed_files(directory, DEFAULT_BRANCH)
        wanted = [job for job in pipeline.jobs if job.concerns(files)]

        async def limited(job: Job) -> State:
            async with slots:
                with watch:
                    return await _one(job, directory, reporter)

        states = await asyncio.gather(*map(limited, wanted))
        da.set_custom_status({"p95": percentile(watch.laps or [0.0], 0.95)})
    finally:
        await checkout.remove(directory)
    verdict = State.RED if State.RED in states else State.GREEN
    build.report(commit, verdict)  # expect: DUR133
    return {name: str(state) for name, state in reporter.states.items()}


@orchestrator
async def bisect(repository: str, good: str, bad: str, script: str) -> str:
    head = Command.parse("git rev-parse HEAD") / repository
    if head.run() == bad:
        version = backticks("git --version")
        await build.report(bad, f"head with {version}")
    commits = [good, bad]
    low, high = 0, len(commits) - 1
    while low < high - 1:
        middle = (low + high) // 2
        directory = await checkout.clone(repository, commits[middle])
        ok = await build.run_job(directory, script, head.merged_environment()) == 0
        low, high = (middle, high) if ok else (low, middle)
    return quote_all([commits[high]])


@orchestrator
async def rerun_failed(pipeline: Pipeline, commit: str, states: dict[str, str]) -> str:
    failed = {name for name, state in states.items() if state == State.RED}
    jobs = [job for job in pipeline.jobs if job.name in failed]
    again = dataclasses.replace(pipeline, jobs=jobs)
    result = await run_pipeline.options(tags={"rerun": "1"})(again, commit)
    flaky = failed - {name for name, state in result.items() if state == State.RED}
    if len(flaky) and commit != DEFAULT_BRANCH:
        await build.report(commit, f"flaky: {flaky}")  # expect: DUR134
    return f"{len(flaky)} of {len(failed)}"
